// One question and its answer, as the reader sees them.

import type { Card } from "./card.ts";
import { button, element } from "./dom.ts";
import { type Guide, linkTo } from "./link.ts";
import { type Failure, isOver, isRetryable, isRunning, type Note, unfoundIn } from "./note.ts";
import { Prose } from "./prose.ts";
import type { Source } from "./protocol.ts";
import type { Words } from "./words/en.ts";

/** What a note needs from its panel. */
export interface Surroundings extends Guide {
  readonly words: Words;
  readonly card: Card;
  math(): Promise<typeof import("./math.ts")>;
  stop(note: Note): void;
  retry(note: Note): void;
  /** Copies the answer with its sources; the button says so. */
  copy(note: Note, pressed: HTMLElement): void;
}

export class NoteView {
  readonly root: HTMLElement;
  readonly #note: Note;
  readonly #around: Surroundings;
  readonly #answer = element("div", { className: "prose" });
  readonly #cited = element("ol", { className: "sources" });
  readonly #others = element("ol", { className: "sources" });
  readonly #more = element("details", {}, element("summary"), this.#others);
  readonly #state = element("div", { className: "state" });
  #prose: Prose;
  #drawn = "";
  #timer = 0;

  constructor(note: Note, around: Surroundings) {
    this.#note = note;
    this.#around = around;
    const asked = element("h3", { dir: "auto" }, note.question);
    const selections = note.selections.map(({ text }) =>
      element("blockquote", { dir: "auto" }, text),
    );
    this.root = element("section", { className: "note" }, ...selections, asked);
    this.root.append(this.#answer, this.#cited, this.#more, this.#state);
    this.#cited.ariaLabel = around.words.sources;
    this.#prose = this.#start();
    this.grow(note.text);
    this.change();
  }

  grow(piece: string): void {
    this.#prose.write(piece);
    this.#prose.prove(this.#note.sentences ?? []);
  }

  restart(): void {
    this.#prose = this.#start();
    this.change();
  }

  change(): void {
    const { cited, sources } = this.#note;
    const hasEnded = isOver(this.#note);
    if (hasEnded) this.#prose.end();
    this.root.classList.toggle("writing", isRunning(this.#note));
    this.root.ariaBusy = String(!hasEnded);
    const drawn = JSON.stringify([cited, sources.length]);
    if (drawn !== this.#drawn) this.#drawSources();
    this.#drawn = drawn;
    this.#drawState();
  }

  /** Removes the note from the page and stops its countdown. */
  remove(): void {
    clearInterval(this.#timer);
    this.root.remove();
  }

  #start(): Prose {
    this.#answer.replaceChildren();
    const { math, words } = this.#around;
    return new Prose(this.#answer, { cite: this.#cite.bind(this), math, words });
  }

  #cite(index: number, proof: () => string | undefined): HTMLElement | null {
    const { cited, sources } = this.#note;
    const source = sources.find((one) => one.index === index);
    if (!source || !cited.includes(index)) return null;
    const { card, go, words } = this.#around;
    const made = button("cite", `${index}`, () => {});
    made.ariaLabel = words.source(index, source.title);
    card.attach(made, source, proof, () => go(source, proof()));
    return made;
  }

  #drawSources(): void {
    const { cited, sources } = this.#note;
    const words = this.#around.words;
    const isCited = ({ index }: Source) => cited.includes(index);
    const others = sources.filter((source) => !isCited(source));
    this.#cited.replaceChildren(...sources.filter(isCited).map((one) => this.#entry(one)));
    this.#others.replaceChildren(...others.map((one) => this.#entry(one)));
    this.#more.hidden = !others.length;
    const summary = this.#more.firstElementChild as HTMLElement;
    summary.textContent = (cited.length ? words.also : words.found)(others.length);
  }

  #entry(source: Source, isNumbered = true): HTMLElement {
    const number = element("span", { className: "number" }, isNumbered ? `${source.index}` : "");
    const above = source.section.split(" > ").slice(0, -1).join(" › ");
    const place = element("span", { className: "place" }, above || source.chapter);
    return element("li", {}, number, linkTo(source, this.#around), place);
  }

  // The state of the note, and what the reader can do.

  #drawState(): void {
    clearInterval(this.#timer);
    const { state, ahead, thinks, ending, failure, text } = this.#note;
    const { words, stop } = this.#around;
    const lines: Node[] = [];
    if (state === "asked")
      lines.push(element("p", {}, ahead === undefined ? words.asking : words.ahead(ahead)));
    if (thinks && state === "answering") lines.push(element("p", {}, words.thinking));
    if (state === "waiting")
      lines.push(
        element("p", { className: "late" }, words.waiting),
        button("quiet late", words.withdraw, () => stop(this.#note)),
      );
    if (failure && state === "failed") lines.push(...this.#failed(failure));
    if (ending && state === "ended") {
      const { status, model } = ending;
      const className = status === "filtered" || status === "empty" ? "error" : "";
      if (status !== "completed") lines.push(element("p", { className }, saidOf(status, words)));
      const unfound = unfoundIn(this.#note);
      if (unfound) lines.push(element("p", {}, words.unfoundCount(unfound)));
      if (model && text.trim()) lines.push(element("p", {}, signature(model, words)));
      const copying = button("quiet", words.copyAll, () => this.#around.copy(this.#note, copying));
      if (text.trim()) lines.push(copying);
    }
    if (isRetryable(this.#note)) {
      const again = button("again", "", () => this.#around.retry(this.#note));
      this.#countDown(again, failure?.retryAt ?? 0);
      lines.push(again);
    }
    this.#state.replaceChildren(...lines);
  }

  #failed({ message, suggestions = [] }: Failure): Node[] {
    const lines: Node[] = [element("p", { className: "error" }, message)];
    if (suggestions.length) {
      const entries = suggestions.map((source) => this.#entry(source, false));
      lines.push(element("ul", { className: "sources" }, ...entries));
    }
    return lines;
  }

  #countDown(again: HTMLButtonElement, until: number): void {
    const tick = () => {
      const seconds = Math.ceil((until - Date.now()) / 1000);
      const { words } = this.#around;
      again.disabled = seconds > 0;
      again.textContent = seconds > 0 ? words.againIn(seconds) : words.again;
      if (seconds <= 0) clearInterval(this.#timer);
    };
    this.#timer = window.setInterval(tick, 250);
    tick();
  }
}

/** What is said of an ending. One that this client does not know is taken for a cut. */
export const saidOf = (status: string, { endings }: Words): string =>
  endings[status as keyof typeof endings] ?? endings.truncated;

/** The line that says what answered. A label with spaces is a sentence of its own; what follows a
 * semicolon in it is for the operator, not for readers. */
function signature(label: string, words: Words): string {
  const [said = ""] = label.replace(/^quotes: /, "").split(";");
  return said.includes(" ") ? `${said[0]?.toUpperCase()}${said.slice(1)}.` : words.answeredBy(said);
}
