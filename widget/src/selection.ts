// Reads what the reader has selected on the page.

import { isSame, isShown } from "./mark.ts";
import type { SelectionData } from "./protocol.ts";
import { FORMULA, type Place, rangeOf, SKIPPED, walk } from "./text.ts";

const ADDRESS_LIMIT = 2000; // characters
const PAUSE = 250; // ms; then a selection by keys or handles counts as finished
const BLANK = /^[ \t\n\r\f]$/;
const UNSEEN = /^[\u00ad\u200b\ufeff]$/; // soft hyphens and other invisible characters
const FIELD = "input,textarea,select";
const HEADING = "h1,h2,h3,h4,h5,h6";

/** A selection with its range on the page. */
export interface PageSelection {
  readonly selection: SelectionData;
  readonly range: Range;
  /** Whether the reader selected more than is allowed; then this is the beginning. */
  readonly isCut: boolean;
}

/** The selection on the page, up to `limit` code points; null if nothing is selected, or something
 * in a field or in `host`. */
export function readSelection(host: Element, limit: number): PageSelection | null {
  const current = document.getSelection();
  if (!current?.rangeCount || current.isCollapsed || isElsewhere(host)) return null;
  const whole = current.getRangeAt(0);
  return isShown(whole) ? null : selectionIn(whole, limit);
}

/** What a range selects, up to `limit` code points; null if that is nothing. */
export function selectionIn(whole: Range, limit: number): PageSelection | null {
  const { selection, range, isCut } = read(whole, limit);
  const page = location.href.split("#", 1)[0] as string;
  const there = { ...selection, page: page.slice(0, ADDRESS_LIMIT) };
  return selection.text ? { selection: there, range, isCut } : null;
}

/** The text of a range as a question contains it, and the id of the heading above it. */
export function selectionOf(range: Range, limit: number): { text: string; anchor?: string } {
  return read(range, limit).selection;
}

/** Reports each selection when the reader has finished it, and null when it is gone. */
export function watchSelection(
  host: Element,
  limit: () => number,
  onChange: (found: PageSelection | null, by: "mouse" | "touch" | "keyboard") => void,
): () => void {
  const life = new AbortController();
  let by: "mouse" | "touch" | "keyboard" = "keyboard";
  let reported: PageSelection | null = null;
  let isDown = false; // the button of the mouse
  let isInside = false; // in `host`, where selections do not count
  let isMoved = false; // since the last report
  let timer = 0;

  const report = () => {
    if (isInside || isElsewhere(host)) return;
    const found = readSelection(host, limit());
    if (found ? !isMoved && isSame(found.range, reported?.range) : !reported) return;
    reported = found;
    isMoved = false;
    onChange(found, by);
  };
  const settle = (pause: number) => {
    clearTimeout(timer);
    if (!isDown) timer = window.setTimeout(report, pause);
  };
  const on = <K extends keyof DocumentEventMap>(
    type: K,
    handle: (event: DocumentEventMap[K]) => void,
    target: EventTarget = document,
  ) =>
    target.addEventListener(type, handle as EventListener, { signal: life.signal, capture: true });

  on("pointerdown", ({ target, pointerType }) => {
    isInside = target === host;
    by = pointerType === "mouse" ? "mouse" : "touch";
    isDown = by === "mouse" && !isInside;
  });
  const onKey = ({ target }: KeyboardEvent) => {
    isInside = target === host;
    by = "keyboard";
    isDown = false;
  };
  on("keydown", onKey, window); // before keys.ts keeps it to the tutor
  for (const type of ["pointerup", "pointercancel"] as const)
    on(type, () => {
      if (!isDown) return;
      isDown = false;
      settle(0);
    });
  on("selectionchange", () => {
    isMoved ||= isDown;
    settle(PAUSE);
  });
  return () => {
    clearTimeout(timer);
    life.abort();
  };
}

interface Point {
  readonly sign: string; // one code point
  readonly node: Text | Element | null; // null: between blocks and cells
  readonly at: number; // in a text node
}

