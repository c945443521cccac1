// The start of /widget.js: puts a tutor on the page. `data-*` on the script tag set its attributes.

// First in the bundle, because gzip looks back only 32 KB: then code stands near code like it.
import "./styles.ts";
import "./prose.ts";
import { defaults, NAMES } from "./attributes.ts";
import { define } from "./define.ts";

const script = document.currentScript as HTMLScriptElement | null;
for (const name of NAMES) {
  const given = script?.getAttribute(`data-${name}`);
  if (given != null) defaults[name] = given;
}
// The script's address is <server>/widget.js or <server>/widget/<version>.js.
if (script?.src) defaults.server ??= script.src.replace(/widget(\.js|\/[^/]*)([?#].*)?$/, "");

const start = () => {
  define();
  if (!document.querySelector("scholiast-tutor"))
    document.body.append(document.createElement("scholiast-tutor"));
};
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
else start();
