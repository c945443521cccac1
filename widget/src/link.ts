// A link to a source of an answer.

import { element } from "./dom.ts";
import type { Source } from "./protocol.ts";

/** What knows where sources are. */
export interface Guide {
  /** Null if it is not http(s). */
  address(source: Source): string | null;
  /** Leads to a sentence of the source; without one, to its quote. */
  go(source: Source, sentence?: string): void;
}

/** A link to the source; only its title if the address is not http(s). */
export function linkTo(source: Source, around: Guide, sentence?: string): HTMLElement {
  const href = around.address(source);
  if (!href) return element("span", {}, source.title);
  const onclick = (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return; // a new tab or window
    event.preventDefault();
    around.go(source, sentence);
  };
  return element("a", { href, title: source.section, onclick }, source.title);
}
