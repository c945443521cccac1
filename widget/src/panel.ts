// The panel: the conversation, the state of the connection, and the form.

import { Announcer } from "./announcer.ts";
import { Card } from "./card.ts";
import type { Link } from "./connection.ts";
import type { Conversation } from "./conversation.ts";
import { button, CROSS, element, iconButton } from "./dom.ts";
import { Form } from "./form.ts";
import type { More } from "./later.ts";
import { isOver, isRunning, type Note, unfoundIn } from "./note.ts";
import { NoteView, type Surroundings, saidOf } from "./note_view.ts";
import type { SelectionData } from "./protocol.ts";
import type { Words } from "./words/en.ts";

const AGAIN = "M4 12a8 8 0 1 1 2.3 5.7M4 20v-5h5";
const LIST = "M4 6h16M4 12h16M4 18h10";

export interface PanelOptions {
  readonly words: Words;
  readonly lang: string;
  readonly starters: string[];
  readonly logo: string;
  readonly title: string;
  readonly greeting: string;
  readonly placeholder: string;
  readonly disclaimer: string;
  readonly conversation: () => Conversation;
  readonly around: Omit<Surroundings, "card" | "words" | "stop" | "retry" | "copy">;
  more(use: (more: More) => void): void;
  ask(question: string, selections: readonly SelectionData[]): void;
  close(): void;
}

export class Panel {
  readonly root: HTMLElement;
  readonly form: Form;
  readonly card: Card;
  readonly announcer: Announcer;
  readonly #words: Words;
  readonly #options: PanelOptions;
  readonly #around: Surroundings;
  readonly #views = new Map<Note, NoteView>();
  readonly #log: HTMLElement;
  readonly #hint = element("div", { className: "hint" });
  readonly #link: HTMLElement;
  readonly #renew: HTMLButtonElement;
  readonly #listing: HTMLButtonElement;
  readonly #title: HTMLElement;
  #list: HTMLElement | undefined; // of cited passages
  #following = 0; // the next frame, if it is to scroll
  #said = Number.POSITIVE_INFINITY; // how many questions came before, when it was last said
  #scrolledTo = -1; // the position to which `follow` has scrolled; -1: it has not

  constructor(options: PanelOptions) {
    const { words, conversation, close, disclaimer } = options;
    this.#words = words;
    this.#options = options;
    this.card = new Card(words);
    this.announcer = new Announcer(options.lang);
    const stop = (note: Note) => conversation().stop(note);
    const retry = (note: Note) => conversation().retry(note);
    const copy: Surroundings["copy"] = (note, pressed) =>
      options.more(({ copyAnswer }) => void copyAnswer(note, pressed, this.#around));
    this.#around = { ...options.around, words, card: this.card, stop, retry, copy };
    this.#renew = iconButton("icon", AGAIN, words.renew, () => conversation().clear());
    this.#listing = iconButton("icon", LIST, words.passages, () => this.#toggleList());
    const { logo } = options;
    const onerror = () => (image as Element).remove();
    const image = logo ? element("img", { src: logo, alt: "", className: "logo", onerror }) : "";
    this.#title = element("h2");
    const cross = iconButton("icon close", CROSS, words.close, close);
    this.#log = element("div", { className: "log", tabIndex: 0, role: "region" }, this.#hint);
    this.#link = element("div", { className: "link", role: "status" });
    const stopNow = () => {
      const running = conversation().notes.find(isRunning);
      if (running) stop(running);
    };
    const say = (text: string) => this.announcer.say(text);
    this.form = new Form(words, () => conversation().limits, options.ask, stopNow, say);
    this.form.field.placeholder = options.placeholder;
    this.root = element(
      "section",
      { className: "panel", role: "dialog", hidden: true },
      element("header", {}, image, this.#title, this.#listing, this.#renew, cross),
      this.#log,
      this.#link,
      this.form.root,
      element("p", { className: "disclaimer", hidden: !disclaimer }, disclaimer),
    );
    this.name(options.title);
    this.suggest(options.starters);
    for (const note of conversation().notes) this.add(note);
    this.refresh();
    this.showLink(conversation().link);
  }

  name(title: string): void {
    this.#title.textContent = this.root.ariaLabel = this.#log.ariaLabel = title;
  }

  /** Shows questions that a click asks. */
  suggest(questions: readonly string[]): void {
    const { words, greeting, ask } = this.#options;
    const buttons = questions.map((text) => button("starter", text, () => ask(text, [])));
    const above = questions.length ? [element("p", {}, words.starters)] : [];
    this.#hint.replaceChildren(element("p", {}, greeting), ...above, ...buttons);
  }

  add(note: Note): void {
    const view = new NoteView(note, this.#around);
    this.#views.set(note, view);
    this.#scrolledTo = -1;
    this.#closeList();
    this.#holding(() => {
      this.#log.append(view.root);
      this.refresh();
    });
    this.follow();
  }

  grow(note: Note, piece: string): void {
    this.#views.get(note)?.grow(piece);
    this.announcer.add(piece);
    // Once a frame: it asks where things are, for which all of them are laid out.
    this.#following ||= requestAnimationFrame(() => {
      this.#following = 0;
      this.follow();
    });
  }

