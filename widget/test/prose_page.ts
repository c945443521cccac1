// Renders answers in a page, and looks at what stands there; in `window.prose`, for the tests.

import css from "../src/prose.css";
import { Prose } from "../src/prose.ts";
import type { FinishedSentence } from "../src/protocol.ts";

const ALLOWED: Record<string, string[]> = {
  a: ["href", "title", "target", "rel"],
  button: ["type", "class"],
  code: ["class"],
  div: ["class", "tabindex", "role", "aria-label", "dir"],
  figure: ["class", "dir"],
  input: ["type", "disabled", "checked"],
  ol: ["dir", "start"],
  td: ["class"],
  th: ["class"],
  pre: ["tabindex", "dir"],
  span: ["class", "title", "data-scholiast-ignore"],
};
for (const name of "p h4 h5 h6 ul li blockquote hr".split(" ")) ALLOWED[name] = ["dir"];
for (const name of "table tr em strong s br thead tbody sub sup kbd".split(" ")) ALLOWED[name] = [];
const MATHML = /^(math|m[a-z]+|none)$/;
const MATH_ATTRIBUTES = `accent accentunder alttext columnalign depth display displaystyle fence form
  height largeop linethickness lspace mathbackground mathcolor mathvariant maxsize minsize
  movablelimits rowspacing rspace scriptlevel separator stretchy style symmetric voffset width`;
const STYLE = /^(\s*[a-z-]+: [\w\s#.%(),+"-]+;?)*$/; // no url(
const DEEPEST = 45;
const MATH_DEEPEST = 90;

const theme = new CSSStyleSheet();
theme.replaceSync(`
  .prose { --ink: #1d2427; --faded: #566064; --line: #d5dcda; --accent: #0a6658; --paper: #fefefd;
    --code: #eef1f0; --mono: "Liberation Mono", monospace; --serif: "Liberation Sans", sans-serif;
    font-size: 15px; line-height: 1.5; background: var(--paper); width: 26em; padding: 1em; }
  .dark { --ink: #dbe1df; --faded: #9eaaab; --line: #394345; --accent: #7fcbb9; --paper: #191e20;
    --code: #262e30; color-scheme: dark; }
  .prose *, .prose { box-sizing: border-box; }
  .prose :is(p, h4, h5, h6, ul, ol, blockquote, figure) { margin: 0; padding: 0; }
  .unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .cite { vertical-align: .3em; border: 0; border-radius: .8em; background: var(--code); font-size: .72em; }
`);
const sheet = new CSSStyleSheet();
sheet.replaceSync(css);
document.adoptedStyleSheets = [theme, sheet];

let root: HTMLElement;
let answer: Prose;
let drawing: Promise<unknown>[] = [];
let cited: [HTMLElement, () => string | undefined][] = [];

/** A new answer, the first `sources` of whose numbers can be cited. */
function start(sources = 9): void {
  root?.remove();
  root = document.body.appendChild(document.createElement("div"));
  root.className = "prose";
  drawing = [];
  cited = [];
  const address = "/math.js";
  answer = new Prose(root, {
    cite(index, proof) {
      if (index < 1 || index > sources) return null;
      const made = document.createElement("button");
      made.type = "button";
      made.className = "cite";
      made.textContent = `${index}`;
      cited.push([made, proof]);
      return made;
    },
    words: { copy: "Copy", copied: "Copied", table: "Table", unfound: "Not found" },
    math() {
      const loading = import(address);
      drawing.push(loading);
      return loading;
    },
  });
}

/** Once all formulas are drawn: the elements, as one string. */
async function html(): Promise<string> {
  await Promise.all(drawing);
  await new Promise((resolve) => setTimeout(resolve));
  return root.innerHTML;
}

async function render(pieces: string[], sources = 9): Promise<string> {
  start(sources);
  for (const piece of pieces) answer.write(piece);
  answer.end();
  return html();
}

/** Renders each text again, cut at random; returns what differs from it in one piece. */
async function renderCut(texts: string[], times: number, seed: number): Promise<string[]> {
  const random = randomFrom(seed);
  const wrong: string[] = [];
  for (const text of texts) {
    const whole = await render([text]);
    for (let time = 0; time < times; time++) {
      const pieces = cut(text, time === 0 ? 1 : 2 + random(40), random);
      const shown = await render(pieces);
      if (shown !== whole) wrong.push(`${JSON.stringify(pieces)}\n${shown}\nrather than\n${whole}`);
    }
  }
  return wrong;
}

/** What an element shows, written so that answers and the pages of markdown-it can be compared. */
function treeOf(node: Node): string {
  if (node instanceof Text) return node.data;
  if (!(node instanceof Element)) return "";
  const name = node.localName;
  const inner = [...node.childNodes].map(treeOf).join("");
  if (name === "button") return `[${node.textContent}]`;
  if (name === "img") return (node as HTMLImageElement).alt;
  if (name === "figure") return treeOf(node.querySelector("pre") as Element);
  if (name === "pre") return `<pre>${node.textContent.replace(/\n+$/, "")}</pre>`;
  if (name === "code") return `<code>${node.textContent.replace(/\s+/g, " ")}</code>`;
  if (/^(div|span)$/.test(name)) return inner;
  if (name === "a" && /^https?:/.test(node.textContent)) return inner; // a bare address
  const start = (node.getAttribute("start") ?? "1").replace(/^1$/, "");
  const more = name === "a" ? (node as HTMLAnchorElement).href : start;
  const isCell = /^t[hd]$/.test(name);
  const align = isCell
    ? (node.getAttribute("style") ?? "").replace(/^text-align:/, "") || node.className
    : "";
  const bare = /^(ul|ol|li|blockquote|table|thead|tbody|tr)$/.test(name) ? trimmed(inner) : inner;
  return `<${name} ${more}${align}>${bare}</${name}>`;
}

const trimmed = (text: string) =>
  text
    .replace(/^\s+|\s+$/g, "")
    .replace(/>\s*\n\s*</g, "><")
    .replace(/>\n|\n</g, (all) => all.trim());

/** The answers that differ from these pages, cut at random: text, tree, and the other tree. */
async function differing(texts: string[], pages: string[], seed: number): Promise<string[][]> {
  const random = randomFrom(seed);
  const wrong: string[][] = [];
  for (const [index, text] of texts.entries()) {
    await render(cut(text, index % 9 === 0 ? 1 : 2 + random(40), random));
    const levels = (_: string, slash: string, level: number) =>
      `<${slash}h${Math.min(6, +level + 3)}`;
    const html = (pages[index] as string).replace(/<(\/?)h([1-6])/g, levels);
    const page = new DOMParser().parseFromString(html, "text/html").body;
    const [own, other] = [root, page].map((one) =>
      [...one.childNodes]
        .map(treeOf)
        .join("")
        .replace(/\s*\n\s*/g, "\n")
        .replace(/>\n/g, ">")
        .replace(/\n</g, "<")
        .replace(/ +<br/g, "<br")
        .trim(),
    ) as [string, string];
    if (own !== other) wrong.push([text, own, other]);
  }
  return wrong;
}

function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * below);
  };
}

