// Markdown as it comes in: one character at a time, so that it does not matter where a text was
// cut, and with the parser's blind spots mended (dollars that are money, lines of display math,
// names_with_underscores, brackets in addresses).

import {
  BLOCKQUOTE,
  CHECKBOX,
  CODE_BLOCK,
  CODE_FENCE,
  CODE_INLINE,
  EQUATION_BLOCK,
  EQUATION_INLINE,
  IMAGE,
  ITALIC_UND,
  LINE_BREAK,
  LINK,
  LIST_ITEM,
  MAYBE_EQ_BLOCK,
  PARAGRAPH,
  type Parser,
  parser,
  parser_write,
  RAW_URL,
  RULE,
  STRIKE,
  STRONG_UND,
  TABLE,
  type Token,
} from "streaming-markdown";

/** Takes what was understood. */
export interface Sink {
  open(token: Token): void;
  /** False where the closing mark is missing: a paragraph ended inside of emphasis. */
  close(isMarked: boolean): void;
  text(text: string): void;
  attribute(value: string): void;
  /** What is open, a formula, is none. Returns its source, which comes again as text. */
  abandon(): string;
}

/** The parser's own state, as far as this file reads and sets it. The library promises none of it:
 * its version is pinned, and test/parser.test.ts says what each field has to do. */
export type ParserState = Pick<
  Parser,
  | "blockquote_idx"
  | "indent_len"
  | "len"
  | "pending"
  | "spaces"
  | "table_state"
  | "text"
  | "token"
  | "tokens"
>;

const VERBATIM = new Set([CODE_BLOCK, CODE_FENCE, CODE_INLINE, RAW_URL, IMAGE] as number[]);
const ADDRESS_LIMIT = 2000;
const PENDING_LIMIT = 1000;
const SOURCE_LIMIT = 5000; // of what is held for a formula
const INVISIBLE = /[\0\u202a-\u202e\u2066-\u2069]/; // NUL, and what turns the order of text around
const PRICE = /^[\d.,]+(?: ?[A-Za-z]{2}|[.,;:?)] )/;

export class Markdown {
  readonly #parser: ParserState;
  readonly #sink: Sink;
  #opener = ""; // of the open formula
  #source = "";
  #isPlain = false; // no formulas: what was taken for one is read again

