// Shows an answer while it arrives. Markdown becomes elements; text becomes text nodes and is
// never read as HTML.

import {
  CHECKBOX,
  CODE_BLOCK,
  CODE_FENCE,
  EQUATION_BLOCK,
  EQUATION_INLINE,
  IMAGE,
  LINE_BREAK,
  LINK,
  LIST_ITEM,
  LIST_ORDERED,
  RAW_URL,
  TABLE,
  TABLE_CELL,
  TABLE_ROW,
} from "streaming-markdown";
import { button, element } from "./dom.ts";
import { Markdown, type Sink } from "./markdown.ts";
import { addText, copy, endOf, link, sectionOf, trimEnd, unwrap } from "./prose_dom.ts";
import { BLOCKS, MARKS, NAMES, PARENTS } from "./prose_names.ts";
import type { FinishedSentence } from "./protocol.ts";
import { Sentences } from "./sentences.ts";

export interface ProseOptions {
  /** A button for the citation [n]; null if there is no such source. `proof`: what is known of the
   * sentence of the book that supports the one before. */
  cite(index: number, proof: () => string | undefined): HTMLElement | null;
  words: { copy: string; copied: string; table: string; unfound: string };
  math(): Promise<typeof import("./math.ts")>;
}

interface Open {
  token: number;
  node: HTMLElement; // the text goes here
  outer: HTMLElement; // the child of the parent's node
  depth: number;
  address?: string; // of a link or an image, once it is known
  isTurned?: boolean; // its direction is set
}

const FLAT = 0; // a token without an element: its text goes into the parent
const ROOT = -1;
const DEEPEST = 20; // deeper elements are left out, their text stays
const COLUMNS = 50;
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]/;

export class Prose implements Sink {
  readonly #options: ProseOptions;
  readonly #markdown: Markdown;
  readonly #open: Open[];
  readonly #sentences: Sentences;
  #text = "";
  #half = ""; // of a surrogate pair that was cut

  constructor(root: HTMLElement, options: ProseOptions) {
    this.#options = options;
    this.#sentences = new Sentences(root, options.words.unfound);
    this.#open = [{ token: ROOT, node: root, outer: root, depth: 0 }];
    this.#markdown = new Markdown(this);
  }

  write(piece: string): void {
    const text = this.#half + piece;
    this.#half = /[\ud800-\udbff]$/.exec(text)?.[0] ?? "";
    this.#markdown.write(this.#half ? text.slice(0, -1) : text);
    this.#flush();
    this.#underline();
  }

  /** Takes the sentences so far, and underlines those that the book does not support. */
  prove(sentences: readonly FinishedSentence[]): void {
    this.#sentences.set(sentences);
    this.#underline();
  }

  /** Shows the rest. Marks that are not closed stay as text. */
  end(): void {
    this.#markdown.end();
    this.#flush();
    while (this.#open.length > 1) {
      const { token, node, outer } = this.#top;
      if (token === LINK || token === IMAGE) this.close(false);
      else this.#open.pop();
      if (token && !node.textContent) outer.remove();
    }
    this.read(1); // nothing is held back any more; the line break at the end was no character
    this.#underline();
  }

  // From the parser, token by token

  open(token: number): void {
    this.#flush();
    this.#place();
    const { node, depth } = this.#top;
    const isHead = token === TABLE_CELL && node.parentElement?.localName === "thead";
    const name = isHead ? "th" : (NAMES[token] ?? "");
    if (!name || this.#isFlat(token)) {
      if (BLOCKS.test(name) && token !== TABLE_CELL && node.lastChild) node.append(element("br"));
      this.#open.push({ token: FLAT, node, outer: node, depth });
      return;
    }
    const last = node.lastChild as HTMLElement | null;
    const goesOn = last && /^[uo]l$/.test(name) && last.localName === name; // the parser splits lists
    const made = goesOn ? last : document.createElement(name);
    const outer = this.#dress(token, made);
    this.#open.push({ token, node: made, outer, depth: depth + 1, isTurned: !!made.dir });
    if (token === TABLE_ROW) sectionOf(node as HTMLTableElement).append(outer);
    else if (token !== LINK) node.append(outer);
  }