/** The text in pieces of at most so many characters. */
function cut(text: string, longest: number, random: (below: number) => number): string[] {
  const pieces: string[] = [];
  for (let at = 0; at < text.length; ) {
    const end = at + 1 + random(longest);
    pieces.push(text.slice(at, end));
    at = end;
  }
  return pieces;
}

/** Elements and attributes in the answer that are not allowed. */
function problems(): string[] {
  const found: string[] = [];
  const visit = (node: Element, depth: number) => {
    const name = node.localName;
    const isMath = node instanceof MathMLElement && MATHML.test(name);
    const allowed = isMath ? MATH_ATTRIBUTES.split(/\s+/) : ALLOWED[name];
    if (!allowed) found.push(`<${name}>`);
    if (depth > (isMath ? MATH_DEEPEST : DEEPEST)) found.push(`<${name}> at depth ${depth}`);
    for (const { name: key, value } of node.attributes) {
      if (!allowed?.includes(key)) found.push(`<${name} ${key}>`);
      if (key === "href" && !/^https?:\/\/[^/@]+(\/|$)/.test(value)) found.push(`href ${value}`);
      if (key === "style" && !STYLE.test(value)) found.push(`style ${value}`);
    }
    if (found.length < 9 && depth < 200) for (const child of node.children) visit(child, depth + 1);
  };
  for (const child of root.children) visit(child, 1);
  return found;
}

/** Milliseconds that a text takes in pieces of a size, and its first and last `many` pieces. */
async function time(text: string, size: number, many: number): Promise<Record<string, number>> {
  start();
  const spent: number[] = [];
  for (let at = 0; at < text.length; at += size) {
    const began = performance.now();
    answer.write(text.slice(at, at + size));
    spent.push(performance.now() - began);
  }
  const began = performance.now();
  answer.end();
  spent.push(performance.now() - began);
  await html();
  const sum = (some: number[]) => some.reduce((total, one) => total + one, 0);
  return { all: sum(spent), first: sum(spent.slice(0, many)), last: sum(spent.slice(-many)) };
}

/** What is underlined, sentence by sentence. */
function unfound(): string[] {
  const texts: string[] = [""];
  for (const span of root.querySelectorAll(".unfound")) {
    texts.push((texts.pop() ?? "") + (span.firstChild?.textContent ?? ""));
    if (span.querySelector(".unseen")) texts.push("");
  }
  return texts.filter(Boolean);
}

/** The citations: their numbers, and what proves the sentences before them. */
const proofs = () => cited.map(([made, proof]) => [made.textContent, proof() ?? null]);

/** Where each word stands on the page. */
function places(): number[] {
  const found: number[] = [];
  const range = document.createRange();
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node.parentElement?.className === "unseen") continue;
    for (const word of (node as Text).data.matchAll(/\S+/g)) {
      range.setStart(node, word.index);
      range.setEnd(node, word.index + word[0].length);
      const { left, top, right, bottom } = range.getBoundingClientRect();
      found.push(left, top, right, bottom);
    }
  }
  return found;
}

const prove = (sentences: FinishedSentence[]) => answer.prove(sentences);
const write = (piece: string) => answer.write(piece);
const end = () => answer.end();
const proving = { prove, proofs, unfound, places };
const rendering = { render, renderCut, differing };
const prose = { start, write, end, html, ...rendering, problems, time, ...proving };
declare global {
  interface Window {
    prose: typeof prose;
  }
}
window.prose = prose;
