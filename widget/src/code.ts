// Offers to ask about the page's blocks of code, where the page wants that.

import type { PageSelection } from "./selection.ts";

const PAUSE = 600; // ms; the offer stays while the pointer moves from the code to it

interface Offer {
  show(found: PageSelection | null, byTouch?: boolean): void;
}

/** Shows the offer beside a block of code, by its selector, that the pointer or the focus is in. */
export function watchCode(
  selector: string,
  find: (range: Range) => PageSelection | null,
  offer: Offer,
  signal: AbortSignal,
): void {
  let shown: Element | null = null; // the last block, until the pointer goes to the offer
  let isNear = false;
  let timer = 0;
  const change = (block: Element | null, byTouch: boolean) => {
    shown = block;
    isNear = !!block;
    if (!document.getSelection()?.isCollapsed) return; // what is selected comes first
    const range = document.createRange();
    if (block) range.selectNode(block);
    offer.show(block && find(range), byTouch);
  };
  const look = (event: Event) => {
    const target = event.target as Element;
    const block = target.closest?.(selector) ?? null;
    const byTouch = event instanceof PointerEvent && event.pointerType === "touch";
    const isNew = block !== shown || event.type === "focusin";
    clearTimeout(timer);
    if (target.shadowRoot) shown = null;
    else if (block && isNew) change(block, byTouch);
    else if (!block && isNear) timer = window.setTimeout(() => change(null, byTouch), PAUSE);
  };
  for (const type of ["pointerover", "focusin"])
    document.addEventListener(type, look, { signal, passive: true });
}