  text(text: string): void {
    if (this.#top.token === RAW_URL) return;
    this.#text += text;
    this.#sentences.letters.add(text);
  }

  attribute(value: string): void {
    const open = this.#top;
    if (open.token === CHECKBOX) open.node.setAttribute("checked", "");
    if (open.token === LIST_ORDERED && !open.node.firstChild)
      (open.node as HTMLOListElement).start = Number.parseInt(value.slice(0, 9), 10);
    open.address = value;
  }

  close(isMarked: boolean, isCitation = false): void {
    this.#flush();
    const closed = this.#open.pop() as Open;
    const { token, node, address } = closed;
    const mark = MARKS[token];
    if (mark && !isMarked) unwrap(node, mark);
    if (token === LINK) this.#closeLink(closed, isMarked, isCitation);
    if (token === IMAGE)
      address === undefined ? unwrap(node, "![", isMarked ? "]" : "") : unwrap(node);
    if (token === RAW_URL) {
      node.textContent = address ?? "";
      this.#sentences.letters.add(node.textContent);
      link(node as HTMLAnchorElement, address);
    }
    if (token === EQUATION_BLOCK || token === EQUATION_INLINE) this.#draw(closed);
  }

  abandon(): string {
    this.#flush();
    const open = this.#top;
    open.token = FLAT;
    open.outer.remove();
    this.#sentences.letters.remove(open.node.textContent);
    return open.node.textContent;
  }

  read(held: number): void {
    this.#sentences.letters.read(held);
  }

  get #top(): Open {
    return this.#open.at(-1) as Open;
  }

  #isFlat(token: number): boolean {
    const { token: parent, depth, node } = this.#top;
    // A line break after a formula on lines of its own would show as an empty line.
    if (token === LINE_BREAK && (node.lastChild as Element | null)?.className === "math block")
      return true;
    if (token === TABLE_CELL && node.childElementCount > COLUMNS) return true;
    if (PARENTS[token]) return parent !== PARENTS[token];
    if (token === LIST_ITEM) return parent === FLAT;
    const isLeaf = !MARKS[token] && !BLOCKS.test(NAMES[token] ?? "");
    return depth >= (isLeaf ? DEEPEST + 5 : DEEPEST);
  }

  #flush(): void {
    const text = this.#text;
    if (!text) return;
    const { token, node } = this.#top;
    const isHeld = token === LINK && !node.parentNode;
    if (isHeld && !/^\d{0,3}$/.test(node.textContent + text)) this.#place();
    const [letter] = /\p{L}/u.exec(text) ?? [];
    if (letter) this.#turn(RIGHT_TO_LEFT.test(letter) ? "rtl" : "ltr");
    addText(node, text);
    this.#text = "";
  }

  // The first letter of a block sets its direction, as with dir="auto". But with "auto" browsers
  // read the whole block again each time it grows.
  #turn(dir: string): void {
    for (let at = this.#open.length - 1; at > 0; at--) {
      const open = this.#open[at] as Open;
      if (open.isTurned) return;
      open.isTurned = true;
      if (BLOCKS.test(open.node.localName)) open.node.dir = dir;
    }
  }

  // A link is not added to its parent while it may still become a citation.
  #place(): void {
    const { token, node } = this.#top;
    if (token === LINK && !node.parentNode) this.#open.at(-2)?.node.append(node);
  }

  #closeLink({ node, address }: Open, isMarked: boolean, isCitation: boolean): void {
    const parent = this.#top.node;
    const label = node.textContent;
    const bare = label.normalize("NFKC").replace(/[^\p{L}\p{N}]/gu, "");
    // A link must not look like a citation.
    const isNumber = isMarked && /^\p{N}{0,3}$/u.test(bare);
    const isAlone = isCitation && /^\d+$/.test(label);
    const citation = isAlone && this.#options.cite(+label, this.#sentences.proofFor(label));
    if (citation) {
      node.remove();
      this.#sentences.letters.remove(label);
      trimEnd(parent);
      endOf(parent).append(citation);
      return;
    }
    if (!node.parentNode) parent.append(node);
    if (address === undefined || isNumber) unwrap(node, "[", isMarked ? "]" : "");
    else link(node as HTMLAnchorElement, address);
  }

  #underline(): void {
    const { token } = this.#top;
    // What is open as a formula may come again as text.
    if (token !== EQUATION_BLOCK && token !== EQUATION_INLINE) this.#sentences.underline();
  }

  async #draw({ token, node, outer }: Open): Promise<void> {
    const tex = node.textContent;
    if (!tex.trim()) return outer.remove();
    try {
      const { formula } = await this.#options.math();
      outer.replaceChildren(formula(tex, token === EQUATION_BLOCK));
    } catch {} // its TeX stays visible
  }

  // Adds what an element needs besides its name. Returns the node for the parent.
  #dress(token: number, made: HTMLElement): HTMLElement {
    const { words } = this.#options;
    if (token === CHECKBOX) Object.assign(made, { type: "checkbox", disabled: true });
    if (token === EQUATION_BLOCK || token === EQUATION_INLINE) {
      made.className = "tex";
      const className = token === EQUATION_BLOCK ? "math block" : "math";
      return element("span", { className }, made);
    }
    if (token === CODE_BLOCK || token === CODE_FENCE) {
      const copying = button("copy", words.copy, () => copy(made, copying, words));
      const pre = element("pre", { tabIndex: 0, dir: "ltr" }, made);
      return element("figure", { className: "code" }, pre, copying);
    }
    if (token !== TABLE) return made;
    const properties = { className: "table", tabIndex: 0, role: "region", ariaLabel: words.table };
    return element("div", properties, made);
  }
}
