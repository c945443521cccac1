// The card of a citation: section, quote and link. Hover, focus or a first tap shows it.

import { element } from "./dom.ts";
import type { Source } from "./protocol.ts";

const PAUSE = 200; // ms; the card stays open while the pointer moves from the button to it

export class Card {
  readonly root = element("div", { className: "card", hidden: true });
  readonly #words: { go: string };
  #timer = 0;
  #of: HTMLElement | null = null;

  constructor(words: { go: string }) {
    this.#words = words;
    this.root.addEventListener("pointerenter", () => clearTimeout(this.#timer));
    this.root.addEventListener("pointerleave", () => this.#hideSoon());
  }

  /** Gives a button a card, and calls `go` when it is pressed. */
  attach(button: HTMLElement, source: Source, go: () => void): void {
    const show = () => this.#show(button, source, go);
    button.addEventListener("pointerenter", (event) => {
      if (event.pointerType === "touch") return;
      clearTimeout(this.#timer);
      this.#timer = window.setTimeout(show, PAUSE);
    });
    button.addEventListener("pointerleave", (event) => {
      if (event.pointerType !== "touch") this.#hideSoon();
    });
    button.addEventListener("focus", () => {
      if (button.matches(":focus-visible")) show();
    });
    button.addEventListener("blur", () => this.#hideSoon());
    let by = "";
    button.addEventListener("pointerdown", ({ pointerType }) => {
      by = pointerType;
    });
    button.addEventListener("click", ({ detail }) => {
      // A finger cannot hover: the first tap shows the card, which has a link.
      if (detail && by === "touch" && this.#of !== button) return show();
      this.hide();
      go();
    });
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
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.hide(), PAUSE);
  }

  #show(button: HTMLElement, source: Source, go: () => void): void {
    clearTimeout(this.#timer);
    this.#of = button;
    const press = () => {
      this.hide();
      go();
    };
    this.root.replaceChildren(
      element("strong", { dir: "auto" }, source.title),
      element("span", { className: "place", dir: "auto" }, source.section),
      element("blockquote", { dir: "auto" }, source.quote),
      element("button", { type: "button", tabIndex: -1, onclick: press }, this.#words.go),
    );
    this.root.hidden = false;
    const { left, top, bottom } = button.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.root;
    const below = bottom + 6 + height <= innerHeight ? bottom + 6 : Math.max(8, top - 6 - height);
    const across = Math.max(
      8,
      Math.min(left - 16, document.documentElement.clientWidth - width - 8),
    );
    this.root.style.left = `${across}px`;
    this.root.style.top = `${below}px`;
  }
}
