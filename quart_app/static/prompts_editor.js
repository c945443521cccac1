// The prompt that is being edited: its text, what is unsaved, its findings, and its save.

import { at, make } from "./prompts_elements.js";
import { call } from "./prompts_server.js";

const UNSAVED = "Unsaved edits. Nothing is written until you save.";

const [choice, text, state, about] = ["prompt", "prompt-text", "state", "about"].map(at);
const [problem, findings, conflict] = ["problem", "findings", "conflict"].map(at);

/** Each prompt that was opened, by name: its draft, and the text and file_version of its file. */
const drafts = new Map();
let listed = [];
let newer = null;
let isBusy = false;

const current = () => drafts.get(choice.value);
const isEdited = (draft) => draft.text !== draft.saved;

/** The prompt as a run or a preview takes it; without `text` where its file is meant. */
export const draftOf = () => ({ prompt: choice.value, text: text.value });
export const savedOf = () => ({ prompt: choice.value });
/** Whether the prompt answers questions; condense.md does not. */
export const answers = () =>
  !text.disabled && listed.some(({ name, answers }) => name === choice.value && answers);

/** Shows the prompts that the server lists, and opens the one that was open, or the first. */
export const open = async ({ prompts }) => {
  listed = prompts;
  const before = choice.value;
  choice.replaceChildren(...prompts.map(({ name }) => make("option", { value: name }, name)));
  if (prompts.some(({ name }) => name === before)) choice.value = before;
  if (prompts.length) await choose();
  else problem.textContent = "The folder of prompts is empty or not there; see SCHOLIAST_PROMPTS.";
};

const choose = async () => {
  const name = choice.value;
  text.disabled = true;
  try {
    if (!drafts.has(name)) {
      const read = await call("GET", `/${name}`);
      drafts.set(name, { text: read.text, saved: read.text, file_version: read.file_version });
    }
  } catch (error) {
    text.value = state.textContent = "";
    return refusedBy(error);
  }
  if (name !== choice.value) return; // another one was chosen meanwhile
  text.disabled = false;
  text.value = current().text;
  const { description, in_use, answers, problem: broken } = listed.find((one) => one.name === name);
  const use = in_use ? "The server uses it." : "The server does not use it.";
  about.textContent = `${description} ${use}${answers ? "" : " It answers no questions, so it cannot be run here."}`;
  settle();
  problem.textContent = broken ?? "";
};

/** Shows nothing of what was said about an earlier text. */
const settle = () => {
  problem.textContent = "";
  findings.replaceChildren();
  conflict.hidden = true;
  newer = null;
  showState();
};

const showState = (said = "") => {
  const isUnsaved = isEdited(current());
  state.textContent = isUnsaved ? `${said} ${UNSAVED}`.trim() : said || "As in the file.";
  state.classList.toggle("unsaved", isUnsaved);
  for (const option of choice.options) {
    const other = drafts.get(option.value);
    option.textContent = option.value + (other && isEdited(other) ? " (unsaved)" : "");
  }
};

const goTo = (line) => {
  const lines = text.value.split("\n");
  const start = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
  text.focus();
  text.setSelectionRange(start, start + (lines[line - 1] ?? "").length);
  const height = Number.parseFloat(getComputedStyle(text).lineHeight);
  text.scrollTop = Math.max(0, (line - 4) * height);
};

const showFindings = (found) => {
  const items = found.map(({ file, line, level, message, fix }) => {
    const isHere = file === `${choice.value}.md`;
    const place = isHere
      ? make(
          "button",
          { type: "button", className: "line", onclick: () => goTo(line) },
          `Line ${line}`,
        )
      : make("span", {}, `${file}, line ${line}`);
    const said = make("p", {}, place, ` ${level}: ${message}`);
    return make("li", { className: level }, said, make("p", { className: "hint" }, `Fix: ${fix}`));
  });
  findings.replaceChildren(...items);
};

const check = async () => {
  settle();
  const name = choice.value;
  const { findings: found } = await call("POST", `/${name}/check`, { text: text.value });
  showFindings(found);
  showState(found.some(({ level }) => level !== "note") ? "" : "Nothing is wrong with it.");
};

const save = async () => {
  const name = choice.value;
  const draft = current();
  const sent = draft.text;
  settle();
  const { file_version } = await call("PUT", `/${name}`, {
    text: sent,
    file_version: draft.file_version,
  });
  Object.assign(draft, { saved: sent, file_version });
  const use = listed.find((one) => one.name === name)?.in_use
    ? "The next question is answered with it."
    : "The server does not use it yet; see SCHOLIAST_PROMPT_VARIANTS.";
  if (name === choice.value) showState(`Saved. ${use}`);
};

/** Does something, one thing at a time, and shows beside the text what the server refused. */
const attempt = (action) => async () => {
  if (isBusy || text.disabled) return;
  isBusy = true;
  try {
    await action();
  } catch (error) {
    refusedBy(error);
  } finally {
    isBusy = false;
  }
};

const refusedBy = (error) => {
  problem.textContent = error.message;
  if (error.body?.findings) showFindings(error.body.findings);
  newer = error.body?.newer ?? null;
  conflict.hidden = !newer;
  if (newer) at("newer").textContent = newer.text;
};

/** Makes the buttons work. */
export const listen = () => {
  text.addEventListener("input", () => {
    current().text = text.value;
    showState();
  });
  choice.addEventListener("change", choose);
  at("check").addEventListener("click", attempt(check));
  at("save").addEventListener("click", attempt(save));
  at("undo").addEventListener("click", () => {
    if (text.disabled || !isEdited(current()) || !confirm("Undo all edits since the last save?"))
      return;
    current().text = text.value = current().saved;
    settle();
  });
  at("save-over").addEventListener(
    "click",
    attempt(() => {
      current().file_version = newer.file_version;
      return save();
    }),
  );
  at("take-newer").addEventListener("click", () => {
    if (!confirm("Drop your text and take the newer one?")) return;
    Object.assign(current(), {
      text: newer.text,
      saved: newer.text,
      file_version: newer.file_version,
    });
    text.value = newer.text;
    settle();
  });
  addEventListener("beforeunload", (event) => {
    if ([...drafts.values()].some(isEdited)) event.preventDefault();
  });
};
