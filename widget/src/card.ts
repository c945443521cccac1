// The card of a citation: section, quote and link. Hover, focus or a first tap shows it.

import { element, moveTo } from "./dom.ts";
import type { Source } from "./protocol.ts";

const GAP = 8; // px
const PAUSE = 200; // ms; the card stays open while the pointer moves from the button to it

export class Card {
  readonly root = element("div", { className: "card", hidden: true });
  readonly #words: { go: string };
  #timer = 0;
  #of: HTMLElement | null = null;

  constructor(words: { go: string }) {
    this.#words = words;
    this.root.onpointerenter = () => clearTimeout(this.#timer);
    this.root.onpointerleave = () => this.#hideSoon();
  }

  /** Gives a button a card, which shows the proof if there is one, and calls `go` when it is
   * pressed. */
  attach(
    button: HTMLElement,
    source: Source,
    proof: () => string | undefined,
    go: () => void,
  ): void {
    const show = () => this.#show(button, source, proof() ?? source.quote, go);
    button.onpointerenter = ({ pointerType }) => {
      if (pointerType !== "touch") this.#soon(show);
    };
    button.onpointerleave = ({ pointerType }) => {
      if (pointerType !== "touch") this.#hideSoon();
    };
    button.onfocus = () => {
      if (button.matches(":focus-visible")) show();
    };
    button.onblur = () => this.#hideSoon();
    let by = "";
    button.onpointerdown = ({ pointerType }) => {
      by = pointerType;
    };
    button.onclick = ({ detail }) => {
      // A finger cannot hover: the first tap shows the card, which has a link.
      if (detail && by === "touch" && this.#of !== button) return show();
      this.hide();
      go();
    };
  }

  get isShown(): boolean {
    return this.#of !== null;
  }

  hide(): void {
    clearTimeout(this.#timer);
    this.root.hidden = true;
    this.#of = null;
  }

  #hideSoon(): void {
    this.#soon(() => this.hide());
  }

  #soon(run: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(run, PAUSE);
  }

  #show(button: HTMLElement, source: Source, quote: string, go: () => void): void {
    clearTimeout(this.#timer);
    this.#of = button;
    const press = () => {
      this.hide();
      go();
    };
    this.root.replaceChildren(
      element("strong", { dir: "auto" }, source.title),
      element("span", { className: "place", dir: "auto" }, source.section),
      element("blockquote", { dir: "auto" }, quote),
      element("button", { type: "button", tabIndex: -1, onclick: press }, this.#words.go),
    );
    this.root.hidden = false;
    const { left, top, bottom } = button.getBoundingClientRect();
    const { offsetHeight } = this.root;
    const hasRoom = bottom + GAP + offsetHeight <= innerHeight;
    moveTo(this.root, left - 2 * GAP, hasRoom ? bottom + GAP : top - GAP - offsetHeight);
  }
}
