// The page for prompts: signing in, and what can be done then.

import * as editor from "./prompts_editor.js";
import { at } from "./prompts_elements.js";
import { listen as listenToQuestion } from "./prompts_question.js";
import { call, token } from "./prompts_server.js";
import { listen as listenToTrials } from "./prompts_trial.js";

const QUOTES =
  "No language model is connected: answers are quoted from the book, and of a prompt only " +
  "lead_in, lead_in_unsure and max_words count. Connect a model with SCHOLIAST_MODEL to see what " +
  "other edits do.";

const showSignIn = (said = "") => {
  token.forget();
  at("work").hidden = true;
  at("sign-in").hidden = false;
  at("sign-in-error").textContent = said;
  at("token").focus();
};

const enter = async () => {
  const found = await call("GET");
  at("sign-in").hidden = true;
  at("work").hidden = false;
  at("model").textContent = found.model.heeds_prompts ? `Model: ${found.model.name}.` : QUOTES;
  at("model").classList.toggle("warning", !found.model.heeds_prompts);
  await editor.open(found);
};

/** Enters with the token of this tab, or shows why it cannot. */
const tryToEnter = async () => {
  try {
    await enter();
    at("token").value = "";
  } catch (error) {
    if (error.status !== 401) showSignIn(error.message);
  }
};

at("bench").addEventListener("signed-out", () =>
  showSignIn("This is not, or no longer, the token of this server."),
);
at("sign-in").addEventListener("submit", (event) => {
  event.preventDefault();
  token.set(at("token").value.trim());
  at("sign-in-error").textContent = "";
  tryToEnter();
});
at("sign-out").addEventListener("click", () => showSignIn("You have signed out."));
editor.listen();
listenToQuestion();
listenToTrials();
if (token.get()) tryToEnter();
else showSignIn();
