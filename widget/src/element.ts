// <scholiast-tutor>: attributes in, events out, everything else in its shadow root.

import { arrive, handOver, isHere, leadTo } from "./arrival.ts";
import { Conversation, type Link, type Listener, type Note } from "./conversation.ts";
import { button, element, icon, lengthOf, openStorage } from "./dom.ts";
import type { Draft } from "./form.ts";
import { Offer } from "./offer.ts";
import { Panel } from "./panel.ts";
import { mark } from "./passage.ts";
import type { SelectionData, Source } from "./protocol.ts";
import { sheet } from "./styles.ts";
import { watchTheme } from "./theme.ts";
import { type Words, wordsOf } from "./words/index.ts";

declare const MATH_MODULE: string; // the name of math.ts's bundle, from the build

const SPEECH = "M4 5h16v11H11l-4 4v-4H4z";
const ARRIVAL = 5000; // ms that a page's own router may take to show another page
const WIDE = matchMedia("(min-width: 60rem)"); // there is room beside the text; as in styles.css

/** What an element does where an attribute is missing; the script tag's `data-*` set it. */
export const defaults: Record<string, string> = {};

interface Kept extends Draft {
  readonly isOpen: boolean;
}

export class ScholiastTutor extends HTMLElement {
  static readonly observedAttributes =
    "server theme lang position open-selector starters disclaimer prompt".split(" ");

  readonly #shadow = this.attachShadow({ mode: "open" });
  readonly #storage = openStorage();
  #isPlaced = false; // attributes of the page's own HTML come one by one before that
  #life: AbortController | null = null; // between being put into the page and taken out of it
  #base!: URL; // the server's
  #themeLife = new AbortController();
  #conversation!: Conversation;
  #panel: Panel | null = null; // made when it is first opened
  #offer!: Offer;
  #tutor!: HTMLElement;
  #launcher!: HTMLButtonElement;
  #words!: Words;
  #language = "en";
  #before: HTMLElement | null = null; // what had the focus before the panel opened
  #isOpen = false;

  connectedCallback(): void {
    this.#isPlaced = true;
    if (this.#life) return;
    const server = this.#server();
    if (!server) {
      console.error(
        `<scholiast-tutor>: server="${this.#get("server")}" is no http(s) address, such as https://tutor.example/.`,
      );
      return;
    }
    this.#base = server;
    this.#life = new AbortController();
    const { signal } = this.#life;
    const { words, lang, dir } = wordsOf(this.#get("lang") ?? "en");
    this.#words = words;
    this.#language = lang;
    this.#conversation = new Conversation({
      server,
      prompt: this.#get("prompt"),
      listener: this.#listener(),
      storage: this.#storage,
    });
    this.#launcher = button("launcher", words.launch, () => this.open());
    this.#launcher.prepend(icon(SPEECH));
    this.#launcher.ariaExpanded = "false";
    const limit = () => this.#conversation.limits.selection_length;
    this.#offer = new Offer(this, words, limit, () => this.open(), signal);
    this.#tutor = element("div", { className: "tutor", lang, dir });
    const position = this.#get("position") ?? "";
    this.#tutor.classList.add(/^(left|inline)$/.test(position) ? position : "right");
    this.#tutor.append(this.#launcher, this.#offer.root);
    this.#shadow.adoptedStyleSheets = [sheet()];
    this.#shadow.replaceChildren(this.#tutor);
    this.#setTheme();
    this.#listen(signal);
    this.#takeUp();
  }

