// Links, text nodes and what else an answer does to the page.

import { element } from "./dom.ts";

const TEXT_LIMIT = 1000; // of a text node that more is added to
const WORD_LIMIT = 12; // of what stays on a line with its citations
const KEPT = 4; // citations
const ADDRESS_LIMIT = 2000;
const COPIED = 2000; // ms that it is said

export function sectionOf(table: HTMLTableElement): HTMLTableSectionElement {
  return table.tHead ? (table.tBodies[0] ?? table.createTBody()) : table.createTHead();
}

/** Makes it lead to the address; where that is none of the web, its text alone stays. */
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

/** Puts what is in it, and marks around that, in the place of a last child. */
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

// Few text nodes, as browsers walk along them, and none so long that adding to it takes time.
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

/** What keeps a citation on the line of the word before it. */
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
    getSelection()?.selectAllChildren(code); // for the reader to copy
  }
}
