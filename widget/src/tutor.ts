// The tutor while it is on a page: launcher, offer, panel and conversation.

import { addressOf } from "./addresses.ts";
import { arrive, goTo, useGuide } from "./arrival.ts";
import type { Attributes } from "./attributes.ts";
import { Conversation, type Listener } from "./conversation.ts";
import { button, element, icon } from "./dom.ts";
import type { DraftStore } from "./draft.ts";
import { isPressed, keepKeys } from "./keys.ts";
import { loadMath, loadMore, type More } from "./later.ts";
import { lengthOf } from "./limits.ts";
import { mark } from "./mark.ts";
import { isOver, type Note } from "./note.ts";
import { Offer } from "./offer.ts";
import { followKeyboard, onOpeners } from "./page_events.ts";
import { Panel } from "./panel.ts";
import type { SelectionData, Source } from "./protocol.ts";
import { selectionIn } from "./selection.ts";
import { watchTheme } from "./theme.ts";
import { type Words, wordsOf } from "./words/index.ts";

const SPEECH = "M4 5h16v11H11l-4 4v-4H4z";
const PLACES = ["", "low", "low high"]; // of the panel: the classes in styles.css
const WIDE = matchMedia("(min-width: 60rem)"); // the panel fits beside the text; as in styles.css

/** What the tutor needs from its element. */
export interface TutorOptions {
  readonly host: HTMLElement;
  readonly attributes: Attributes;
  readonly server: URL;
  readonly storage: Storage | null; // of the tab
  readonly shared: Storage | null; // of the site
  readonly drafts: DraftStore;
  /** Dispatches an event of the element; false if the page has called preventDefault. */
  emit(name: string, detail: unknown): boolean;
}

export class Tutor {
  readonly root: HTMLElement;
  readonly #options: TutorOptions;
  readonly #life = new AbortController();
  readonly #conversation: Conversation;
  readonly #offer: Offer;
  readonly #launcher: HTMLButtonElement;
  readonly #words: Words;
  #themeLife = new AbortController();
  #panel: Panel | null = null; // made when it opens for the first time
  #before: HTMLElement | null = null; // what had the focus before the panel opened
  #isOpen = false;
  #isHearing = false; // of another tab, whose page gets the event
  #place = 0; // of the panel, in PLACES

