// What the parts of a text show: elements, links, formulas, citations, and which of it is underlined.

import { addressOf } from "./addresses.ts";
import type { Line } from "./blocks.ts";
import { element } from "./dom.ts";
import type { Part } from "./inline.ts";
import type { Sentence, Sentences } from "./sentences.ts";
import { type Made, textView, type View, viewOf } from "./view.ts";

export interface ProseOptions {
  /** A button for the citation [n]; null if there is no such source. `proof`: what is known of the
   * sentence of the book that supports the one before. */
  cite(index: number, proof: () => string | undefined): HTMLElement | null;
  words: { copy: string; copied: string; table: string; unfound: string };
  math(): Promise<typeof import("./math.ts")>;
}

/** What the parts of a text need from the answer around them. */
export interface Around extends ProseOptions {
  readonly sentences: Sentences;
  /** The buttons of citations so far, by their numbers and places. */
  readonly buttons: Map<string, HTMLElement>;
}

const WORD = 12; // characters that stay on one line with their citations
const KEPT = 4; // citations on one line with a word
const ADDRESS_LIMIT = 2000;
/** NUL; characters that reverse text. */
export const INVISIBLE = /[\0\u202a-\u202e\u2066-\u2069]/g;
const BLOCK = "math block";
const REL = "noopener noreferrer nofollow ugc";

/** The views of the parts of these lines. */
export function textViews(parts: readonly Part[], lines: readonly Line[], around: Around): View[] {
  const { sentences, buttons, words } = around;
  const title = words.unfound;
  const last = new Map<Sentence, View>(); // what is shown of each sentence that is underlined
  let cited = 0; // citations so far
  const views = viewsOf(parts, false);
  const { at = 0, text: { length } = "" } = lines.at(-1) ?? {};
  for (const [{ end }, view] of last) if (end <= at + length + 3) view.views.push(unseen(title));
  return views;

  /** The place in the whole answer of a place in the lines. */
  function place(at: number): number {
    let left = at;
    for (const line of lines) {
      if (left <= line.text.length) return line.at + left;
      left -= line.text.length + 1;
    }
    return left;
  }

  function viewsOf(some: readonly Part[], isInLink: boolean): View[] {
    const made: View[] = [];
    for (const part of some) {
      const { kind, at, text, parts: within } = part;
      const inner = () => viewsOf(within, isInLink);
      const before = made.at(-1);
      if (!kind) write(made, text, at);
      else if (kind === "cite") {
        const citation = cite(+text, place(at));
        if (citation) keep(made, citation);
        else write(made, `[${text}]`, at);
      } else if (kind === "math") made.push(...math(part, around));
      else if (kind === "image") made.push(...inner());
      else if (kind === "a") made.push(...link(part, isInLink));
      // A line break behind a formula on lines of its own would show as an empty line.
      else if (kind !== "br" || !before?.key.startsWith(BLOCK))
        made.push(viewOf(kind, kind === "code" ? write([], text, at) : inner()));
    }
    return made;
  }

  function write(into: View[], text: string, at: number): View[] {
    for (const [cut, sentence] of sentences.cut(text, place(at))) {
      const piece = cut.replace(INVISIBLE, "");
      const before = into.at(-1);
      const shown = sentence && last.get(sentence);
      if (shown && shown === before)
        shown.views.splice(0, 1, textView((shown.views[0]?.text ?? "") + piece));
      else if (sentence) {
        const view = viewOf("span", [textView(piece)], { class: "unfound", title });
        last.set(sentence, view);
        into.push(view);
      } else if (before && !before.name) into.splice(-1, 1, textView(before.text + piece));
      else into.push(textView(piece));
    }
    return into;
  }

  function cite(index: number, at: number): View | null {
    const key = `${index} ${at}`;
    const outer = buttons.get(key) ?? around.cite(index, () => sentences.proofAt(at, index));
    if (!outer) return null;
    buttons.set(key, outer);
    cited++;
    return viewOf("button", [], {}, () => ({ outer, inner: outer }), key);
  }

  /** A link, if it leads to the web and does not look like a citation. */
  function link({ parts, address = "" }: Part, isInLink: boolean): View[] {
    const before = cited;
    const inner = viewsOf(parts, true);
    const letters = plain(parts).normalize("NFKC");
    if (/^\p{N}{1,3}$/u.test(letters.replace(/[^\p{L}\p{N}]/gu, "")))
      return [textView("["), ...inner, textView("]")];
    const href = isInLink || cited > before ? null : webAddress(address);
    if (!href) return inner;
    return [viewOf("a", inner, { href, title: href, target: "_blank", rel: REL })];
  }
}

/** What a screen reader says behind a sentence that is underlined. */
function unseen(word: string): View {
  return viewOf("span", [textView(` (${word})`)], { class: "unseen", "data-scholiast-ignore": "" });
}

const plain = (parts: readonly Part[]): string =>
  parts.map((part) => part.text + plain(part.parts)).join("");

function webAddress(address: string): string | null {
  const href = addressOf({ url: address });
  return address.length > ADDRESS_LIMIT || /^https?:\/\/[^/]*@/.test(href ?? "") ? null : href;
}

function math({ text, isBlock = false, isUndone }: Part, around: Around): View[] {
  const tex = text.trim();
  if (!tex) return [];
  const className = isBlock ? BLOCK : "math";
  const make = (): Made => {
    const inner = element("code", { className: "tex" });
    const outer = element("span", { className }, inner);
    const draw = async () => {
      const { formula } = await around.math();
      outer.replaceChildren(formula(tex, isBlock));
    };
    if (!isUndone) draw().catch(() => {}); // its TeX stays visible
    return { outer, inner };
  };
  return [viewOf("math", [textView(tex)], {}, make, className + (isUndone ? "" : tex))];
}

/** Adds a citation, on one line with the word before it. */
function keep(views: View[], citation: View): void {
  const isText = views.at(-1)?.name === "";
  const text = isText ? (views.pop()?.text.trimEnd() ?? "") : "";
  const last = views.at(-1);
  if (!text && last?.attributes.class === "keep" && last.views.length <= KEPT) {
    last.views.push(citation);
    return;
  }
  const [word = ""] = /\S*$/.exec(text.slice(-WORD)) ?? [];
  views.push(
    textView(text.slice(0, text.length - word.length)),
    viewOf("span", [textView(word), citation], { class: "keep" }),
  );
}
