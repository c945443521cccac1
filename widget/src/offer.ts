// The button "Ask about this" beside a selection.

import { button } from "./dom.ts";
import { type PageSelection, watchSelection } from "./selection.ts";
import type { Words } from "./words/en.ts";

const GAP = 8; // px

export class Offer {
  readonly root: HTMLButtonElement;
  #found: PageSelection | null = null;

  constructor(
    host: Element,
    words: Words,
    limit: () => number,
    accept: () => void,
    signal: AbortSignal,
  ) {
    this.root = button("offer", words.askAbout, accept);
    this.root.hidden = true;
    this.root.title = words.askAboutKeys;
    this.root.setAttribute("aria-keyshortcuts", "Alt+A");
    // Without this, pressing the button would remove the selection.
    this.root.addEventListener("pointerdown", (event) => event.preventDefault());
    const stop = watchSelection(host, limit, (found, by) => this.#change(found, by === "touch"));
    signal.addEventListener("abort", stop);
    const place = () => this.#place();
    addEventListener("scroll", place, { signal, passive: true, capture: true });
    addEventListener("resize", place, { signal });
    const onKey = (event: KeyboardEvent) => {
      const isA = event.code === "KeyA" || event.key.toLowerCase() === "a"; // å on a Mac
      const isShortcut = event.altKey && !event.ctrlKey && !event.metaKey && isA;
      if (!this.#found || !(isShortcut || event.key === "Escape")) return;
      if (isShortcut) {
        event.preventDefault();
        accept();
      } else this.root.hidden = true;
    };
    addEventListener("keydown", onKey, { signal });
  }

  /** Returns the selection and hides the button. */
  take(): PageSelection | null {
    const found = this.#found;
    this.#change(null);
    return found;
  }

  #change(found: PageSelection | null, byTouch = false): void {
    this.#found = found;
    this.root.hidden = !found;
    this.root.classList.toggle("below", byTouch); // a phone shows its own menu above
    this.#place();
  }

  #place(): void {
    if (!this.#found || this.root.hidden) return;
    const rects = this.#found.range.getClientRects();
    const [first, last] = [rects[0], rects[rects.length - 1]];
    if (!first || !last) return;
    const { offsetWidth: width, offsetHeight: height } = this.root;
    const above = first.top - height - GAP;
    const below = last.bottom + GAP + (this.root.classList.contains("below") ? 2 * GAP : 0);
    const isBelow = this.root.classList.contains("below") || above < 0;
    const top = isBelow ? below : above;
    const left = isBelow ? last.right - width / 2 : first.left;
    const clamp = (value: number, size: number, room: number) =>
      Math.max(GAP, Math.min(value, room - size - GAP));
    this.root.style.left = `${clamp(left, width, document.documentElement.clientWidth)}px`;
    this.root.style.top = `${clamp(top, height, innerHeight)}px`;
  }
}
