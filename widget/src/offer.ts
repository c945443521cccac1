// The button "Ask about this" beside a selection.

import { button, moveTo } from "./dom.ts";
import { type PageSelection, watchSelection } from "./selection.ts";
import type { Words } from "./words/en.ts";

const GAP = 8; // px

export class Offer {
  readonly root: HTMLButtonElement;
  #found: PageSelection | null = null;
  #byTouch = false;

  constructor(
    host: Element,
    words: Words,
    shortcut: string,
    limit: () => number,
    accept: () => void,
    signal: AbortSignal,
  ) {
    this.root = button("offer", words.askAbout, accept);
    this.root.hidden = true;
    this.root.title = shortcut ? `${words.askAbout} (${shortcut})` : words.askAbout;
    this.root.setAttribute("aria-keyshortcuts", shortcut);
    // Without this, pressing the button would remove the selection.
    this.root.onpointerdown = (event) => event.preventDefault();
    const stop = watchSelection(host, limit, (found, by) => this.show(found, by === "touch"));
    signal.addEventListener("abort", stop);
    const place = () => this.#place();
    addEventListener("scroll", place, { signal, passive: true, capture: true });
    addEventListener("resize", place, { signal });
    const onKey = (event: KeyboardEvent) => {
      if (event.key === "Escape") this.root.hidden = true;
    };
    addEventListener("keydown", onKey, { signal });
  }

  /** Returns the selection and hides the button. */
  take(): PageSelection | null {
    const found = this.#found;
    this.show(null);
    return found;
  }

  /** Shows the button beside what it is about; null hides it. */
  show(found: PageSelection | null, byTouch = false): void {
    this.#found = found;
    this.root.hidden = !found;
    this.#byTouch = byTouch;
    this.#place();
  }

  #place(): void {
    if (!this.#found || this.root.hidden) return;
    const rects = this.#found.range.getClientRects();
    const [first, last] = [rects[0], rects[rects.length - 1]];
    if (!first || !last) return;
    const { offsetWidth, offsetHeight } = this.root;
    const above = first.top - offsetHeight - GAP;
    // A phone shows its own menu above, and handles below.
    if (this.#byTouch || above < 0)
      moveTo(
        this.root,
        last.right - offsetWidth / 2,
        last.bottom + (this.#byTouch ? 3 * GAP : GAP),
      );
    else moveTo(this.root, first.left, above);
  }
}
