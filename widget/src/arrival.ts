// Leads from a citation to the sentence that supports it, or else to the quote of its source, on
// this page or on another one.

import { isHere } from "./addresses.ts";
import type { Guide, Host, Place } from "./guide.ts";

const KEY = "scholiast:arrival";
const FRESH = 30_000; // ms that the browser may take to load the other page
const ROUTING = 5000; // ms that the page's own router may take to show another page

let guide: () => Promise<Guide>;
let host: Host;

/** Sets what loads the guide, which nobody needs before a first answer, and whom it serves. */
export function useGuide(load: () => Promise<Guide>, whom: Host): void {
  guide = load;
  host = whom;
}

/** Goes to a source, on this page or another. `isRouted`: the page's own router does it. */
export function goTo(place: Place, storage: Storage | null, isRouted: boolean): void {
  if (!isRouted && isHere(place.url)) {
    // If the guide cannot be loaded, the heading has to do.
    const fail = () => location.assign(new URL(place.url).hash || "#");
    guide().then(({ leadTo }) => leadTo(place, host), fail);
  } else {
    handOver(place, storage);
    if (isRouted) awaitPage(place.url, storage);
    else location.assign(place.url);
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
  return (
    !!place &&
    guide().then(
      ({ arriveAt }) => arriveAt(place, host),
      () => false,
    )
  );
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
