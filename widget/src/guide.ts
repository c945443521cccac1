// Finds what a citation leads to on this page, opens what hides it, scrolls there and marks it.

import { anchorOf, isHere } from "./addresses.ts";
import type { Source } from "./protocol.ts";
import { findQuote } from "./quote_place.ts";
import { isInline } from "./text.ts";

/** `url` is absolute. */
export interface Place extends Pick<Source, "url" | "quote"> {
  readonly sentence?: string | undefined;
}

/** What the tutor does where it has led to. */
export interface Host {
  /** Something covers the place, wherever the page is scrolled. Whether something has moved. */
  giveWay(): boolean;
  mark(range: Range | null): void;
}

export interface Guide {
  leadTo: typeof leadTo;
  arriveAt: typeof arriveAt;
}

const PAUSES = [0, 100, 200, 400, 800, 1500, 2000]; // ms between attempts: a page may draw its text late
const PLACES = [3 / 8, 1 / 8, 1 / 2]; // in the height of the window
const FIXED = /fixed|sticky/;

/** Scrolls to the quote on this page, marks it and moves the focus to it. If the quote is not on
 * the page, leads to the heading that the address names. */
export async function leadTo(place: Place, host: Host): Promise<void> {
  const { hash } = new URL(place.url, location.href);
  if (hash && hash !== location.hash) history.pushState(history.state, "", hash);
  const anchor = anchorOf(place.url);
  let range = findPlace(place, anchor);
  if (range && reveal(range.startContainer)) {
    await new Promise((go) => setTimeout(go));
    range = findPlace(place, anchor);
  }
  show(range, anchor, host);
}

/** Leads to a quote as soon as this page shows its text; false if it does not. */
export async function arriveAt(place: Place, host: Host): Promise<boolean> {
  const anchor = anchorOf(place.url);
  for (const pause of PAUSES) {
    if (pause) await new Promise((go) => setTimeout(go, pause));
    if (!isHere(place.url)) return false;
    // If the heading is missing, this may still be the page that the reader comes from.
    const isDrawn = !anchor || document.getElementById(anchor) || pause >= 400;
    if (document.readyState === "loading" || !isDrawn) continue;
    if (!findPlace(place, anchor)) continue;
    await leadTo(place, host);
    return true;
  }
  return false;
}

/** The range of the sentence, or else of the quote; below `anchor` first. */
function findPlace({ quote, sentence }: Place, anchor: string | undefined): Range | null {
  return (sentence && findQuote(sentence, anchor)) || findQuote(quote, anchor);
}

/** Opens the folded parts of the page that a node is in. True if there were any. */
function reveal(node: Node): boolean {
  let hasOpened = false;
  for (let at = node.parentElement; at; at = at.parentElement) {
    const isFolded = at instanceof HTMLDetailsElement && !at.open;
    const lid = isFolded ? at.querySelector("summary") : at.hidden ? tabOf(at) : null;
    if (lid?.contains(node)) continue;
    lid?.click(); // a click, so that the page's own script notices
    if (isFolded) (at as HTMLDetailsElement).open = true;
    hasOpened ||= isFolded || !!lid;
  }
  return hasOpened;
}

function tabOf(panel: Element): HTMLElement | null | undefined {
  if (panel.role !== "tabpanel") return null;
  const panels = [...(panel.parentElement?.children ?? [])].filter((at) => at.role === panel.role);
  let list: Element | null | undefined;
  for (let at = panel.parentElement; at && !list; at = at.parentElement)
    list = at.querySelector("[role=tablist]");
  return list?.querySelectorAll<HTMLElement>("[role=tab]")[panels.indexOf(panel)];
}

function show(range: Range | null, anchor: string | undefined, host: Host): void {
  const isThere = range?.getClientRects().length; // hidden text has none
  const heading = anchor && document.getElementById(anchor);
  host.mark(isThere ? range : null);
  const target = isThere ? range : heading;
  if (!target) return;
  const at = target instanceof Range ? target.startContainer : target;
  let block = (at instanceof HTMLElement ? at : at.parentElement) ?? document.body;
  while (block.parentElement && isInline(getComputedStyle(block))) block = block.parentElement;
  scrollTo(target, block, host);
  focus(block);
}

// Scrolls to the first of PLACES that nothing fixed covers.
function scrollTo(target: Range | Element, block: Element, host: Host): void {
  for (let box: Element | null = block; box?.parentElement; box = box.parentElement) {
    const [now, frame] = [target.getBoundingClientRect(), box.getBoundingClientRect()];
    const isAside = now.left < frame.left || now.right > frame.right;
    const isOff = now.top < frame.top || now.bottom > frame.bottom;
    box.scrollBy({
      left: isAside ? now.left - frame.left - frame.width / 4 : 0,
      top: isOff ? now.top - frame.top - frame.height / 4 : 0,
      behavior: "instant",
    });
  }
  const { left, right, top, height } = target.getBoundingClientRect();
  const { scrollHeight, clientHeight } = document.documentElement;
  const low = Math.min(height, innerHeight / 4) - 1;
  const isFree = (y: number) =>
    ![left + 1, right - 1].some((x) => isCovered(x, y + 1, block) || isCovered(x, y + low, block));
  const most = scrollHeight - clientHeight - scrollY; // that the page can be scrolled
  const places = PLACES.map(
    (share) => top - Math.max(-scrollY, Math.min(top - share * innerHeight, most)),
  );
  let y: number | undefined;
  do y = places.find(isFree);
  while (y === undefined && host.giveWay());
  const isStill = matchMedia("(prefers-reduced-motion:reduce)").matches;
  scrollBy({ top: top - (y ?? (places[0] as number)), behavior: isStill ? "instant" : "smooth" });
}

function isCovered(x: number, y: number, block: Element): boolean {
  for (let at = document.elementFromPoint(x, y); at && !at.contains(block); at = at.parentElement)
    if (at.shadowRoot || FIXED.test(getComputedStyle(at).position)) return true;
  return false;
}

// A screen reader continues where the focus is.
function focus(block: HTMLElement): void {
  if (block.tabIndex < 0 && !block.hasAttribute("tabindex")) {
    const { outline } = block.style;
    const restore = () => {
      if (document.activeElement === block) return; // only the window lost the focus
      block.removeEventListener("blur", restore);
      block.removeAttribute("tabindex");
      block.style.outline = outline;
    };
    block.tabIndex = -1;
    block.style.outline = "none";
    block.addEventListener("blur", restore);
  }
  block.focus({ preventScroll: true });
}
