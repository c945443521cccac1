// Shows an answer while it arrives. Markdown becomes elements; text becomes text nodes and is
// never read as HTML. What is over is left alone; the block that grows is read again with each
// piece, and of its elements only what differs is changed.

import { type Block, Blocks, cellsOf, type Line } from "./blocks.ts";
import { button, element } from "./dom.ts";
import { partsOf } from "./inline.ts";
import { type Around, INVISIBLE, type ProseOptions, textViews } from "./prose_text.ts";
import type { FinishedSentence } from "./protocol.ts";
import { Sentences } from "./sentences.ts";
import { patch, textView, type View, viewOf } from "./view.ts";

/** A block of n characters is read again when it is n²/PACE longer: a very long one in large steps. */
const PACE = 300_000;
const RIGHT_TO_LEFT = /^\P{L}*[\u0590-\u08ff]/u; // by the first letter
const COPIED = 2000; // ms that "Copied" is shown
/** The beginning of a line that may still become anything. It waits for more of itself. */
const UNDECIDED = /^[-+*_=#|:`~>\s\d.)]{0,200}(?:(?<=`{3}|~{3})[^`]*)?$/;
const BARE = /^[\s>]*(?:[-+*|]|#{1,6}|`+|~+)\s*$/; // nothing but the mark of a block
const TASK = /^\[([ xX])\][ \t]+/;

export class Prose {
  readonly #root: HTMLElement;
  readonly #around: Around;
  readonly #blocks = new Blocks();
  readonly #sentences = new Sentences();
  readonly #views: View[][] = []; // of each block of the root
  #over = 0; // how many of them do not change any more
  #from = 0; // where the others begin
  #shown = 0; // how much of the text is shown
  #line = ""; // the last one, so far
  #start = 0; // of it
  #tip: Block | undefined;
  #hasEnded = false;
  #isCut = false; // the last line has no end

  constructor(root: HTMLElement, options: ProseOptions) {
    this.#root = root;
    this.#around = { ...options, sentences: this.#sentences, buttons: new Map() };
  }

  write(piece: string): void {
    const text = piece.replaceAll("\r", " ");
    this.#sentences.read(text);
    for (const [index, part] of text.split("\n").entries()) {
      if (index) this.#endLine();
      this.#line += part;
    }
    const end = this.#start + this.#line.length;
    if ((end - this.#shown) * PACE >= (end - this.#from) ** 2) this.#show();
  }

  /** Takes the sentences so far, and underlines those that the book does not support. */
  prove(sentences: readonly FinishedSentence[]): void {
    const from = this.#sentences.set(sentences);
    if (from === Number.POSITIVE_INFINITY) return;
    const { blocks } = this.#blocks.root;
    while (this.#over && (blocks[this.#over]?.at ?? this.#start) > from) this.#over--;
    this.#show();
  }

  /** Shows the rest. Marks that are not closed stay as text. */
  end(): void {
    if (this.#hasEnded) return;
    this.#isCut = /\S/.test(this.#line);
    if (this.#isCut && !BARE.test(this.#line)) this.#endLine();
    this.#line = "";
    this.#hasEnded = true;
    this.#show();
  }

  #endLine(): void {
    this.#blocks.take(this.#line, this.#start);
    this.#start += this.#line.length + 1;
    this.#line = "";
  }

  #show(): void {
    const blocks = this.#blocks;
    const { root } = blocks;
    const restore = blocks.save();
    if (!UNDECIDED.test(this.#line)) blocks.take(this.#line, this.#start);
    this.#tip = blocks.open.at(-1);
    const before = this.#views.slice(this.#over).flat();
    this.#views.length = this.#over;
    for (const block of root.blocks.slice(this.#over)) this.#views.push(this.#make(block));
    const now = this.#views.slice(this.#over).flat();
    patch(this.#root, before, now);
    // Not "auto": without a letter, browsers would look through all of it at each change.
    for (const { outer } of now) {
      const shown = outer as HTMLElement;
      const dir = directionOf(shown.textContent);
      if (shown.dir !== dir) shown.dir = dir; // the same one would be styled again, too
    }
    restore();
    this.#over = root.blocks.length - (blocks.open.length > 1 ? 1 : 0);
    this.#from = root.blocks[this.#over]?.at ?? this.#start;
    this.#shown = this.#start + this.#line.length;
  }

  // Blocks

  #make(block: Block, isTight = false, isFirst = false): View[] {
    const { kind, number } = block;
    const inner = (isEach = false) =>
      block.blocks.flatMap((one, index) => this.#make(one, isEach, !index));
    if (kind === "code") return this.#code(block);
    if (kind === "table") return [this.#table(block)];
    if (kind === "h") return [viewOf(`h${Math.min(6, number + 3)}`, this.#inline(block))];
    if (kind === "quote") return [viewOf("blockquote", inner())];
    if (kind === "item") {
      const dir = directionOf(beginningOf(block)); // its bullet stands where its text begins
      return [viewOf("li", inner(isTight), { dir })];
    }
    if (kind === "list") {
      const start = number >= 0 && number !== 1 ? { start: `${number}` } : {};
      return [viewOf(number >= 0 ? "ol" : "ul", inner(!block.isLoose), start)];
    }
    const views = this.#inline(block, isFirst);
    return kind === "hr" || (!isTight && views.length) ? [viewOf(kind, views)] : views;
  }

  #code({ lines, mark }: Block): View[] {
    if (!lines.length) return [];
    const end = mark ? lines.length : lines.findLastIndex(({ text }) => text.trim()) + 1;
    const text = textOf(lines.slice(0, end)).replace(INVISIBLE, "");
    const make = () => {
      const code = element("code");
      const copying = button("copy", this.#around.words.copy, () => this.#copy(code, copying));
      const pre = element("pre", { tabIndex: 0, dir: "ltr" }, code);
      const outer = element("figure", { className: "code" }, pre, copying);
      return { outer, inner: code };
    };
    return [viewOf("figure", [textView(text)], {}, make)];
  }

  #table({ lines, columns }: Block): View {
    const rows = lines.map((line, row) => {
      const cells = cellsOf(line);
      const views = columns.map((align, column) => {
        const cell = cells[column];
        const look = align ? { class: align } : {};
        return viewOf(row ? "td" : "th", cell ? this.#text([cell]) : [], look);
      });
      return viewOf("tr", views);
    });
    const [head, ...body] = rows as [View, ...View[]];
    const parts = [viewOf("thead", [head])];
    if (body.length) parts.push(viewOf("tbody", body));
    const ariaLabel = this.#around.words.table;
    const make = () => {
      const table = element("table");
      const around = { className: "table", tabIndex: 0, role: "region", ariaLabel };
      return { outer: element("div", around, table), inner: table };
    };
    return viewOf("table", parts, {}, make);
  }

  // Text

  #inline(block: Block, isFirst = false): View[] {
    const isTip = block === this.#tip;
    const isGrowing = isTip && !this.#hasEnded;
    // The head of a table, before its line of dashes has come.
    const isHead = isGrowing && block.lines.at(-1)?.text.startsWith("|");
    const lines = block.lines.slice(0, isHead ? -1 : undefined);
    const boxes: View[] = [];
    const [first] = lines;
    const [box, mark] = (isFirst && first && TASK.exec(first.text)) || [];
    if (first && box) {
      const width = box.length - 1;
      const state: Record<string, string> = mark === " " ? {} : { checked: "" };
      lines[0] = { text: first.text.slice(width), at: first.at + width };
      boxes.push(viewOf("input", [], { type: "checkbox", disabled: "", ...state }));
    }
    return [...boxes, ...this.#text(lines, isGrowing, isGrowing || (isTip && this.#isCut))];
  }

  #text(lines: readonly Line[], isGrowing = false, isLast = false): View[] {
    return textViews(partsOf(textOf(lines), isGrowing, isLast), lines, this.#around);
  }

  async #copy(code: HTMLElement, pressed: HTMLElement): Promise<void> {
    const { words } = this.#around;
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
}

const directionOf = (text: string) => (RIGHT_TO_LEFT.test(text) ? "rtl" : "ltr");

const beginningOf = ({ blocks: [inner], lines: [line] }: Block): string =>
  inner ? beginningOf(inner) : (line?.text.slice(0, 99) ?? "");

const textOf = (lines: readonly Line[]) => lines.map(({ text }) => text).join("\n");
