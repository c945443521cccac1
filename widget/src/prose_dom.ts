// Small changes to the elements of an answer: links, text nodes, copying.

import { element } from "./dom.ts";

const TEXT_LIMIT = 1000; // characters; a longer text node gets no more text
const WORD_LIMIT = 12; // characters that stay on one line with their citations
const KEPT = 4; // citations on one line with a word
const ADDRESS_LIMIT = 2000;
const COPIED = 2000; // ms that "Copied" is shown

export function sectionOf(table: HTMLTableElement): HTMLTableSectionElement {
  return table.tHead ? (table.tBodies[0] ?? table.createTBody()) : table.createTHead();
}

/** Sets the address of a link. If it is not http(s), only the text of the link stays. */
export function link(node: HTMLAnchorElement, text = ""): void {
  const href = webAddress(text);
  const rel = "noopener noreferrer nofollow ugc";
  if (!href || node.querySelector("a, button")) unwrap(node);
  else Object.assign(node, { href, title: href, target: "_blank", rel });
}

function webAddress(text: string): string | null {
  const [address = ""] = text.trim().replace(/^<|>$/g, "").split(/\s/);
  if (!/^https?:\/\//i.test(address) || address.length > ADDRESS_LIMIT) return null;
  if (!URL.canParse(address)) return null;
  const { href, username, password } = new URL(address);
  return username || password ? null : href;
}

/** Replaces a last child by its own children, with text before and after them. */
export function unwrap(node: HTMLElement, before = "", after = ""): void {
  const parent = node.parentNode as HTMLElement;
  node.remove();
  addText(parent, before);
  for (let child = node.firstChild; child; child = node.firstChild) {
    child.remove();
    if (child instanceof Text) addText(parent, child.data);
    else parent.append(child);
  }
  addText(parent, after);
}

// Few text nodes are fast to walk through; but a very long one is slow to add to.
export function addText(node: HTMLElement, text: string): void {
  const last = node.lastChild;
  if (last instanceof Text && last.length < TEXT_LIMIT) last.appendData(text);
  else if (text) node.append(text);
}

export function trimEnd(node: HTMLElement): void {
  for (let last = node.lastChild; last instanceof Text; last = node.lastChild) {
    last.data = last.data.trimEnd();
    if (last.data) return;
    last.remove();
  }
}

/** The element that keeps citations on one line with the word before them. */
export function endOf(parent: HTMLElement): HTMLElement {
  let last = parent.lastChild;
  if (last instanceof HTMLElement && last.className === "keep" && last.childElementCount < KEPT)
    return last;
  const made = element("span", { className: "keep" });
  if (last instanceof Text) {
    const before = last.previousSibling;
    if (before instanceof Text) {
      before.appendData(last.data);
      last.remove();
      last = before;
    }
    const word = /\S*$/.exec((last as Text).data.slice(-WORD_LIMIT)) as RegExpExecArray;
    made.append((last as Text).splitText((last as Text).length - word[0].length));
  }
  parent.append(made);
  return made;
}

/** Shows text with a word about it: on hover, and for screen readers behind it. */
export function underline(texts: Text[], word: string): void {
  let last: HTMLElement | undefined;
  for (const text of texts) {
    if (text.parentElement?.closest(".math")) continue;
    last = element("span", { className: "unfound", title: word });
    text.replaceWith(last);
    last.append(text);
  }
  const unseen = element("span", { className: "unseen" }, ` (${word})`);
  unseen.dataset.scholiastIgnore = ""; // it is no part of the answer's letters
  last?.append(unseen);
}

export async function copy(
  code: HTMLElement,
  pressed: HTMLElement,
  words: { copy: string; copied: string },
) {
  try {
    await navigator.clipboard.writeText(code.textContent);
    pressed.textContent = words.copied;
    setTimeout(() => {
      pressed.textContent = words.copy;
    }, COPIED);
  } catch {
    getSelection()?.selectAllChildren(code); // so that the reader can copy it
  }
}
