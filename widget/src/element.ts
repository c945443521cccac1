// <scholiast-tutor>: attributes in, events out, everything else in its shadow root.

import { Attributes, NAMES } from "./attributes.ts";
import { DraftStore } from "./draft.ts";
import { mark } from "./mark.ts";
import { openStorage } from "./store.ts";
import { sheet } from "./styles.ts";
import { Tutor } from "./tutor.ts";
import { loadWords } from "./words/index.ts";

export class ScholiastTutor extends HTMLElement {
  static readonly observedAttributes = NAMES;

  /** Whether the page has called `destroy`. */
  isDestroyed = false;
  readonly #shadow = this.attachShadow({ mode: "open" });
  readonly #storage = openStorage("sessionStorage");
  readonly #shared = openStorage("localStorage");
  readonly #attributes = new Attributes(this);
  #isPlaced = false; // before that, the attributes in the page's HTML arrive one by one
  #tutor: Tutor | null = null; // while the element is in the page
  #drafts: DraftStore | null = null;

  connectedCallback(): void {
    this.#isPlaced = true;
    if (this.#tutor) return;
    const { server } = this.#attributes;
    if (!server) return;
    const loading = loadWords(this.#attributes.lang, this.#attributes.get("words"), server);
    if (loading) {
      void loading.then(() => this.#isPlaced && this.connectedCallback());
      return;
    }
    this.#drafts = new DraftStore(this.#storage, server);
    const tutor = new Tutor({
      host: this,
      attributes: this.#attributes,
      server,
      storage: this.#storage,
      shared: this.#shared,
      drafts: this.#drafts,
      emit: (name, detail) => this.#emit(name, detail),
    });
    this.#tutor = tutor;
    this.#shadow.adoptedStyleSheets = [sheet()];
    this.#shadow.replaceChildren(tutor.root);
    const { signal } = tutor;
    addEventListener("pageshow", ({ persisted }) => persisted && this.#revive(), { signal });
    tutor.start();
  }

  disconnectedCallback(): void {
    this.#isPlaced = false;
    if (!this.#tutor) return;
    this.#tutor.suspend();
    this.#end();
    this.#shadow.replaceChildren();
    mark(null);
  }

  attributeChangedCallback(name: string, before: string | null, now: string | null): void {
    if (!this.#isPlaced || before === now) return;
    if (name === "theme" && this.#tutor) this.#tutor.setTheme();
    else {
      const hadFocus = this.#tutor?.hasFocus;
      this.disconnectedCallback();
      this.connectedCallback();
      if (hadFocus) this.#tutor?.focus();
    }
  }

  /** Shows the panel, and adds what is selected to the next question. */
  open(): void {
    this.#tutor?.open();
  }

  close(): void {
    this.#tutor?.close();
  }

  /** Opens the panel and asks, with the selections that are in the form. */
  ask(text: string): void {
    this.#tutor?.ask(text);
  }

  /** Removes the tutor from the page and forgets the conversation. */
  destroy(): void {
    this.isDestroyed = true;
    this.#tutor?.clear();
    this.remove();
    this.#drafts?.remove();
  }

  /** The browser shows a page again from its memory. The stored conversation may be newer. */
  #revive(): void {
    if (!this.#shared) this.#tutor?.start();
    else {
      this.#end(); // without saving: that was done at pagehide
      this.connectedCallback();
    }
  }

  #end(): void {
    this.#tutor?.end();
    this.#tutor = null;
  }

  #emit(name: string, detail: unknown): boolean {
    const options = { detail, bubbles: true, composed: true, cancelable: name === "citation" };
    return this.dispatchEvent(new CustomEvent(`scholiast:${name}`, options));
  }
}
