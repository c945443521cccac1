// Both versions of a prompt at once: on one question, one question to each.

import { AnswerView } from "./prompts_answer.js";
import { answers, draftOf, savedOf } from "./prompts_editor.js";
import { at } from "./prompts_elements.js";
import { asked } from "./prompts_question.js";
import { run } from "./prompts_run.js";

const views = [at("saved"), at("draft")].map((side) => new AnswerView(side, at("proof")));
let stopping = new AbortController();

const setRunning = (isRunning) => {
  at("run").disabled = isRunning;
  at("stop").disabled = !isRunning;
  if (isRunning) stopping = new AbortController();
};

/** Asks all versions at once, and resolves with their answers. */
const runAll = (question, versions) =>
  Promise.all(
    versions.map((version, side) => {
      const show = (answer) => views[side].show(answer);
      return run(version, question, { signal: stopping.signal, show });
    }),
  );

/** Why nothing can be run, if so. */
const obstacle = () =>
  answers() ? "" : "This prompt answers no questions. Choose answer or a variant of it.";

const goToAnswers = () => at("answers-heading").scrollIntoView({ block: "start" });

const ask = async (event) => {
  event.preventDefault();
  const { question, selection, page } = asked();
  const problem = obstacle() || (question ? "" : "Write a question first.");
  at("ask-problem").textContent = problem;
  if (problem || at("run").disabled) return;
  setRunning(true);
  goToAnswers();
  const about = { ...(selection && { context_chunks: [selection] }), ...(page && { page }) };
  await runAll({ question, ...about }, [savedOf(), draftOf()]);
  setRunning(false);
};

/** Makes the buttons work. */
export const listen = () => {
  at("ask").addEventListener("submit", ask);
  at("stop").addEventListener("click", () => stopping.abort());
  document.addEventListener("keydown", ({ key }) => {
    if (key === "Escape") at("proof").hidden = true;
  });
};
