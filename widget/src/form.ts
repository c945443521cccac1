// The form: the selections of the next question as chips, the text field, Ask and Stop.

import { button, CROSS, element, iconButton } from "./dom.ts";
import type { Draft } from "./draft.ts";
import { type Limits, lengthOf } from "./limits.ts";
import type { SelectionData } from "./protocol.ts";
import type { PageSelection } from "./selection.ts";
import type { Words } from "./words/en.ts";

const COUNTED = 100; // the remaining characters are shown when there are this many or fewer

export class Form {
  readonly root: HTMLFormElement;
  readonly field: HTMLTextAreaElement;
  readonly stop: HTMLButtonElement;
  readonly #words: Words;
  readonly #limits: () => Limits;
  readonly #say: (text: string) => void;
  readonly #chips: HTMLUListElement;
  readonly #actions: HTMLElement;
  readonly #counter = element("p", { className: "counter", id: "counter" });
  #selections: readonly SelectionData[] = [];

  constructor(
    words: Words,
    limits: () => Limits,
    ask: (question: string, selections: readonly SelectionData[]) => void,
    stop: () => void,
    say: (text: string) => void,
  ) {
    this.#words = words;
    this.#limits = limits;
    this.#say = say;
    this.#chips = element("ul", { className: "chips", ariaLabel: words.selections, hidden: true });
    this.field = element("textarea", {
      rows: 1,
      id: "question",
      autocomplete: "off",
      enterKeyHint: "send",
      ariaLabel: words.question,
    });
    this.field.setAttribute("aria-describedby", "counter");
    this.stop = button("stop", words.stop, stop);
    this.stop.hidden = true;
    const submit = element("button", { type: "submit" }, words.ask);
    const send = (question: string, text: string) => {
      if (!question || lengthOf(question) > limits().question_length) return this.field.focus();
      const selections = this.#selections;
      this.restore({ text, selections: [] });
      ask(question, selections);
    };
    const typed = () => send(this.field.value.trim(), "");
    const actions = words.actions.map(([label, question]) =>
      button("quiet", label, () => send(question, this.field.value)),
    );
    this.#actions = element("div", { className: "actions" }, ...actions);
    this.root = element("form", {}, this.#chips, this.#actions, this.field, this.stop, submit);
    this.root.append(this.#counter);
    this.root.onsubmit = (event) => {
      event.preventDefault();
      typed();
    };
    this.field.oninput = () => this.measure();
    this.field.onkeydown = (event) => {
      const isComposing = event.isComposing || event.keyCode === 229; // the second is for Safari
      if (event.key !== "Enter" || event.shiftKey || isComposing) return;
      event.preventDefault();
      typed();
    };
  }

  get draft(): Draft {
    return { text: this.field.value, selections: this.#selections };
  }

  restore({ text, selections }: Draft): void {
    this.field.value = text;
    this.#selections = selections;
    this.#draw();
    this.measure();
  }

  /** Adds a selection to the next question. */
  add({ selection, isCut }: PageSelection): void {
    const isSame = ({ text, page }: SelectionData) =>
      text === selection.text && page === selection.page;
    if (this.#selections.some(isSame)) return;
    const { selections: most, selection_length } = this.#limits();
    if (this.#selections.length >= most) {
      const full = this.#words.full(most);
      this.#counter.textContent = full;
      this.#say(full);
      return;
    }
    this.#selections = [...this.#selections, selection];
    this.#draw();
    this.measure();
    const cut = this.#words.cut(selection_length);
    if (isCut) this.#counter.textContent = cut;
    this.#say(isCut ? cut : this.#words.taken);
  }

  #draw(): void {
    const chips = this.#selections.map((selection) => {
      const drop = () => {
        this.#selections = this.#selections.filter((one) => one !== selection);
        this.#draw();
        this.measure();
        this.field.focus();
      };
      const text = element("span", { dir: "auto", title: selection.text }, selection.text);
      const label = this.#words.remove(selection.text.slice(0, 40));
      return element("li", {}, text, iconButton("quiet", CROSS, label, drop));
    });
    this.#chips.replaceChildren(...chips);
    this.#chips.hidden = this.#actions.hidden = !chips.length;
  }

  /** Counts the characters, and fits the height of the field to its text. */
  measure(): void {
    const left = this.#limits().question_length - lengthOf(this.field.value.trim());
    const { over, left: remaining } = this.#words;
    const words = left < 0 ? over(-left) : left <= COUNTED ? remaining(left) : "";
    this.#counter.textContent = words;
    this.root.classList.toggle("too-long", left < 0);
    if (CSS.supports("field-sizing", "content")) return;
    this.field.style.height = "auto";
    this.field.style.height = `${this.field.scrollHeight + 2}px`;
  }
}
