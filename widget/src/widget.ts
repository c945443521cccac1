// The start of /widget.js: puts a tutor on the page. `data-*` on the script tag set its attributes.

// First in the bundle, because gzip looks back only 32 KB: then code stands near code like it.
import "./styles.ts";
import "./prose.ts";
import { defaults, NAMES } from "./attributes.ts";
import { define } from "./define.ts";
import type { ScholiastTutor } from "./element.ts";

const script = document.currentScript as HTMLScriptElement | null;
for (const name of NAMES) {
  const given = script?.getAttribute(`data-${name}`);
  if (given != null) defaults[name] = given;
}
// The script's address is <server>/widget.js or <server>/widget/<version>.js. In a shadow root there is
// no current script, but the call stack names it.
const address = script?.src ?? /http\S+\/widget[./]\S*?(?=:\d+:\d)/.exec(`${Error().stack}`)?.[0];
if (address) defaults.server ??= address.replace(/widget(\.js|\/[^/]*)([?#].*)?$/, "");

// First in the body, so that it is early in the order of Tab.
const place = (tutor: HTMLElement) =>
  document.querySelector("scholiast-tutor") ?? document.body?.prepend(tutor);

const start = () => {
  define();
  if (document.querySelector("scholiast-tutor")) return;
  const tutor = document.createElement("scholiast-tutor");
  // Out of the way: it is no part of the body's layout, and its panel still has a layer of its own.
  if (defaults.position !== "inline") tutor.style.position = "absolute";
  place(tutor);
  // A page's router may replace the body.
  let { body } = document;
  const observer = new MutationObserver(() => {
    const isGone = body !== document.body && !(tutor as ScholiastTutor).isDestroyed;
    body = document.body;
    if (isGone) place(tutor);
  });
  observer.observe(document.documentElement, { childList: true });
};
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
else start();