  constructor(options: TutorOptions) {
    const { host, attributes, server, shared } = options;
    const { words, lang, dir } = wordsOf(attributes.lang, attributes.get("words"));
    this.#options = options;
    this.#words = words;
    this.#conversation = new Conversation({
      server,
      prompt: attributes.get("prompt"),
      listener: this.#listener(),
      storage: shared,
    });
    this.#launcher = button("launcher", words.launch, () => this.open());
    this.#launcher.prepend(icon(SPEECH));
    this.#launcher.ariaExpanded = "false";
    const limit = () => this.#conversation.limits.selection_length;
    const { shortcut } = attributes;
    this.#launcher.setAttribute("aria-keyshortcuts", shortcut);
    this.#offer = new Offer(host, words, shortcut, limit, () => this.open(), this.signal);
    const { position } = attributes;
    // On a page from right to left, it is placed as such a tutor whatever its own words are.
    const isMirrored = dir === "ltr" && host.matches(":dir(rtl)");
    const isLeft = (position === "left") !== isMirrored;
    const className = `tutor ${isLeft ? "left" : ""} ${position.replace("left", "")}`;
    this.root = element("div", { className, lang, dir });
    this.root.append(this.#launcher, this.#offer.root);
    for (const name of ["z-index", "offset"] as const) {
      const given = attributes.get(name);
      if (given) this.root.style.setProperty(`--${name}`, given);
    }
    this.setTheme();
    this.#listen();
  }

  /** Aborts when the tutor ends. */
  get signal(): AbortSignal {
    return this.#life.signal;
  }

  /** Continues where the reader was on another page or before a reload. */
  start(): void {
    if (this.#options.drafts.read().isOpen || this.#isDocked) this.#show();
    this.#conversation.resume();
    void arrive(this.#options.storage);
  }

  /** Saves everything for the next page and closes the connection. */
  suspend(): void {
    this.#keep();
    this.#conversation.suspend();
  }

  end(): void {
    this.#life.abort();
    this.#themeLife.abort();
  }

  /** Forgets the conversation. */
  clear(): void {
    this.#conversation.clear();
  }

  /** Whether the text field has the focus. */
  get hasFocus(): boolean {
    return this.#focused?.localName === "textarea";
  }

  focus(): void {
    this.#panel?.form.field.focus({ preventScroll: true });
  }

  setTheme(): void {
    this.#themeLife.abort();
    this.#themeLife = new AbortController();
    const theme = this.#options.attributes.get("theme");
    const paint = (isDark: boolean) => this.root.classList.toggle("dark", isDark);
    if (theme === "dark" || theme === "light") paint(theme === "dark");
    else watchTheme(paint, this.#themeLife.signal);
  }

  open(): void {
    this.#moveTo(0);
    const { activeElement } = document;
    if (!this.#isOpen)
      this.#before = activeElement === this.#options.host ? null : (activeElement as HTMLElement);
    this.#show();
    this.#takeOffer();
    this.focus();
  }

  close(): void {
    if (!this.#isOpen || !this.#panel || this.#isDocked) return;
    this.#isOpen = false;
    this.#panel.root.hidden = true;
    this.#panel.card.hide();
    this.#launcher.hidden = false;
    this.#launcher.ariaExpanded = "false";
    // The focus goes back to where it was, unless the reader has moved it.
    const before = this.#before !== document.body && this.#before?.isConnected && this.#before;
    if (this.#focused || document.activeElement === document.body)
      (before || this.#launcher).focus({ preventScroll: true });
    this.#keep();
  }

  ask(text: string): void {
    const question = text.trim();
    if (!question) return;
    this.open();
    const { form } = this.#built();
    const draft = form.draft;
    if (lengthOf(question) > this.#conversation.limits.question_length)
      form.restore({ ...draft, text: question });
    else {
      form.restore({ ...draft, selections: [] });
      this.#ask(question, draft.selections);
    }
  }

  /** Whether the panel has its own place in the page and stays open there. */
  get #isDocked(): boolean {
    return this.#options.attributes.position === "inline" && WIDE.matches;
  }

  get #focused(): Element | null {
    return (this.root.getRootNode() as ShadowRoot).activeElement;
  }

  // Parts

  #built(): Panel {
    if (this.#panel) return this.#panel;
    const { server, drafts, attributes } = this.#options;
    const { title } = this.#conversation;
    const own = { ...this.#words, greeting: this.#words.hint, title: title || this.#words.title };
    for (const name of ["title", "greeting", "placeholder", "disclaimer"] as const)
      own[name] = attributes.get(name) ?? own[name];
    const panel = new Panel({
      ...own,
      words: this.#words,
      lang: this.root.lang,
      starters: attributes.starters,
      logo: attributes.logo,
      more: (use) => this.#more(use),
      conversation: () => this.#conversation,
      around: {
        math: () => loadMath(server),
        address: (source) => addressOf(source, server),
        go: (source, sentence) => this.#go(source, sentence),
      },
      ask: (question, selections) => this.#ask(question, selections),
      close: () => this.close(),
    });
    this.#panel = panel;
    const { form, root, card, announcer } = panel;
    form.restore(drafts.read());
    // A reader who selects text and then goes to the field wants to ask about that text.
    form.field.addEventListener("pointerdown", () => this.#takeOffer());
    form.field.addEventListener("focus", () => this.#takeOffer());
    form.root.addEventListener("input", () => this.#keep());
    root.addEventListener("click", () => this.#moveTo(0), true); // the reader is back
    for (const type of ["focusin", "pointerover"] as const)
      root.addEventListener(type, () => this.#greet());
    this.root.append(root, card.root, announcer.root);
    return panel;
  }

  #greet(): void {
    const { attributes } = this.#options;
    if (attributes.get("starters") === undefined) this.#conversation.greet(pageOf(location));
  }

  #takeOffer(): void {
    const found = this.#offer.take();
    if (found) this.#panel?.form.add(found);
  }

  #show(): void {
    const panel = this.#built();
    if (this.#isOpen) return;
    this.#isOpen = true;
    panel.root.hidden = false;
    panel.form.measure();
    this.#launcher.hidden = true;
    this.#launcher.ariaExpanded = "true";
    panel.follow();
    this.#keep();
    this.#options.emit("open", {});
  }

  #ask(question: string, selections: readonly SelectionData[]): void {
    mark(null);
    this.#show();
    this.#more(); // what an answer needs, while there is a network
    const page = pageOf(location);
    const note = this.#conversation.ask(question, selections, page);
    this.#options.emit("question", { question: note.question, passages: selections, page });
    this.#keep();
  }

  // A page may call preventDefault and go there with its own router.
  #go(source: Source, sentence?: string): void {
    const url = addressOf(source, this.#options.server);
    if (!url) return;
    const there = { ...source, url };
    this.#moveTo(0);
    const isRouted = !this.#options.emit("citation", { source: there, sentence });
    goTo({ ...there, sentence }, this.#options.storage, isRouted);
  }

  /** The panel covers what a citation leads to: it becomes low, and then goes to the upper edge. */
  #giveWay(): boolean {
    if (!this.#isOpen || this.#isDocked || this.#place > 1) return false;
    this.#moveTo(this.#place + 1);
    return true;
  }

  #moveTo(place: number): void {
    this.#place = place;
    if (this.#panel) this.#panel.root.className = `panel ${PLACES[place]}`;
  }

  // Events of the page and the reader

  #listen(): void {
    const { signal } = this;
    addEventListener("pagehide", () => this.suspend(), { signal });
    const wake = () => document.hidden || this.#conversation.wake();
    for (const type of ["online", "offline"]) addEventListener(type, wake, { signal });
    addEventListener("popstate", () => void arrive(this.#options.storage), { signal });
    document.addEventListener("visibilitychange", wake, { signal });
    addEventListener("storage", (event) => this.#hear(event), { signal });
    WIDE.addEventListener("change", () => this.#fit(), { signal });
    keepKeys(this.#options.host, signal);
    const onEscape = (event: KeyboardEvent) =>
      event.key === "Escape" && !event.isComposing && this.#escape(event);
    this.root.addEventListener("keydown", onEscape);
    const { shortcut } = this.#options.attributes;
    const onShortcut = (event: KeyboardEvent) => {
      if (event.defaultPrevented || !isPressed(event, shortcut)) return; // a page's own comes first
      event.preventDefault();
      event.stopPropagation();
      if (this.#isOpen && event.currentTarget === this.root) this.#leave();
      else this.open();
    };
    this.root.addEventListener("keydown", onShortcut);
    addEventListener("keydown", onShortcut, { signal });
    document.addEventListener("keydown", ({ key }) => key === "Escape" && mark(null), { signal });
    onOpeners(this.#options.attributes.selector("open-selector"), () => this.open(), signal);
    this.#offerCode();
    followKeyboard(this.root, signal);
    const load = () => loadMore(this.#options.server);
    useGuide(load, { giveWay: () => this.#giveWay(), mark });
  }

  /** Offers to ask about the page's code, where the page wants that. */
  #offerCode(): void {
    const { attributes } = this.#options;
    if (attributes.get("code") === undefined) return;
    const find = (range: Range) => selectionIn(range, this.#conversation.limits.selection_length);
    this.#more(({ watchCode }) =>
      watchCode(attributes.selector("code") || "pre", find, this.#offer, this.signal),
    );
  }

  /** Uses what is loaded later, if it can be loaded. */
  #more(use?: (more: More) => void): void {
    const fail = () => use && this.#panel?.showLink(navigator.onLine ? "unreachable" : "offline");
    loadMore(this.#options.server).then(use, fail);
  }

  #escape(event: KeyboardEvent): void {
    event.stopPropagation();
    if (this.#panel?.card.isShown) this.#panel.card.hide();
    else if (this.#isDocked) mark(null);
    else this.close();
  }

  /** Closes the panel, or leads back from one that stays open. */
  #leave(): void {
    if (this.#isDocked) (this.#before ?? document.body).focus({ preventScroll: true });
    (this.#focused as HTMLElement | null)?.blur();
    this.close();
  }

  /** The window became wide or narrow. A panel without a place in the page would cover the text. */
  #fit(): void {
    if (this.#isDocked) this.#show();
    else if (this.#options.attributes.position === "inline" && !this.#focused) this.close();
  }

  #keep(): void {
    const { text, selections } = this.#panel?.form.draft ?? this.#options.drafts.read();
    const isOpen = this.#isOpen && !this.#isDocked; // a docked panel is always open
    this.#options.drafts.write({ text, selections, isOpen });
  }

  // Reports of the conversation

  #listener(): Listener {
    return {
      added: (note) => this.#panel?.add(note),
      grew: (note, piece) => this.#panel?.grow(note, piece),
      restarted: (note) => this.#panel?.restart(note),
      changed: (note) => this.#changed(note),
      removed: (note) => {
        this.#panel?.remove(note);
        if (note.state === "answering") this.#launcher.classList.remove("writing");
      },
      linked: (link) => this.#panel?.showLink(link),
      welcomed: () => {
        this.#panel?.form.measure();
        const title = this.#options.attributes.get("title") ?? this.#conversation.title;
        if (title) this.#panel?.name(title);
      },
      suggested: (questions) => this.#panel?.suggest(questions),
    };
  }

  /** Another tab of the site goes on with the conversation. */
  #hear({ storageArea, key, newValue }: StorageEvent): void {
    if (storageArea !== this.#options.shared || !key) return;
    this.#isHearing = true;
    this.#conversation.hear(key, newValue, !document.hidden);
    this.#isHearing = false;
  }

  #changed(note: Note): void {
    this.#panel?.change(note);
    const isWriting = this.#conversation.notes.some(({ state }) => state === "answering");
    this.#launcher.classList.toggle("writing", isWriting);
    if (!isOver(note) || this.#isHearing) return;
    const { question, text, sources, ending, failure } = note;
    if (failure) this.#options.emit("error", { ...failure, question });
    else this.#options.emit("answer", { question, text, sources, ...ending });
  }
}

/** The address of a page without what does not matter. */
const pageOf = ({ href }: Location): string => href.split(/[?#]/, 1)[0] ?? "";
