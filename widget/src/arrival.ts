// Leads from a citation to the sentence that supports it, or else to the quote of its source, on
// this page or on another one.

import type { Guide } from "./guide.ts";
import { mark } from "./mark.ts";
import type { Source } from "./protocol.ts";
import { isInline } from "./text.ts";

/** `url` is absolute. */
interface Place extends Pick<Source, "url" | "quote"> {
  readonly sentence?: string | undefined;
}

const KEY = "scholiast:arrival";
const FRESH = 30_000; // ms that the browser may take to load the other page
const ROUTING = 5000; // ms that the page's own router may take to show another page
const PAUSES = [0, 100, 200, 400, 800, 1500, 2000]; // ms between attempts: a page may draw its text late
const PLACES = [3 / 8, 1 / 8, 1 / 2]; // in the height of the window
const FIXED = /fixed|sticky/;

let giveWay = () => false;
let guide: () => Promise<Guide>;

/** Sets what loads the search for a quote on the page: before a first answer nobody needs it. */
export function useGuide(load: () => Promise<Guide>): void {
  guide = load;
}

/** Sets what is called as long as something covers the place that a citation leads to, wherever the
 * page is scrolled. It returns whether something has moved. */
export function onCovered(run: () => boolean): void {
  giveWay = run;
}

/** Whether an address is the address of this page. Hash and query do not count. */
export function isHere(url: string): boolean {
  const there = URL.canParse(url, location.href) && new URL(url, location.href);
  return there && there.origin === location.origin && pathOf(there) === pathOf(location);
}

/** Goes to a source, on this page or another. `isRouted`: the page's own router does it. */
export function goTo(place: Place, storage: Storage | null, isRouted: boolean): void {
  if (!isRouted && isHere(place.url)) void leadTo(place);
  else {
    handOver(place, storage);
    if (isRouted) awaitPage(place.url, storage);
    else location.assign(place.url);
  }
}

/** Scrolls to the quote on this page, marks it and moves the focus to it. If the quote is not on
 * the page, leads to the heading that the address names. */
export async function leadTo(place: Place): Promise<void> {
  const { hash } = new URL(place.url, location.href);
  if (hash && hash !== location.hash) history.pushState(history.state, "", hash);
  const anchor = anchorOf(place.url);
  let range = await find(place, anchor);
  if (range && (await guide()).reveal(range.startContainer)) {
    await new Promise((go) => setTimeout(go));
    range = await find(place, anchor);
  }
  show(range, anchor);
}

/** Null also if the search cannot be loaded: then the heading has to do. */
async function find(place: Place, anchor: string | undefined): Promise<Range | null> {
  try {
    return (await guide()).findPlace(place, anchor);
  } catch {
    return null;
  }
}

/** Stores the quote for the page that the reader goes to. */
export function handOver({ url, quote, sentence }: Place, storage: Storage | null): void {
  try {
    storage?.setItem(KEY, JSON.stringify({ url, quote, sentence, at: Date.now() }));
  } catch {
    // No room in the storage: then the browser goes to the heading.
  }
}

/** Goes to the quote that another page has stored for this one; waits until its text appears. */
export async function arrive(storage: Storage | null): Promise<boolean> {
  const place = taken(storage);
  if (!place) return false;
  const anchor = anchorOf(place.url);
  for (const pause of PAUSES) {
    if (pause) await new Promise((go) => setTimeout(go, pause));
    if (!isHere(place.url)) return false;
    // If the heading is missing, this may still be the page that the reader comes from.
    const isDrawn = !anchor || document.getElementById(anchor) || pause >= 400;
    if (document.readyState === "loading" || !isDrawn) continue;
    if (!(await find(place, anchor))) continue;
    await leadTo(place);
    return true;
  }
  return false;
}

// Waits until the page's own router shows the page of the quote.
function awaitPage(url: string, storage: Storage | null): void {
  const until = Date.now() + ROUTING;
  const look = () => {
    if (isHere(url)) void arrive(storage);
    else if (Date.now() < until) setTimeout(look, 100);
  };
  look();
}

/** The absolute address of a source; null if it is not http(s). */
export function addressOf({ url }: Pick<Source, "url">, base?: URL): string | null {
  const address = URL.canParse(url, base) ? new URL(url, base) : null;
  return address && /^https?:$/.test(address.protocol) ? address.href : null;
}

function taken(storage: Storage | null): Place | null {
  try {
    const { url, quote, sentence, at } = JSON.parse(storage?.getItem(KEY) ?? "");
    const isOld = !(Date.now() - at < FRESH);
    if (!isOld && !isHere(url)) return null;
    storage?.removeItem(KEY);
    const isWrong = typeof quote !== "string" || !/^(string|undefined)$/.test(typeof sentence);
    return isOld || isWrong ? null : { url, quote, sentence };
  } catch {
    return null;
  }
}

function show(range: Range | null, anchor: string | undefined): void {
  const isThere = range?.getClientRects().length; // hidden text has none
  const heading = anchor && document.getElementById(anchor);
  mark(isThere ? range : null);
  const target = isThere ? range : heading;
  if (!target) return;
  const at = target instanceof Range ? target.startContainer : target;
  let block = (at instanceof HTMLElement ? at : at.parentElement) ?? document.body;
  while (block.parentElement && isInline(getComputedStyle(block))) block = block.parentElement;
  scrollTo(target, block);
  focus(block);
}

// Scrolls to the first of PLACES that nothing fixed covers.
function scrollTo(target: Range | Element, block: Element): void {
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
  while (y === undefined && giveWay());
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

function anchorOf(url: string): string | undefined {
  return decoded(new URL(url, location.href).hash.slice(1)) || undefined;
}

function pathOf({ pathname }: URL | Location): string {
  return decoded(pathname).replace(/(\/index)?(\.html)?\/*$/, "");
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
