// An answer as it comes, its sentences with what proves them, and its figures.

import { count, make } from "./prompts_elements.js";

const CITED = /^\s?(?:\[\d+\])+/;

/** Figures of an answer that has ended. A sentence is cited where numbers stand behind it. */
export const measure = ({ text, sentences, end }) => {
  const points = [...text];
  const behind = (sentence) => points.slice(sentence.end, sentence.end + 20).join("");
  return {
    sentences: sentences.length,
    cited: sentences.filter((sentence) => CITED.test(behind(sentence))).length,
    unsupported: sentences.filter(({ proofs }) => !proofs.length).length,
    words: text.split(/\s+/).filter(Boolean).length,
    first: end?.first_chunk_ms ?? 0,
    whole: end?.response_time_ms ?? 0,
    tokens: end?.total_tokens ?? 0,
  };
};

/** What proves a sentence, in words. */
const proofOf = ({ proofs }, sources) => {
  if (!proofs.length) return ["The book does not support this sentence."];
  return proofs.map(({ source, sentence }) => {
    const where = sources.find(({ index }) => index === source)?.section ?? "";
    return `[${source}] “${sentence}” (${where})`;
  });
};

/** Shows answers in an element, one at a time; `tip` is where the proof of a sentence pops up. */
export class AnswerView {
  constructor(element, tip) {
    this.name = element.id;
    this.tip = tip;
    this.state = make("p", { className: "state" }, "Nothing was asked yet.");
    this.state.setAttribute("role", "status");
    this.text = make("div", { className: "answer" });
    this.figures = make("p", { className: "hint" });
    this.proofs = make("ol", { className: "proofs" });
    this.heading = make("h4", { hidden: true }, "Proofs");
    element.append(this.state, this.text, this.figures, this.heading, this.proofs);
    for (const name of ["pointerover", "focusin"])
      this.text.addEventListener(name, ({ target }) => this.point(target.closest("a")));
    for (const name of ["pointerleave", "focusout"])
      this.text.addEventListener(name, () => this.point(null));
  }

  /** Shows as much of an answer as there is; its proofs once it has ended. */
  show(answer) {
    this.answer = answer;
    const { text, sentences, sources, end, error } = answer;
    const isOver = Boolean(end || error);
    this.state.textContent = stateOf(answer);
    this.state.classList.toggle("problem", Boolean(error) && error.code !== "STOPPED");
    this.figures.textContent = end ? figuresOf(answer) : "";
    this.heading.hidden = !(isOver && sentences.length);
    this.proofs.replaceChildren();
    if (!isOver) {
      this.text.textContent = text;
      return;
    }
    const points = [...text];
    const parts = [];
    let at = 0;
    sentences.forEach((sentence, index) => {
      const id = `${this.name}-proof-${index + 1}`;
      const said = points.slice(sentence.start, sentence.end).join("");
      const isProven = sentence.proofs.length > 0;
      const link = make("a", { href: `#${id}`, className: isProven ? "proven" : "unproven" }, said);
      link.setAttribute("aria-describedby", id);
      parts.push(points.slice(at, sentence.start).join(""), link);
      if (!isProven) parts.push(make("span", { className: "flag" }, " (not supported)"));
      at = sentence.end;
      const lines = proofOf(sentence, sources).map((line) => make("p", {}, line));
      this.proofs.append(make("li", { id, tabIndex: -1 }, make("q", {}, said), ...lines));
    });
    this.text.replaceChildren(...parts, points.slice(at).join(""));
  }

  /** Pops up the proof of the sentence that this link is of; without one, takes it away. */
  point(link) {
    this.tip.hidden = !link;
    if (!link) return;
    const proof = document.getElementById(link.hash.slice(1));
    const lines = [...proof.querySelectorAll("p")].map(({ textContent }) =>
      make("p", {}, textContent),
    );
    this.tip.replaceChildren(...lines);
    const { left, bottom, top } = link.getBoundingClientRect();
    const { width, height } = this.tip.getBoundingClientRect();
    const below = bottom + 6 + height < innerHeight ? bottom + 6 : Math.max(6, top - height - 6);
    this.tip.style.left = `${Math.max(6, Math.min(left, innerWidth - width - 6))}px`;
    this.tip.style.top = `${below}px`;
  }
}

const stateOf = ({ text, sources, end, error }) => {
  if (error) return error.message;
  if (end) return end.status === "completed" ? "" : `The answer ended as “${end.status}”.`;
  return text ? "Answering …" : sources.length ? "The sources are found …" : "Asking …";
};

const figuresOf = (answer) => {
  const { sentences, cited, unsupported, words, first, whole, tokens } = measure(answer);
  const { prompt, model, tokens_estimated } = answer.end;
  return [
    `${prompt.name}, version ${prompt.version}, ${model}`,
    `first word after ${first} ms, end after ${whole} ms`,
    `${count(tokens, "token")}${tokens_estimated ? " (an estimate)" : ""}`,
    count(words, "word"),
    `${cited} of ${count(sentences, "sentence")} cited`,
    `${unsupported} not supported`,
  ].join(" · ");
};
