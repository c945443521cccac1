// Both versions of a prompt at once: on one question, or on a set.

import { AnswerView } from "./prompts_answer.js";
import { answers, draftOf, savedOf } from "./prompts_editor.js";
import { at, count, make, rowOf } from "./prompts_elements.js";
import { asked } from "./prompts_question.js";
import { run } from "./prompts_run.js";
import { outcomeOf, questionOf, readSet, totalsOf } from "./prompts_set.js";

const views = [at("saved"), at("draft")].map((side) => new AnswerView(side, at("proof")));
let stopping = new AbortController();
let rows = [];

const setRunning = (isRunning) => {
  for (const id of ["run", "set"]) at(id).disabled = isRunning;
  at("run-set").disabled = isRunning || !rows.length;
  for (const id of ["stop", "stop-set"]) at(id).disabled = !isRunning;
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
  const { question, ...about } = asked();
  const problem = obstacle() || (question ? "" : "Write a question first.");
  at("ask-problem").textContent = problem;
  if (problem || at("run").disabled) return;
  setRunning(true);
  goToAnswers();
  await runAll(questionOf({ query: question, ...about }), [savedOf(), draftOf()]);
  setRunning(false);
};

// A set

const chooseSet = async () => {
  rows = [];
  at("set-problem").textContent = at("set-state").textContent = "";
  const [file] = at("set").files;
  try {
    if (file) {
      const set = await readSet(file);
      rows = set.rows;
      at("set-state").textContent = set.said;
    }
  } catch (error) {
    at("set-problem").textContent = error.message;
  }
  at("run-set").disabled = !rows.length;
};

const showResults = (done, results) => {
  const totals = [0, 1].map((side) =>
    totalsOf(
      done,
      results.map((both) => both[side]),
    ),
  );
  at("totals").replaceChildren(
    ...totals[0].map(([name, value], index) => rowOf(name, [value, totals[1][index][1]])),
  );
  at("rows").replaceChildren(
    ...results.map((both, index) => {
      const onclick = () => {
        for (const [side, answer] of both.entries()) views[side].show(answer);
        goToAnswers();
      };
      const properties = { type: "button", className: "line", onclick };
      return rowOf(make("button", properties, done[index].query), both.map(outcomeOf));
    }),
  );
  at("results").hidden = false;
};

const runSet = async () => {
  at("set-problem").textContent = obstacle();
  if (obstacle()) return;
  setRunning(true);
  const [set, versions, results] = [rows, [savedOf(), draftOf()], []];
  Object.assign(at("progress"), { hidden: false, max: set.length, value: 0 });
  for (const row of set) {
    const both = await runAll(questionOf(row), versions);
    if (stopping.signal.aborted) break;
    results.push(both);
    at("progress").value = results.length;
    at("set-state").textContent = `${results.length} of ${count(set.length, "question")} asked.`;
    showResults(set.slice(0, results.length), results);
  }
  if (stopping.signal.aborted) at("set-state").textContent += " Stopped.";
  at("progress").hidden = true;
  setRunning(false);
};

/** Makes the buttons work. */
export const listen = () => {
  at("ask").addEventListener("submit", ask);
  at("set").addEventListener("change", chooseSet);
  at("run-set").addEventListener("click", runSet);
  for (const id of ["stop", "stop-set"]) at(id).addEventListener("click", () => stopping.abort());
  document.addEventListener("keydown", ({ key }) => {
    if (key === "Escape") at("proof").hidden = true;
  });
};
