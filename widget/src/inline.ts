// Reads the text of a paragraph: emphasis, code, links, formulas, citations.
// https://spec.commonmark.org/0.31.2/#phase-2-inline-structure

import { ENDS } from "./blocks.ts";

/** A part of a text. `at`: where it begins in it. */
export interface Part {
  /** The name of an element, or "" for text, "math", "image" or "cite". */
  readonly kind: string;
  readonly at: number;
  /** Of a text, code, a formula or a citation. */
  readonly text: string;
  readonly parts: readonly Part[];
  /** Of a link. */
  readonly address?: string | undefined;
  /** Of a formula: whether it has lines of its own. */
  readonly isBlock?: boolean;
  /** Of a formula: whether its end has not come. */
  readonly isUndone?: boolean;
}

/** A run of marks, a bracket or a tag: what may begin or end elements. */
interface Mark {
  readonly sign: string;
  readonly at: number;
  readonly length: number;
  left: number; // signs that are text
  readonly canOpen: boolean;
  readonly canClose: boolean;
  /** How many elements end here, and the names of those that begin then. */
  ends: number;
  readonly begins: string[];
  /** How many marks of emphasis come before it. */
  readonly before: number;
  address?: string;
}

const TOKEN =
  /\n|\\[!-/:-@[-`{-~\n]|`+|\$\$?|!?\[|\]|<(?:(https?:[^\s<>]*)|(\/?)(sub|sup|kbd|br)\s*\/?)>|&(?:#(\d{1,6}|x[\da-f]{1,5})|(amp|lt|gt|quot|nbsp));|(?<![\p{L}\p{N}_])https?:\/\/(?:[^\s\\[\]<>"|`()]|\([^\s()]*\)?){1,2000}(?<![.,;:!?'"*_~])|\*+|_+|~~+/giu;
const CODE = /(`+)([^`](?:.*?[^`])??)\1(?!`)/sy;
const TARGET =
  /\(\s*(?:<([^<>\n]{0,2000})>|((?:\\\S|[^\s\\()<]|\((?:\\\S|[^\s\\()]){0,999}\)){0,2000}))(?:\s+["'(].{0,999}?["')])?\s*\)/sy;
const FORMULA = /\$(?![\s$])((?:\\.|[^$\\]){1,1000}?)(?<!\s)\$(?!\d)/sy;
const PRICE = /^[\d.,]+(?: ?[A-Za-z]{2}|[.,;:?)] | \[)/;
const SOURCE_LIMIT = 5000; // characters of a formula
const DEEPEST = 20; // elements in each other
const OPEN_LIMIT = 99; // brackets and tags without an end, and marks that are looked through for one
const ESCAPED = /\\(?=\W)/g;
const NAMED: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', nbsp: "\u00a0" };
/** A number in brackets that the server may have meant as a citation: not an index that belongs to
 * the name, call or bracket before it, not the text or the name of a link. tests/support/citation_places.py has
 * cases; chains/answering/prose.py reads them in the same way. */
const CITATION =
  /(?<!([\p{L}\p{N}_]\([^()\n]{0,40}\)|(?=[\0-\u052f])[\p{L}\p{N}_]|[}\\]|(?<!\[\d{1,3})\])(\[\d{1,3}\]){0,30})(?:\[(\d{1,3})\]|\[\[(\d{1,3})\]\])(?!\(|(?<=(^|\n)[ \t]*\[+\d+\]+):)/uy;
const NOTE = /\[(?:\[\d{1,3}\]\]|\^([^\s[\]]{1,40})\])/y; // a footnote, or no citation either
/** What the next characters may turn into something else. It waits for them. */
const PENDING =
  /(?:!?\[{1,2}[\^\d xX]{0,4}\]{0,2}|\]\([^\s()]*|<[^\s<>]*|&#?\w{0,8}|[\\!]|[*_~`$]{1,99})$/;
const UNFINISHED_LINK = /\]\([^\s()]*$/;

/** The parts of a text. `isGrowing`: more of it will come, so what has begun and not ended counts.
 * `isLast`: no more will come, since the answer was cut off here. */
export function partsOf(whole: string, isGrowing: boolean, isLast = isGrowing): Part[] {
  const shown = isLast ? whole.replace(isGrowing ? PENDING : UNFINISHED_LINK, "") : whole;
  const isTorn = isGrowing || shown !== whole; // the end of a link is missing
  const text = shown.trimEnd();
  const all: (Part | Mark)[] = [];
  const open: Mark[] = []; // brackets and tags
  let linked = 0; // how many of them begin no link, since there is one in them
  const marks: Mark[] = []; // of emphasis
  const missing = new Set<string>(); // ends that do not come any more
  let at = 0;

  // What reads something returns how long that is, or 0 if its first character is text.

  function put(width: number, kind: string, shown: string, from = at, more?: Partial<Part>) {
    all.push({ kind, at: from, text: shown, parts: [], ...more });
    return width;
  }

  function mark(sign: string, length: number, canOpen = false, canClose = false): Mark {
    const state = { left: length, ends: 0, begins: [], before: marks.length };
    const made = { sign, at, length, canOpen, canClose, ...state };
    all.push(made);
    return made;
  }

  function match(pattern: RegExp, from = at): RegExpExecArray | null {
    pattern.lastIndex = from;
    return pattern.exec(text);
  }

  function read([found, uri, slash, tag, number, name]: RegExpExecArray): number {
    const { length } = found;
    const sign = found[0] as string;
    if (/[*_~]/.test(sign)) return emphasis(sign, length);
    if (sign === "`") return code(found);
    if (found === "$") return dollar();
    if (/\[$/.test(found) && sign !== "\\") return (sign === "[" && cite()) || begin(found);
    if (sign === "]") return end();
    if (uri) return link(uri, 1, length);
    if (/h/i.test(sign)) return link(found);
    const entity = number ? String.fromCodePoint(+`0${number}`) : NAMED[name?.toLowerCase() ?? ""];
    if (entity) return put(length, "", entity);
    if (/^<\/?br|\n$/i.test(found)) return put(length, "br", "");
    if (tag) return element(tag.toLowerCase(), slash, length);
    return formula(found) || (sign === "$" ? 0 : put(2, "", found.slice(1), at + 1));
  }

  function code(run: string): number {
    const found = missing.has(run) ? null : match(CODE);
    if (!found) missing.add(run);
    const start = at + run.length;
    if (!found && !(isGrowing && start < text.length)) return put(run.length, "", run);
    const inner = (found?.[2] ?? text.slice(start)).replaceAll("\n", " ");
    const bare = /^ (.*[^ ].*) $/.exec(inner)?.[1];
    const width = found?.[0].length ?? text.length - at;
    return put(width, "code", bare ?? inner, start + (bare ? 1 : 0));
  }

  // Formulas

  function dollar(): number {
    const rest = text.slice(at + 1, at + 100);
    if (PRICE.test(rest)) return 0;
    const [whole, tex = ""] = match(FORMULA) ?? [];
    if (whole) return /\\[[(]/.test(tex) ? 0 : put(whole.length, "math", tex, at + 1);
    const isFormula = isLast && rest.length < 99 && /^(?!\s)[^$]*[\\^_{=+][^$]*$/.test(rest);
    return isFormula ? put(rest.length + 1, "math", rest, at + 1, { isUndone: true }) : 0;
  }

  function formula(begin: string): number {
    const end = ENDS[begin];
    if (!end) return 0;
    const start = at + begin.length;
    const stop = missing.has(end) ? -1 : text.indexOf(end, start);
    const isUndone = stop < 0; // its end has not come
    if (isUndone) missing.add(end);
    const tex = text.slice(start, isUndone ? text.length : stop);
    if (tex.length > SOURCE_LIMIT || (isUndone && !isLast)) return 0;
    return put(begin.length * 2 + tex.length, "math", tex, start, {
      isBlock: begin !== "\\(",
      isUndone,
    });
  }

  // Links, tags and citations

  function cite(): number {
    const [found, , , single, doubled] = match(CITATION) ?? [];
    if (found) return put(found.length, "cite", single ?? (doubled as string));
    const [shown, note] = match(NOTE) ?? [];
    if (!shown) return 0;
    const parts = note ? [textPart(note, at + 2)] : [];
    return put(shown.length, note ? "sup" : "", note ? "" : shown, at, { parts });
  }

  function begin(sign: string, length = sign.length): number {
    if (open.length >= OPEN_LIMIT) return 0;
    open.push(mark(sign, length));
    return length;
  }

  /** Closes the last bracket, if it is the end of a link. */
  function end(): number {
    const index = open.findLastIndex(({ sign }) => sign.endsWith("["));
    const begun = open[index];
    if (!begun) return 0;
    const isImage = begun.sign !== "[";
    const isOff = index < linked && !isImage;
    cut(index);
    const target = match(TARGET, at + 1);
    const address = (target?.[1] ?? target?.[2] ?? "").replace(ESCAPED, "");
    // "[see](below)" leads nowhere.
    if (!target || isOff || !/[./#:]/.test(address)) return 0;
    join(begun, mark("]", 1), isImage ? "image" : "a");
    begun.address = address;
    if (!isImage) linked = index;
    return target[0].length + 1;
  }

  function element(sign: string, slash: string | undefined, length: number): number {
    if (!slash) return begin(sign, length);
    const index = open.findLastIndex((one) => one.sign === sign);
    const begun = open[index];
    if (!begun) return 0;
    cut(index);
    join(begun, mark(sign, length), sign);
    return length;
  }

  function cut(index: number): void {
    open.length = index;
    linked = Math.min(linked, index);
  }

  function join(begun: Mark, end: Mark, name: string): void {
    pair(marks.splice(begun.before));
    begun.left = end.left = 0;
    begun.begins.push(name);
    end.ends++;
  }

  function link(address: string, before = 0, width = address.length): number {
    const parts = [textPart(address, at + before)];
    return put(width, "a", "", at, { address, parts });
  }

  // Emphasis

  function emphasis(sign: string, width: number): number {
    const before = kindOf([...text.slice(Math.max(0, at - 2), at)].at(-1));
    const after = kindOf([...text.slice(at + width, at + width + 2)][0]);
    const isLeft = after > 0 && before <= after;
    const isRight = before > 0 && after <= before;
    const isWord = sign === "_";
    const canOpen = isLeft && (!isWord || !isRight || before === 1);
    const length = sign === "~" ? width - (width % 2) : width; // of tildes, one is left
    marks.push(mark(sign, length, canOpen, isRight && (!isWord || !isLeft || after === 1)));
    return length;
  }

  /** Pairs marks of emphasis. None of them is open any more then. */
  function pair(some: readonly Mark[]): void {
    const openers: Mark[] = [];
    for (const closer of some) {
      while (closer.canClose && closer.left) {
        const near = openers.slice(-OPEN_LIMIT);
        const index = near.findLastIndex((one) => one.sign === closer.sign && !isOdd(one, closer));
        const opener = near[index];
        if (!opener) break;
        openers.length -= near.length - index - 1; // those between are text
        const width = Math.min(2, opener.left, closer.left);
        emphasize(opener, width);
        closer.left -= width;
        closer.ends++;
        if (!opener.left) openers.pop();
      }
      if (closer.canOpen && closer.left) openers.push(closer);
    }
  }

  function emphasize(opener: Mark, width: number): void {
    opener.left -= width;
    opener.begins.unshift(opener.sign === "~" ? "s" : width > 1 ? "strong" : "em");
  }

  function tree(): Part[] {
    const root: Part[] = [];
    const above: Part[][] = [];
    let depth = 0; // of elements that have an end
    let parts = root;
    if (isTorn) for (const one of open) one.left = 0;
    for (const one of all) {
      if (isPart(one)) {
        parts.push(one);
        continue;
      }
      const { ends, begins, address } = one;
      for (let end = 0; end < ends; end++) parts = above.pop() ?? root;
      depth -= ends;
      const inner = begins.length;
      if (isGrowing && !depth && one.left && one.canOpen) emphasize(one, Math.min(2, one.left));
      depth += inner;
      if (one.left) parts.push(textPart(text.slice(one.at, one.at + one.left), one.at));
      for (const kind of begins) {
        above.push(parts);
        if (above.length > DEEPEST) continue;
        const made: Part[] = [];
        parts.push({ kind, at: one.at + one.left, text: "", parts: made, address });
        parts = made;
      }
    }
    return root;
  }

  while (at < text.length) {
    const token = match(TOKEN);
    const found = token?.index ?? text.length;
    const before = text.slice(at, found);
    if (before) at += put(before.length, "", before);
    if (token) at += read(token) || put(1, "", text[at] as string);
  }
  pair(marks);
  return tree();
}

const isPart = (one: Part | Mark): one is Part => (one as Part).kind !== undefined;

const textPart = (text: string, at: number): Part => ({ kind: "", at, text, parts: [] });

/** 0 for a blank or nothing, 1 for a mark, 2 for a letter. */
const kindOf = (char = " ") => (/\s/.test(char) ? 0 : /[\p{P}\p{S}]/u.test(char) ? 1 : 2);

/** Whether two runs cannot be paired: https://spec.commonmark.org/0.31.2/#can-open-emphasis, 9. */
const isOdd = (opener: Mark, closer: Mark) =>
  closer.sign !== "~" &&
  (closer.canOpen || opener.canClose) &&
  (opener.length + closer.length) % 3 === 0 &&
  closer.length % 3 > 0;