  restart(note: Note): void {
    this.#views.get(note)?.restart();
    this.announcer.drop();
    if (note.state !== "waiting") this.announcer.say(this.#words.forgotten);
  }

  change(note: Note): void {
    this.#holding(() => {
      this.#views.get(note)?.change();
      this.refresh();
    });
    this.follow();
    this.#sayProgress(note);
    if (!isOver(note)) return;
    this.announcer.end();
    const { failure, ending } = note;
    this.announcer.say(failure?.message ?? saidOf(ending?.status ?? "completed", this.#words));
    const unfound = unfoundIn(note);
    if (unfound) this.announcer.say(this.#words.unfoundCount(unfound));
  }

  /** Says how many questions come before this one, and again whenever they are half as many; and
   * that the model thinks. */
  #sayProgress(note: Note): void {
    if (!isRunning(note)) return;
    const { ahead, thinks } = note;
    if (thinks) this.announcer.say(this.#words.thinking);
    if (ahead === undefined) this.#said = Number.POSITIVE_INFINITY;
    else if (ahead < this.#said / 2) {
      this.#said = ahead;
      this.announcer.say(this.#words.ahead(ahead));
    }
  }

  remove(note: Note): void {
    this.#closeList();
    if (note.state === "answering") this.announcer.drop();
    this.#holding(() => {
      this.#views.get(note)?.remove();
      this.#views.delete(note);
      this.refresh();
    });
  }

  /** Shows the state of the connection, if the reader needs to know it. */
  showLink(link: Link): void {
    const words = this.#words;
    const said = link === "origin" ? words.origin(location.origin) : words.link[link];
    this.#holding(() => this.#link.replaceChildren());
    if (!said) return;
    this.#link.append(element("p", {}, said));
    if (link === "connecting" || link === "offline") return;
    this.#link.append(button("quiet", words.now, () => this.#options.conversation().wake()));
  }

  /** Keeps the newest question visible above its growing answer, until the reader scrolls. */
  follow(): void {
    const log = this.#log;
    if (this.#scrolledTo >= 0 && Math.abs(log.scrollTop - this.#scrolledTo) > 2) return;
    const newest = log.lastElementChild as HTMLElement;
    if (newest === this.#hint) return;
    log.scrollTop = newest.offsetTop - log.offsetTop;
    this.#scrolledTo = log.scrollTop;
  }

  refresh(): void {
    const { notes } = this.#options.conversation();
    this.#hint.hidden = notes.length > 0;
    this.#renew.hidden = this.#listing.hidden = !notes.length;
    this.form.stop.hidden = !notes.some(isRunning);
  }

  /** Makes a change. If it hides the button that has the focus, the conversation gets the focus. */
  #holding(change: () => void): void {
    const { activeElement } = this.root.getRootNode() as ShadowRoot;
    const isInside = activeElement && this.root.contains(activeElement);
    change();
    if (isInside && !activeElement.checkVisibility()) this.#log.focus({ preventScroll: true });
  }

  /** Shows the passages that were cited above the conversation, or hides them. */
  #toggleList(): void {
    const list = this.#list;
    this.#closeList();
    if (list) return;
    this.#options.more(({ listOf }) => {
      const { notes } = this.#options.conversation();
      this.#closeList(); // of a second click, before this one's
      this.#list = listOf(notes, this.#around, this.#title.textContent);
      this.#listing.ariaExpanded = "true";
      this.#log.prepend(this.#list);
      this.#log.scrollTop = 0;
      this.#list.focus();
    });
  }

  #closeList(): void {
    this.#list?.remove();
    this.#list = undefined;
    this.#listing.ariaExpanded = "false";
  }
}