  constructor(sink: Sink) {
    this.#sink = sink;
    const made: ParserState = parser({
      data: sink,
      add_token: (_, token) => {
        // The parser forgets to: a stale indent would end a fence at its first line.
        if (token !== LINE_BREAK && token !== RULE && token !== CHECKBOX) made.spaces[made.len] = 0;
        if (token === EQUATION_BLOCK || token === EQUATION_INLINE) {
          this.#opener = made.pending === "\\" ? "\\(" : made.pending;
          this.#source = "";
        }
        sink.open(token);
      },
      end_token: () => sink.close(!/^[\n>|+\-\d#]/.test(made.pending)),
      add_text: (_, text) => sink.text(text),
      set_attr: (_, _type, value) => sink.attribute(value),
    });
    this.#parser = made;
  }

  write(piece: string): void {
    for (const char of piece) if (!INVISIBLE.test(char)) this.#take(char);
  }

  end(): void {
    const p = this.#parser;
    const isOpen = p.token === EQUATION_INLINE && this.#opener === "$" && p.pending !== "$";
    if (isOpen && !/[\\^_{=+]/.test(this.#source)) this.#abandon();
    if (p.token === CODE_FENCE && /^\n[ `]*$/.test(p.pending))
      p.pending = ""; // half a fence
    else if (this.#isAddress() && !/\s/.test(p.pending)) this.#finish("](", ")");
    else if (p.pending) this.#take("\n");
    this.#put("");
  }

  #put(char: string): void {
    parser_write(this.#parser as Parser, char);
  }

  /** Puts what completes the pending mark, and leaves nothing pending. */
  #finish(pending: string, char: string): void {
    this.#parser.pending = pending;
    this.#put(char);
    this.#parser.pending = "";
  }

  #takeAll(text: string): void {
    for (const char of text) this.#take(char);
  }

  #take(char: string): void {
    const p = this.#parser;
    const { token, pending } = p;
    if (token === EQUATION_INLINE || token === EQUATION_BLOCK) this.#takeMath(char);
    else if (this.#isAddress()) this.#takeAddress(char);
    else if (this.#isTooMuch(char)) return;
    else if (token === RAW_URL && /[\s\\[\]<>"|`]/.test(char)) this.#endUrl(char);
    else if (token === TABLE && p.table_state === 1 && pending && !/[-|: \n]/.test(char)) {
      p.table_state = 2; // there is no line below the head: what came is a row, or no table
      p.pending = pending.startsWith("|") ? "" : "\n";
      this.#takeAll(pending + char);
    } else if (token === MAYBE_EQ_BLOCK) {
      this.#put("\n"); // the parser knows those only that begin on a line of their own
      if (char === "\n") this.#source = char;
      else this.#takeMath(char);
    } else if (pending === "$" && /\d/.test(char) && this.#mayOpen()) {
      this.#finish("$", "x"); // the parser takes $2 for money
      this.#takeMath(char);
    } else {
      if (token === LINE_BREAK && pending === "\n" && p.tokens[p.len] === LIST_ITEM)
        this.#unquote();
      if (token === IMAGE && char === "\n" && pending !== "]") this.#tear();
      else if (token === CODE_FENCE && char === "\n" && /^[^\n`].*`$/.test(pending)) this.#keep();
      else if (!VERBATIM.has(token) && this.#isLiteral(char)) this.#put("\\");
      this.#put(char);
      if (p.token === EQUATION_INLINE) this.#source = p.pending;
    }
  }

  /** After an empty line a list may go on, but not one in a quote that ended. */
  #unquote(): void {
    const p = this.#parser;
    const hasEnded = p.tokens.subarray(p.blockquote_idx + 1, p.len).includes(BLOCKQUOTE);
    if (hasEnded) p.tokens[p.len] = PARAGRAPH;
    else p.blockquote_idx = 0;
  }

  /** A rule of many dashes stays one with fewer, and so do fences; the parser looks at each again. */
  #isTooMuch(char: string): boolean {
    const { token, pending } = this.#parser;
    if (pending.length < PENDING_LIMIT || token === RAW_URL) return false;
    return pending.startsWith("```") ? char !== "\n" : pending.includes(char);
  }

  #mayOpen(): boolean {
    const { token, indent_len } = this.#parser;
    return !VERBATIM.has(token) && token !== STRIKE && indent_len < 4;
  }

  #isLiteral(char: string): boolean {
    const { token, pending } = this.#parser;
    if (this.#isPlain && (char === "$" || (pending === "\\" && /[[(]/.test(char)))) return true;
    if (char !== "_" || token === ITALIC_UND || token === STRONG_UND) return false;
    return /[\p{L}\p{N}]$/u.test(pending.slice(-2)); // of_a_name
  }

  // Formulas

  #takeMath(char: string): void {
    const p = this.#parser;
    const { pending } = p;
    const isDollar = this.#opener === "$";
    if (pending === "\\" && char === "$") {
      p.text += "\\$";
      p.pending = "";
      this.#source += char;
    } else if (isDollar && pending === "$") {
      if (/\d/.test(char)) {
        p.pending = "";
        this.#abandon();
        this.#take("$");
      } else this.#finish("$", " ");
      this.#take(char);
    } else if (this.#isNone(char)) {
      this.#abandon();
      this.#take(char);
    } else {
      this.#put(char);
      this.#source += char;
    }
  }

  /** What was taken for a formula holds a blank line or another one, is a price, or has no end. */
  #isNone(char: string): boolean {
    const source = this.#source;
    if (source.length > SOURCE_LIMIT) return true;
    if (char === "\n" && /\n[ \t]*$/.test(source.slice(-99))) return /\S/.test(source.slice(0, 99));
    if (this.#opener !== "$") return false;
    if (/[[(]/.test(char) && /(^|[^\\])\\$/.test(source.slice(-2))) return true;
    return (
      (source.length < 20 && PRICE.test(source)) || (char === "$" && /\s/.test(source.slice(-1)))
    );
  }

  #abandon(): void {
    const p = this.#parser;
    const source = this.#opener + this.#sink.abandon() + p.text + p.pending;
    p.text = "";
    this.#finish("$", p.token === EQUATION_BLOCK ? "$" : " ");
    this.#isPlain = true;
    this.#takeAll(source);
    this.#isPlain = false;
  }

  // Addresses

  #isAddress(): boolean {
    const { token, pending } = this.#parser;
    return (token === LINK || token === IMAGE) && pending.startsWith("](");
  }

  #takeAddress(char: string): void {
    const p = this.#parser;
    const count = (mark: string) => p.pending.split(mark).length;
    const isEnd = char === ")" && count("(") - 1 <= count(")");
    const target = isEnd ? p.pending.slice(2).trim() : "";
    const [address = ""] = target.split(/ +(?=["'(])/); // a title comes after it
    if (/[./#:]/.test(address) && !/\s/.test(address)) this.#put(char);
    else if (!isEnd && !/[[\n]/.test(char) && p.pending.length < ADDRESS_LIMIT) p.pending += char;
    else {
      const rest = p.pending.slice(1); // it is no address
      this.#finish("]", " ");
      this.#takeAll(rest + char);
    }
  }

  /** An image's words end with their line. */
  #tear(): void {
    this.#keep();
    this.#finish("]", " ");
  }

  /** Backticks at the end of a line of code do not end the code. */
  #keep(): void {
    this.#parser.text += this.#parser.pending;
    this.#parser.pending = "";
  }

  #endUrl(char: string): void {
    const p = this.#parser;
    const marks = p.pending.includes("(") ? /[.,;:!?'"*_~]*$/ : /[.,;:!?)'"*_~]*$/;
    const end = p.pending.slice(-20).replace(marks, "").length - Math.min(20, p.pending.length);
    const rest = end ? p.pending.slice(end) : "";
    this.#finish(end ? p.pending.slice(0, end) : p.pending, " ");
    this.#takeAll(rest + char);
  }
}
