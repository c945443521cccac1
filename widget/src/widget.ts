// What /widget.js runs: puts a tutor on the page, with the script tag's `data-*` as its attributes.

import { defaults, NAMES } from "./attributes.ts";
import { define } from "./define.ts";

const script = document.currentScript as HTMLScriptElement | null;
for (const name of NAMES) {
  const given = script?.getAttribute(`data-${name}`);
  if (given != null) defaults[name] = given;
}
// The script lies at <server>/widget.js or <server>/widget/<version>.js.
if (script?.src) defaults.server ??= script.src.replace(/widget(\.js|\/[^/]*)([?#].*)?$/, "");

const start = () => {
  define();
  if (!document.querySelector("scholiast-tutor"))
    document.body.append(document.createElement("scholiast-tutor"));
};
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
else start();
