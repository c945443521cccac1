// The question that is asked of the prompt, and the messages that it would send.

import { draftOf } from "./prompts_editor.js";
import { at, make, rowOf } from "./prompts_elements.js";
import { call } from "./prompts_server.js";

/** What stands in the form; a field that is empty is left out. */
export const asked = () =>
  Object.fromEntries(
    ["question", "selection", "page"]
      .map((name) => [name, at(name).value.trim()])
      .filter(([, value]) => value),
  );

const show = ({ messages, sizes, cut, about_tokens }) => {
  const spans = (parts) =>
    parts.map(({ name, text, is_data, tokens }) => {
      const title = `${name}, about ${tokens} tokens`;
      return make("span", { className: is_data ? "data" : "", title }, text);
    });
  at("roles").replaceChildren(
    ...messages.flatMap(({ role, parts }, index) => {
      const pre = make("pre", { tabIndex: 0 }, ...spans(parts));
      pre.setAttribute("role", "region");
      pre.setAttribute("aria-label", `Message ${index + 1}, of the role ${role}`);
      return [make("h4", {}, role), pre];
    }),
  );
  const rows = sizes.map(([name, tokens]) => rowOf(name, [tokens.toLocaleString("en")]));
  at("sizes").replaceChildren(...rows);
  at("about-tokens").textContent = about_tokens;
  at("cut").textContent = cut.length ? `Cut: ${cut.join("; ")}.` : "Nothing was cut.";
};

const preview = async () => {
  const { prompt, text } = draftOf();
  const { question, selection, page } = asked();
  const about = question && {
    question,
    ...(selection && { selections: [selection] }),
    ...(page && { page }),
  };
  at("ask-problem").textContent = "";
  at("messages").hidden = true;
  try {
    show(await call("POST", `/${prompt}/preview`, { text, ...about }));
    at("messages").hidden = false;
  } catch (error) {
    at("ask-problem").textContent = error.message;
  }
};

/** Makes the button work. */
export const listen = () => at("preview").addEventListener("click", preview);
