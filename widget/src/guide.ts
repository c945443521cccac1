// Finds what a citation leads to on this page, and opens what hides it.

import { findQuote } from "./quote_place.ts";

export interface Guide {
  findPlace: typeof findPlace;
  reveal: typeof reveal;
}

/** The range of the sentence, or else of the quote; below `anchor` first. */
export function findPlace(
  { quote, sentence }: { readonly quote: string; readonly sentence?: string | undefined },
  anchor: string | undefined,
): Range | null {
  return (sentence && findQuote(sentence, anchor)) || findQuote(quote, anchor);
}

/** Opens the folded parts of the page that a node is in. True if there were any. */
export function reveal(node: Node): boolean {
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
