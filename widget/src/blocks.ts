// Tells the blocks of Markdown apart, line by line, as CommonMark and GitHub's tables have it.
// https://spec.commonmark.org/0.31.2/#phase-1-block-structure

type Kind = "root" | "quote" | "list" | "item" | "p" | "h" | "code" | "hr" | "table";

/** A line without the marks of what it stands in. `at`: where it begins in the whole text. */
export interface Line {
  readonly text: string;
  readonly at: number;
}

export interface Block {
  kind: Kind;
  /** Where it begins in the whole text. */
  readonly at: number;
  blocks: Block[];
  lines: Line[];
  /** Of a heading: 1 to 6. Of an ordered list: its first number; of another, NaN. */
  number: number;
  /** The sign of a list or a fence; "" if the code is indented. */
  mark: string;
  /** Columns before what an item holds, or before the fence. */
  indent: number;
  /** Of the columns of a table: "", "left", "center" or "right". */
  columns: readonly string[];
  /** Of a list: whether there are empty lines within it. */
  isLoose: boolean;
  /** Of a paragraph: the sign that is missing behind a formula on lines of its own. */
  formula: string;
}

const DEEPEST = 20; // blocks in each other; marks of deeper ones stay text
const COLUMNS = 50;
const RULE = /^([-*_])[ \t]*(?:\1[ \t]*){2,}$/;
const HEADING = /^(#{1,6})(?:[ \t]+|$)/;
const FENCE = /^(?:(`{3,})[^`]*|(~{3,}).*)$/;
const ITEM = /^(?:[-+*]|(\d{1,9})[.)])(?=[ \t]|$)/;
const DASHES = /^(:?)-+(:?)$/; // below the head of a column
/** Of lists, only these interrupt a paragraph: with 1, and with text. */
const INTERRUPTING = /^(?:[-+*]|0{0,8}1[.)])[ \t]+\S/;
const CLOSING = /^(`+|~+)[ \t]*$/;
const SIGN = /\$\$|\\./g; // what may open or close a formula on lines of its own
const LEAF = /^(p|table)$/; // what a line may be added to
const ALIGNMENTS = ["", "left", "right", "center"];
/** The ends of formulas, by their beginnings. */
export const ENDS: Readonly<Record<string, string>> = { $$: "$$", "\\[": "\\]", "\\(": "\\)" };

/** The blocks of a text, which is taken line by line. */
export class Blocks {
  readonly root = blockOf("root", 0);
  /** The blocks that may still grow, outermost first. */
  open = [this.root];
  #wasBlank = false; // the line before
  // The line that is being read
  #line = "";
  #start = 0; // in the whole text
  #end = 0;
  #at = 0;
  #column = 0;

  get #tip(): Block {
    return this.open.at(-1) as Block;
  }

  /** Takes lines for a while: what this returns takes them back. */
  save(): () => void {
    const before = [...this.open];
    const wasBlank = this.#wasBlank;
    const kept = this.open.map((one) => ({
      ...one,
      blocks: [...one.blocks],
      lines: [...one.lines],
    }));
    return () => {
      this.open = before;
      this.#wasBlank = wasBlank;
      for (const [depth, block] of this.open.entries()) Object.assign(block, kept[depth]);
    };
  }

  /** Takes one line, without its end. `from`: where it begins in the whole text. */
  take(given: string, from: number): void {
    this.#line = given;
    this.#start = from;
    this.#end = this.#start + this.#line.length;
    this.#at = this.#column = 0;
    const grown = this.#tip;
    let depth = 1;
    let isOn: boolean | null = true;
    for (; depth < this.open.length && isOn; depth++)
      isOn = this.#goesOn(this.open[depth] as Block);
    if (!isOn) depth--;
    if (isOn === null) this.open.length = depth; // the fence is closed
    const isLazy = depth < this.open.length && grown.kind === "p";
    const kept = isOn === null ? null : this.#begin(depth, isLazy);
    if (kept === null) this.#wasBlank = false;
    else if (isLazy && this.#tip === grown && this.#text()) this.#add(grown);
    else this.#close(kept);
  }

  /** What is left of the line belongs to the last of the blocks that are kept, or to a paragraph. */
  #close(kept: number): void {
    this.open.length = Math.min(this.open.length, kept);
    const last = this.#tip;
    const isBlank = !this.#text();
    const isNew = last.kind === "item" && last.at === this.#start;
    if (last.kind === "code") last.lines.push(this.#taken(this.#line.slice(this.#at)));
    else if (!isBlank) this.#add(LEAF.test(last.kind) ? last : this.#push("p"));
    this.#wasBlank = isBlank && !isNew;
  }

  #add(leaf: Block): void {
    const shown = this.#text();
    leaf.lines.push(this.#taken(shown));
    for (const { 0: sign, index } of shown.matchAll(SIGN)) {
      const formula = sign !== "\\(" && ENDS[sign];
      const isEdge = !index || !shown.slice(index + 2).trim();
      if (sign === leaf.formula) leaf.formula = "";
      else if (!leaf.formula && formula && isEdge) leaf.formula = formula;
    }
  }

  /** Whether the line belongs to a block that is open; null if it closes it. */
  #goesOn({ kind, mark, blocks, indent: inset }: Block): boolean | null {
    const [width, shown] = [this.#indent(), this.#text()];
    if (kind === "quote") return width < 4 && shown[0] === ">" && this.#quote();
    if (kind === "item") return (shown ? width >= inset : blocks.length > 0) && this.#skip(inset);
    if (kind !== "code") return kind === "list" || (!!shown && (kind === "p" || width < 4));
    const isEnd = mark ? shown.startsWith(mark) && CLOSING.test(shown) : shown;
    return width < 4 && isEnd ? (mark ? null : false) : this.#skip(inset);
  }

  /** Opens the blocks that begin in this line; returns how many are to be kept open for what is
   * left of it, or null if nothing is left. */
  #begin(matched: number, isLazy: boolean): number | null {
    for (let depth = matched; ; depth = this.open.length) {
      const within = this.open[depth - 1] as Block;
      const [width, shown] = [this.#indent(), this.#text()];
      if (within.kind === "code" || !shown || this.#tip.formula) return depth;
      const isLeaf = LEAF.test(within.kind);
      const item = width < 4 && !RULE.test(shown) ? ITEM.exec(shown) : null;
      const isNext = within.kind === "list" && within.mark === item?.[0].at(-1);
      // The new block does not stand in a paragraph, which ends here, nor between items.
      const kept = isLeaf || (within.kind === "list" && !isNext) ? depth - 1 : depth;
      const stay = isLeaf ? depth : kept;
      const enter = (kind: Kind, properties?: Partial<Block>) => {
        this.open.length = kept;
        this.#push(kind, properties);
      };
      if (width > 3) {
        if (isLeaf || isLazy) return stay;
        this.#skip(4);
        enter("code", { indent: 4 });
        return this.open.length;
      }
      if (this.#beginLeaf(within, enter)) return null;
      if (kept >= DEEPEST) return stay;
      if (shown[0] === ">") {
        this.#quote();
        enter("quote");
      } else if (item && (within.kind !== "p" || INTERRUPTING.test(shown))) {
        const [mark, number] = item;
        if (isNext) this.open.length = depth;
        else enter("list", { mark: mark.at(-1) as string, number: Number(number) });
        this.#skip(width);
        this.#at += mark.length;
        this.#column += mark.length;
        const gap = this.#indent();
        const blanks = !this.#text() || gap > 4 ? 1 : gap;
        this.#skip(blanks);
        this.#push("item", { indent: width + mark.length + blanks });
      } else return stay;
    }
  }

  /** Reads a line that is a heading or a rule, or opens a fence or a table. */
  #beginLeaf(within: Block, enter: (kind: Kind, properties?: Partial<Block>) => void): boolean {
    const shown = this.#text();
    const heading = HEADING.exec(shown);
    const fence = FENCE.exec(shown);
    const isParagraph = within.kind === "p";
    if (fence) enter("code", { mark: fence[1] ?? fence[2] ?? "", indent: this.#indent() });
    else if (heading) {
      const inner = shown.slice(heading[0].length);
      const lines = [this.#taken(inner, inner.replace(/(^|[ \t])#+[ \t]*$/, "").trimEnd())];
      enter("h", { number: heading[1]?.length ?? 1, lines });
      this.open.pop();
    } else if (isParagraph && this.#beginTable(within, shown)) return true;
    else if (isParagraph && /^(=+|-+)[ \t]*$/.test(shown)) {
      within.kind = "h";
      within.number = shown[0] === "=" ? 1 : 2;
      this.open.length = this.open.indexOf(within);
    } else if (RULE.test(shown)) {
      enter("hr");
      this.open.pop();
    } else return false;
    return true;
  }

  /** The line of dashes that makes the line before it the head of a table. */
  #beginTable(paragraph: Block, shown: string): boolean {
    const head = paragraph.lines.at(-1);
    if (!head?.text.includes("|") || ITEM.test(shown)) return false;
    const dashes = cellsOf({ text: shown, at: 0 }).map(({ text }) => DASHES.exec(text));
    if (dashes.includes(null) || dashes.length !== cellsOf(head).length) return false;
    const columns = dashes.map((found) => ALIGNMENTS[+!!found?.[1] + 2 * +!!found?.[2]] as string);
    paragraph.lines.pop();
    this.open.pop();
    if (!paragraph.lines.length) this.#tip.blocks.pop();
    this.#push("table", { lines: [head], columns: columns.slice(0, COLUMNS) });
    return true;
  }

  #push(kind: Kind, properties?: Partial<Block>): Block {
    const within = this.#tip;
    const list = within.kind === "item" ? this.open.at(-2) : within;
    if (list && this.#wasBlank && within.blocks.length) list.isLoose = true;
    const made = blockOf(kind, this.#start, properties);
    within.blocks.push(made);
    this.open.push(made);
    return made;
  }

  // The cursor

  /** What is left of the line, without blanks at its beginning. */
  #text(): string {
    return this.#line.slice(this.#at).replace(/^[ \t]+/, "");
  }

  /** How many columns of blanks come next. */
  #indent(): number {
    let end = this.#column;
    for (let next = this.#at; /[ \t]/.test(this.#line[next] ?? ""); next++)
      end += this.#line[next] === "\t" ? 4 - (end % 4) : 1;
    return end - this.#column;
  }

  /** Skips so many columns of blanks, or as many as there are. */
  #skip(columns: number): true {
    for (const end = this.#column + columns; this.#column < end; this.#column++) {
      if (!/[ \t]/.test(this.#line[this.#at] ?? "")) break;
      const tab = " ".repeat(4 - (this.#column % 4)); // a part of it may belong to what comes next
      if (this.#line[this.#at] === "\t")
        this.#line = this.#line.slice(0, this.#at) + tab + this.#line.slice(this.#at + 1);
      this.#at++;
    }
    return true;
  }

  #quote(): true {
    this.#skip(4);
    this.#at++;
    this.#column++;
    return this.#skip(1);
  }

  #taken(shown: string, text = shown): Line {
    return { text, at: this.#end - shown.length };
  }
}

/** The cells of a row. A bar in code is no border. */
export function cellsOf({ text, at }: Line): Line[] {
  const cells: Line[] = [];
  const bars = /\\.|(`+)[^`](?:.{0,999}?[^`])??\1(?!`)|\|/g;
  let start = 0;
  const cut = (end: number) => {
    const cell = text.slice(start, end);
    cells.push({ text: cell.trim(), at: at + start + (/\S/.exec(cell)?.index ?? 0) });
    start = end + 1;
  };
  for (const { 0: bar, index } of text.matchAll(bars)) if (bar === "|") cut(index);
  cut(text.length);
  if (!cells[0]?.text) cells.shift();
  if (!cells.at(-1)?.text) cells.pop();
  return cells;
}

function blockOf(kind: Kind, at: number, properties?: Partial<Block>): Block {
  const empty = { blocks: [], lines: [], columns: [], mark: "", formula: "" };
  return { kind, at, ...empty, number: Number.NaN, indent: 0, isLoose: false, ...properties };
}