function read(whole: Range, limit: number) {
  const range = outsideFormulas(whole);
  const { startContainer, startOffset, endContainer, endOffset } = range;
  const root = elementOf(range.commonAncestorContainer);
  let points: Point[] = [];
  let gap = ""; // the blank to put before the next character
  let isCut = false;

  // Returns true, which ends the walk, if the limit is reached.
  const add = (text: string, node: Text | Element | null, at: number): boolean => {
    const last = points.at(-1)?.sign;
    if (gap && last && last !== "\n" && gap + last !== "  ")
      points.push({ sign: gap, node: null, at });
    gap = "";
    const signs = [...text];
    isCut = points.length + signs.length > limit;
    if (!isCut) points.push(...signs.map((sign) => ({ sign, node, at })));
    return isCut;
  };
  const take = (text: string, node: Text | Element | null, isCode: boolean): boolean => {
    if (node instanceof Element) return !!text && add(text, node, 0);
    if (!node) {
      if (!points.length) return false;
      const isCell = text === " | ";
      if (gap !== "\n") gap = isCell ? "" : text;
      if (isCode) gap = "";
      return (isCell || isCode) && add(text, null, 0);
    }
    let at = node === startContainer ? startOffset : 0;
    for (const sign of text.slice(at, node === endContainer ? endOffset : undefined)) {
      const isBlank = BLANK.test(sign);
      if (isBlank && !isCode) gap ||= " ";
      else if (isBlank && points.every((point) => BLANK.test(point.sign)))
        points = sign === "\n" ? [] : [...points, { sign, node, at }]; // the first indent stays
      else if (isBlank && points.length >= limit) gap = "";
      else if ((isCode || !UNSEEN.test(sign)) && add(sign, node, at)) return true;
      at += sign.length;
    }
    return false;
  };
  const sees = (node: Node, style: CSSStyleDeclaration | null) =>
    range.intersectsNode(node) && (!style || isSeen(node as Element, style));
  if (!root.closest(SKIPPED)) walk(root, sees, take);

  const last = points.findLastIndex(({ node, sign }) => node && !BLANK.test(sign));
  points = points.slice(0, last + 1);
  const [first, end] = [points[0], points[last]] as [Place | undefined, Point & Place];
  const text = points.map(({ sign }) => sign).join("");
  const anchor = anchorAbove(first?.node ?? startContainer);
  return {
    selection: { text: text.trim() && text, ...(anchor && { anchor }) },
    range: first ? rangeOf(first, { ...end, at: end.at + end.sign.length }) : range,
    isCut,
  };
}

// A copy that does not end inside a formula, but after it if part of it is selected, else before it.
function outsideFormulas(whole: Range): Range {
  const range = whole.cloneRange();
  const last = outermost(whole.endContainer);
  if (!last) return range;
  const part = whole.cloneRange();
  part.setStart(last, 0);
  if (part.toString().trim()) range.setEndAfter(last);
  else range.setEndBefore(last);
  return range;
}

function outermost(node: Node): Element | null {
  let found: Element | null = null;
  for (let at: Element | null = elementOf(node); at; at = at.parentElement)
    if (at.matches(FORMULA)) found = at;
  return found;
}

function anchorAbove(node: Node): string | undefined {
  const element = elementOf(node);
  const text = element.closest("main,[role=main]") ?? element.closest("article") ?? document;
  const headings = [...text.querySelectorAll(HEADING)].reverse();
  for (const heading of headings) {
    const order = heading.compareDocumentPosition(node);
    if (heading !== node && !(order & (4 | 16))) continue; // neither before nor around it
    const section = heading.closest("section[id],.section[id]");
    const id = heading.id || (section?.querySelector(HEADING) === heading && section.id);
    if (id) return id;
  }
  return undefined;
}

function isSeen(element: Element, { display, webkitUserSelect }: CSSStyleDeclaration): boolean {
  const isShown = display === "contents" || element.checkVisibility({ visibilityProperty: true });
  return isShown && webkitUserSelect !== "none";
}

// Whether the reader selects something that is not text of the page.
function isElsewhere(host: Element): boolean {
  const active = document.activeElement as HTMLElement | null;
  return active === host || !!active?.matches(FIELD) || !!active?.isContentEditable;
}

function elementOf(node: Node): Element {
  return node instanceof Element ? node : (node.parentElement ?? document.body);
}
