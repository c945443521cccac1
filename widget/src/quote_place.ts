// Finds a quote on the page.

import { type Place, rangeOf, walk } from "./text.ts";

// Only letters and digits are compared: a quote may contain Markdown, and a page may show other
// punctuation and spaces.
const WORD = /[\p{L}\p{N}\p{M}]+/gu;
const BETWEEN = /[^\p{L}\p{N}\p{M}]+/gu;
const OPENING = /[^\s\p{L}\p{N}\p{M}.!?。！？]*$/u;
const CLOSING = /^[^\s\p{L}\p{N}\p{M}]*/u;
// A word; or one character, in scripts without spaces between words.
const PART = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]|[\p{L}\p{N}\p{M}]+/gu;
const LEAST = 4; // a part of a quote needs this many words
const SHARE = 4; // and at least 1/SHARE of the letters of the quote
const UNREAD = /\]\(\S*?\)|<[^>]*>/g; // addresses and tags, which a page does not show

/** The range of the quote: the first below the element with id `anchor`, or else the nearest above
 * it. If the page does not have the whole quote, the range of its longest part. */
export function findQuote(given: string, anchor: string | undefined): Range | null {
  const quote = given.normalize(); // a book may write é as one character, and a page as two
  const main = document.querySelector("main,[role=main],article");
  const text = new PageText(main ?? document.body, anchor);
  const [whole, bare] = [squeeze(quote), squeeze(quote.replace(UNREAD, ""))];
  const wholes = [whole, bare.length * SHARE < whole.length ? "" : bare];
  const range = text.find(wholes);
  if (range || !main) return range ?? text.find([longestPart(quote, text)]);
  return new PageText(document.body, anchor).find(wholes) ?? text.find([longestPart(quote, text)]);
}

/** The text inside an element, and the node of each letter. */
export class PageText {
  #text = "";
  readonly #nodes: (Text | Element)[] = [];
  readonly #starts: number[] = []; // of the nodes, in the text
  readonly letters: string;
  readonly #below: number; // the index in `letters` of the first letter below the anchor

  constructor(root: Element, anchor?: string) {
    let below = 0;
    const sees = (node: Node, style: CSSStyleDeclaration | null, isCode: boolean) => {
      if (style && anchor && (node as Element).id === anchor) below = this.#text.length;
      return !isCode || style?.webkitUserSelect !== "none"; // as line numbers are
    };
    walk(root, sees, (text, node) => {
      if (node instanceof HTMLImageElement) return false; // a quote has no images
      if (node) {
        this.#nodes.push(node);
        this.#starts.push(this.#text.length);
      }
      this.#text += text.normalize();
      return false;
    });
    const above = squeeze(this.#text.slice(0, below));
    this.letters = above + squeeze(this.#text.slice(below));
    this.#below = above.length;
  }

  /** The range of the first of these texts that is found. */
  find(wanted: string[]): Range | null {
    for (const some of wanted.filter(Boolean)) {
      let at = this.letters.indexOf(some, this.#below);
      if (at < 0) at = this.letters.lastIndexOf(some, this.#below);
      if (at >= 0) return this.#range(at, some.length);
    }
    return null;
  }

  #range(at: number, length: number): Range {
    const first = this.#spot(at, 0);
    const last = this.#spot(length - 1, first) + 1;
    const opening = OPENING.exec(this.#text.slice(Math.max(0, first - 9), first))?.[0] ?? "";
    const closing = CLOSING.exec(this.#text.slice(last, last + 9))?.[0] ?? "";
    const end = this.#place(last + closing.length - 1, 1);
    return rangeOf(this.#place(first - opening.length), end);
  }

  // The index of the letter that comes `count` letters after `from`.
  #spot(count: number, from: number): number {
    WORD.lastIndex = from;
    let left = count;
    for (let word = WORD.exec(this.#text); word; word = WORD.exec(this.#text)) {
      if (left < word[0].length) return word.index + left;
      left -= word[0].length;
    }
    return this.#text.length;
  }

  /** The place in its node; `more` characters behind it. */
  #place(index: number, more = 0): Place {
    const i = this.#starts.findLastIndex((start) => start <= index);
    const node = this.#nodes[i] as Text;
    return { node, at: placeIn(node.data ?? "", index + more - (this.#starts[i] as number)) };
  }
}

/** The place in a text of a place in its normalized form. */
function placeIn(text: string, at: number): number {
  let place = 0;
  for (let step = 1 << 20; step; step >>= 1) {
    const next = place + step;
    if (next <= text.length && text.slice(0, next).normalize().length <= at) place = next;
  }
  return place;
}

/** Lower-case letters and digits. Their number stays the same, so that they can be counted. */
export function squeeze(text: string): string {
  return text.replaceAll("İ", "I").toLowerCase().replace(BETWEEN, "");
}

function longestPart(quote: string, text: PageText): string {
  const words = (quote.match(PART) ?? []).map(squeeze);
  let best = "";
  let end = 0;
  for (let start = 0; start < words.length; start++) {
    const upTo = (stop: number) => words.slice(start, stop).join("");
    while (end < words.length && text.letters.includes(upTo(end + 1))) end++;
    if (end - start >= LEAST && upTo(end).length > best.length) best = upTo(end);
    end = Math.max(end, start + 1);
  }
  return best.length * SHARE >= words.join("").length ? best : "";
}