  disconnectedCallback(): void {
    this.#isPlaced = false;
    if (!this.#life) return;
    this.#keep();
    this.#conversation.destroy();
    this.#end();
    this.#shadow.replaceChildren();
    mark(null);
  }

  attributeChangedCallback(name: string, before: string | null, now: string | null): void {
    if (!this.#isPlaced || before === now) return;
    if (name === "theme" && this.#life) this.#setTheme();
    else {
      const hadFocus = this.#shadow.activeElement === this.#panel?.form.field;
      this.disconnectedCallback();
      this.connectedCallback();
      if (hadFocus) this.#panel?.form.field.focus({ preventScroll: true });
    }
  }

  /** Shows the panel, with what is highlighted as part of the next question. */
  open(): void {
    if (!this.#life) return;
    const found = this.#offer.take();
    const { activeElement } = document;
    if (!this.#isOpen)
      this.#before = activeElement === this ? null : (activeElement as HTMLElement);
    this.#show();
    const { form } = this.#built();
    if (found) form.add(found);
    form.field.focus({ preventScroll: true });
  }

  close(): void {
    if (!this.#isOpen || !this.#panel || this.#isDocked) return;
    this.#isOpen = false;
    this.#panel.root.hidden = true;
    this.#panel.card.hide();
    this.#launcher.hidden = false;
    this.#launcher.ariaExpanded = "false";
    // What had the focus gets it back, unless the reader has gone on to something else.
    const before = this.#before !== document.body && this.#before?.isConnected && this.#before;
    if (this.#shadow.activeElement || document.activeElement === document.body)
      (before || this.#launcher).focus({ preventScroll: true });
    this.#keep();
  }

  /** Asks about the passages that stand in the form; opens the panel. */
  ask(text: string): void {
    const question = text.trim();
    if (!this.#life || !question) return;
    this.open();
    const { form } = this.#built();
    const draft = form.draft;
    if (lengthOf(question) > this.#conversation.limits.question_length)
      form.restore({ ...draft, text: question });
    else {
      form.restore({ ...draft, passages: [] });
      this.#ask(question, draft.passages);
    }
  }

  /** Takes the tutor off the page and forgets what was asked. */
  destroy(): void {
    if (this.#life) this.#conversation.clear();
    this.remove();
    if (this.#base) this.#storage?.removeItem(this.#key);
  }

  /** Whether the panel has a place of its own in the page, where it stays. */
  get #isDocked(): boolean {
    return this.#get("position") === "inline" && WIDE.matches;
  }

  // Parts

  #get(name: string): string | undefined {
    return this.getAttribute(name) ?? defaults[name];
  }

  #server(): URL | null {
    try {
      const server = new URL(this.#get("server") ?? "/", document.baseURI);
      if (!server.pathname.endsWith("/")) server.pathname += "/";
      return /^https?:$/.test(server.protocol) ? server : null;
    } catch {
      return null;
    }
  }

  #built(): Panel {
    if (this.#panel) return this.#panel;
    const panel = new Panel({
      words: this.#words,
      lang: this.#language,
      starters: (this.#get("starters") ?? "").split("|").filter((text) => text.trim()),
      disclaimer: this.#get("disclaimer") ?? this.#words.disclaimer,
      conversation: () => this.#conversation,
      around: {
        math: () => this.#math(),
        address: (source) => this.#address(source),
        go: (source) => this.#go(source),
      },
      ask: (question, passages) => this.#ask(question, passages),
      close: () => this.close(),
    });
    this.#panel = panel;
    const { form, root, card, announcer } = panel;
    form.restore(this.#kept());
    // Who goes on to write about what is highlighted means it.
    form.field.addEventListener("pointerdown", () => this.#takeOffer());
    form.field.addEventListener("focus", () => this.#takeOffer());
    form.root.addEventListener("input", () => this.#keep());
    this.#tutor.append(root, card.root, announcer.root);
    return panel;
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
    this.#emit("open", {});
  }

  #ask(question: string, passages: readonly SelectionData[]): void {
    mark(null);
    this.#show();
    const page = location.href.split(/[?#]/, 1)[0] ?? "";
    const note = this.#conversation.ask(question, passages, page);
    this.#emit("question", { question: note.question, passages, page: note.page });
    this.#keep();
  }

  #math(): Promise<typeof import("./math.ts")> {
    return import(new URL(`widget/${MATH_MODULE}`, this.#base).href);
  }

  #address(source: Source): string | null {
    const url = URL.canParse(source.url, this.#base) ? new URL(source.url, this.#base) : null;
    return url && /^https?:$/.test(url.protocol) ? url.href : null;
  }

  // Leads to the passage. A page may take the event's default away and go there by its own router.
  #go(source: Source): void {
    const url = this.#address(source);
    if (!url) return;
    const there = { ...source, url };
    if (!WIDE.matches) this.close(); // the panel would cover it
    const isLeft = this.#emit("citation", { source: there });
    if (isLeft && isHere(url)) leadTo(there);
    else {
      handOver(there, this.#storage);
      if (isLeft) location.assign(url);
      else this.#awaitPage(url);
    }
  }

  #awaitPage(url: string): void {
    const until = Date.now() + ARRIVAL;
    const look = () => {
      if (isHere(url)) void arrive(this.#storage);
      else if (Date.now() < until) setTimeout(look, 100);
    };
    look();
  }

  #emit(name: string, detail: unknown): boolean {
    const options = { detail, bubbles: true, composed: true, cancelable: name === "citation" };
    return this.dispatchEvent(new CustomEvent(`scholiast:${name}`, options));
  }

  // What the page and the reader do

  #listen(signal: AbortSignal): void {
    addEventListener("pagehide", () => this.#leave(), { signal });
    addEventListener("pageshow", ({ persisted }) => persisted && this.#revive(), { signal });
    addEventListener("online", () => this.#conversation.wake(), { signal });
    addEventListener("offline", () => this.#conversation.wake(), { signal });
    addEventListener("popstate", () => void arrive(this.#storage), { signal });
    const onVisible = () => document.hidden || this.#conversation.wake();
    document.addEventListener("visibilitychange", onVisible, { signal });
    WIDE.addEventListener("change", () => this.#fit(), { signal });
    const onEscape = (event: KeyboardEvent) =>
      event.key === "Escape" && !event.isComposing && this.#escape(event);
    this.#tutor.addEventListener("keydown", onEscape);
    document.addEventListener("keydown", ({ key }) => key === "Escape" && mark(null), { signal });
    this.#listenForOpeners(signal);
    this.#followKeyboard(signal);
  }

  #escape(event: KeyboardEvent): void {
    event.stopPropagation();
    if (this.#panel?.card.isShown) this.#panel.card.hide();
    else if (this.#isDocked) mark(null);
    else this.close();
  }

  #listenForOpeners(signal: AbortSignal): void {
    const selector = this.#get("open-selector");
    if (!selector) return;
    try {
      document.querySelector(selector);
    } catch {
      console.error(`<scholiast-tutor>: open-selector="${selector}" is no CSS selector.`);
      return;
    }
    const onClick = (event: MouseEvent) => {
      if (!(event.target as Element).closest?.(selector)) return;
      event.preventDefault();
      this.open();
    };
    document.addEventListener("click", onClick, { signal });
  }

  /** A phone's keyboard covers the foot of the page: the sheet stands above it. */
  #followKeyboard(signal: AbortSignal): void {
    const view = visualViewport;
    if (!view) return;
    const move = () => {
      const covered =
        view.scale === 1 ? Math.max(0, innerHeight - view.height - view.offsetTop) : 0;
      this.#tutor.style.setProperty("--keyboard", `${covered}px`);
      this.#tutor.style.setProperty("--room", `${view.scale === 1 ? view.height : innerHeight}px`);
    };
    view.addEventListener("resize", move, { signal });
    view.addEventListener("scroll", move, { signal });
  }

  #setTheme(): void {
    this.#themeLife.abort();
    this.#themeLife = new AbortController();
    const theme = this.#get("theme");
    const paint = (isDark: boolean) => this.#tutor.classList.toggle("dark", isDark);
    if (theme === "dark" || theme === "light") paint(theme === "dark");
    else watchTheme(paint, this.#themeLife.signal);
  }

  // What stays over a reload

  #takeUp(): void {
    if (this.#kept().isOpen || this.#isDocked) this.#show();
    this.#conversation.resume();
    void arrive(this.#storage);
  }

  /** On coming back to a page that the browser kept whole: other pages may have gone on since. */
  #revive(): void {
    if (!this.#storage) this.#takeUp();
    else {
      this.#end(); // without keeping anything: pagehide has
      this.connectedCallback();
    }
  }

  #end(): void {
    this.#life?.abort();
    this.#life = null;
    this.#themeLife.abort();
    this.#panel = null;
    this.#isOpen = false;
  }

  /** The window became wide or narrow: a panel that has lost its place would cover the text. */
  #fit(): void {
    if (this.#isDocked) this.#show();
    else if (this.#get("position") === "inline" && !this.#shadow.activeElement) this.close();
  }

  #leave(): void {
    this.#keep();
    this.#conversation.suspend();
  }

  get #key(): string {
    return `scholiast:form:${this.#base.href}`;
  }

  #keep(): void {
    const draft = this.#panel?.form.draft ?? this.#kept();
    const isOpen = this.#isOpen && !this.#isDocked; // a place of its own is no choice of the reader
    const kept: Kept = { text: draft.text, passages: draft.passages, isOpen };
    try {
      this.#storage?.setItem(this.#key, JSON.stringify(kept));
    } catch {
      // No room: then what is not asked yet stays with its page.
    }
  }

  #kept(): Kept {
    try {
      const { text, passages, isOpen } = JSON.parse(this.#storage?.getItem(this.#key) ?? "");
      if (typeof text === "string" && Array.isArray(passages)) return { text, passages, isOpen };
    } catch {
      // Nothing there, or nothing of ours.
    }
    return { text: "", passages: [], isOpen: false };
  }

  // What the conversation tells

  #listener(): Listener {
    return {
      added: (note) => this.#panel?.add(note),
      grew: (note, piece) => this.#panel?.grow(note, piece),
      restarted: (note) => {
        this.#panel?.restart(note);
        this.#panel?.announcer.drop();
        if (note.state !== "waiting") this.#panel?.announcer.say(this.#words.forgotten);
      },
      changed: (note) => this.#changed(note),
      removed: (note) => {
        this.#panel?.remove(note);
        if (note.state !== "answering") return;
        this.#panel?.announcer.drop();
        this.#launcher.classList.remove("writing");
      },
      linked: (link: Link) => this.#panel?.tell(link),
      welcomed: () => this.#panel?.form.measure(),
    };
  }

  #changed(note: Note): void {
    this.#panel?.change(note);
    const isOver = note.state === "ended" || note.state === "failed";
    const isWriting = this.#conversation.notes.some(({ state }) => state === "answering");
    this.#launcher.classList.toggle("writing", isWriting);
    if (!isOver) return;
    const { question, text, sources, ending, failure } = note;
    this.#panel?.announcer.end();
    if (failure) {
      this.#panel?.announcer.say(failure.message);
      this.#emit("error", { ...failure, question });
    } else {
      this.#panel?.announcer.say(
        ending?.status === "cancelled" ? this.#words.stopped : this.#words.done,
      );
      this.#emit("answer", { question, text, sources, ...ending });
    }
  }
}
