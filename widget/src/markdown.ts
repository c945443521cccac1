// Reads Markdown while it arrives, one character at a time, so that the pieces may be cut anywhere.
// Corrects what the parser gets wrong: dollars that are money, formulas on lines of their own,
// names_with_underscores, brackets in addresses.

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

/** Receives what was read. */
export interface Sink {
  open(token: Token): void;
  /** `isMarked` is false if the closing mark is missing: a paragraph ended inside emphasis.
   * `isCitation`: the text up to here ends as the server writes citations. */
  close(isMarked: boolean, isCitation: boolean): void;
  text(text: string): void;
  attribute(value: string): void;
  /** The open formula is not one. Returns its source, which will come again as text. */
  abandon(): string;
  /** One more character was read; the last `held` of all of them are not shown yet. */
  read(held: number): void;
}

/** The private fields of the parser that this file reads or sets. The library does not promise
 * them: its version is pinned, and test/parser.test.ts checks each field. */
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
const SOURCE_LIMIT = 5000; // of a formula
const INVISIBLE = /[\0\u202a-\u202e\u2066-\u2069]/; // NUL; characters that reverse text
/** A number in brackets that the server may have meant as a citation: not an index that belongs to
 * the name, call or bracket before it, not the text or the name of a link. tests/support/citation_places.py has
 * cases; chains/answering/prose.py reads them in the same way. */
const CITATION =
  /(?<!([\p{L}\p{N}_]\([^()\n]{0,40}\)|(?=[\0-\u052f])[\p{L}\p{N}_]|[}\\]|(?<!\[\d{1,3})\])(\[\d{1,3}\])*)\[\d{1,3}\]([^(:]|(?<!(^|\n)[ \t]*\[\d{1,3}\]):)$/u;
const REMEMBERED = 99; // characters
const PRICE = /^[\d.,]+(?: ?[A-Za-z]{2}|[.,;:?)] )/;

export class Markdown {
  readonly #parser: ParserState;
  readonly #sink: Sink;
  #opener = ""; // the sign that opened the formula
  #source = "";
  #isPlain = false; // read no formulas: this text was taken for one by mistake
  #before = ""; // the last characters

  constructor(sink: Sink) {
    this.#sink = sink;
    const made: ParserState = parser({
      data: sink,
      add_token: (_, token) => {
        // The parser does not reset it. An old indent would end a code fence at its first line.
        if (token !== LINE_BREAK && token !== RULE && token !== CHECKBOX) made.spaces[made.len] = 0;
        if (token === EQUATION_BLOCK || token === EQUATION_INLINE) {
          this.#opener = made.pending === "\\" ? "\\(" : made.pending;
          this.#source = "";
        }
        sink.open(token);
      },
      end_token: () =>
        sink.close(
          !/^[\n>|+\-\d#]/.test(made.pending),
          made.pending === "]" && CITATION.test(this.#before),
        ),
      add_text: (_, text) => sink.text(text),
      set_attr: (_, _type, value) => sink.attribute(value),
    });
    this.#parser = made;
  }

  write(piece: string): void {
    for (const char of piece) {
      if (!INVISIBLE.test(char)) this.#take(char);
      this.#sink.read(this.#parser.pending.length);
    }
  }

  end(): void {
    const p = this.#parser;
    const isOpen = p.token === EQUATION_INLINE && this.#opener === "$" && p.pending !== "$";
    if (isOpen && !/[\\^_{=+]/.test(this.#source)) this.#abandon();
    if (p.token === CODE_FENCE && /^\n[ `]*$/.test(p.pending))
      p.pending = ""; // an incomplete closing fence
    else if (this.#isAddress() && !/\s/.test(p.pending)) this.#finish("](", ")");
    else if (p.pending) this.#take("\n");
    this.#put("");
  }

  #put(char: string): void {
    parser_write(this.#parser as Parser, char);
  }

  /** Completes the pending mark with a character, and leaves nothing pending. */
  #finish(pending: string, char: string): void {
    this.#parser.pending = pending;
    this.#put(char);
    this.#parser.pending = "";
  }

  /** Takes characters again. */
  #takeAll(text: string): void {
    this.#before = this.#before.slice(0, -text.length);
    for (const char of text) this.#take(char);
  }

  #take(char: string): void {
    this.#before = (this.#before + char).slice(-REMEMBERED);
    const p = this.#parser;
    const { token, pending } = p;
    if (token === EQUATION_INLINE || token === EQUATION_BLOCK) this.#takeMath(char);
    else if (this.#isAddress()) this.#takeAddress(char);
    else if (this.#isTooMuch(char)) return;
    else if (token === RAW_URL && /[\s\\[\]<>"|`]/.test(char)) this.#endUrl(char);
    else if (token === TABLE && p.table_state === 1 && pending && !/[-|: \n]/.test(char)) {
      p.table_state = 2; // no line of dashes below the head: this is a row, or no table
      p.pending = pending.startsWith("|") ? "" : "\n";
      this.#takeAll(pending + char);
    } else if (token === MAYBE_EQ_BLOCK) {
      this.#put("\n"); // the parser needs a line break after the opening sign
      if (char === "\n") this.#source = char;
      else this.#takeMath(char);
    } else if (pending === "$" && /\d/.test(char) && this.#mayOpen()) {
      this.#finish("$", "x"); // the parser takes "$2" for money
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

  /** A list may continue after an empty line, but not if it was in a quote that has ended. */
  #unquote(): void {
    const p = this.#parser;
    const hasEnded = p.tokens.subarray(p.blockquote_idx + 1, p.len).includes(BLOCKQUOTE);
    if (hasEnded) p.tokens[p.len] = PARAGRAPH;
    else p.blockquote_idx = 0;
  }

  /** Drops repeated signs of very long rules and fences; the parser would read them again each time. */
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

  /** Whether this is no formula: it holds a blank line or a formula, is a price, or never ends. */
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
    const [address = ""] = target.split(/ +(?=["'(])/); // a title may follow
    if (/[./#:]/.test(address) && !/\s/.test(address)) this.#put(char);
    else if (!isEnd && !/[[\n]/.test(char) && p.pending.length < ADDRESS_LIMIT) p.pending += char;
    else {
      const rest = p.pending.slice(1); // this is not an address
      this.#finish("]", " ");
      this.#takeAll(rest + char);
    }
  }

  /** Ends the text of an image at the end of its line. */
  #tear(): void {
    this.#keep();
    this.#finish("]", " ");
  }

  /** Keeps backticks at the end of a line of code as code. */
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
