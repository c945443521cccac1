// The ask panel: sends a question with the passage that is selected, shows the answer as it comes.

import { element, link, prose, renew } from "./prose.js";

const QUESTION_LIMIT = 1000; // code points, as the protocol counts
const SELECTION_LIMIT = 2000;
const NOTES_KEPT = 20;

const panel = document.querySelector("#ask");
const article = document.querySelector("article");
const log = panel.querySelector(".notes");
const form = panel.querySelector("form");
const field = form.querySelector("textarea");
const quoted = form.querySelector(".selection");
const fold = panel.querySelector(".fold");
const storageKey = `scholiast:${panel.dataset.book}`;
const sessionKey = `${storageKey}:session`;

const notes = restore(storageKey, []); // what was asked on this book in this tab, each with its answer
let selection = null; // {text, page, anchor}: the passage that goes with the next question
let current = null; // the note that is being answered
let socket = null;

// ---- Asking

function ask() {
  const question = field.value.trim();
  if (current || !question || [...question].length > QUESTION_LIMIT) return;
  current = { question, selection: selection?.text, text: "", sources: [], cited: [] };
  notes.push(current);
  show(current);
  wait(true);
  send("question", {
    question,
    context_chunks: selection ? [selection] : [],
    page: panel.dataset.page || undefined,
    ...restore(sessionKey, {}), // so that a follow-up is understood, also on another page
  });
  field.value = "";
  count();
  select(null);
}

function send(type, data) {
  const message = JSON.stringify({ type, data, timestamp: new Date().toISOString() });
  if (socket?.readyState === WebSocket.OPEN) return socket.send(message);
  const address = new URL("/ws/chat", location.href.replace(/^http/, "ws"));
  const opened = new WebSocket(address, "chat-v1");
  let wasOpen = false;
  socket = opened;
  opened.onopen = () => {
    wasOpen = true;
    opened.send(message);
  };
  opened.onmessage = (event) => receive(JSON.parse(event.data));
  opened.onclose = () => {
    if (opened !== socket || !current) return;
    const what = wasOpen ? "The connection was lost." : "The server cannot be reached.";
    finish({ error: `${what} Please ask again.` });
  };
}

function receive({ type, data }) {
  if (!current) return;
  if (type === "response_start") {
    current.queryId = data.query_id;
    const { session_id, session_token } = data;
    keep(sessionKey, { session_id, session_token });
    current.sources = data.sources;
    draw(current);
  } else if (type === "response_chunk" && data.query_id === current.queryId) {
    current.text += data.content;
    current.cited.push(...data.sources.map((source) => source.index));
    draw(current);
  } else if (type === "response_end" && data.query_id === current.queryId) {
    finish({ model: data.model, isCut: data.status === "truncated" });
  } else if (type === "error") {
    const later = data.retry_after ? ` (in ${data.retry_after} s)` : "";
    finish({ error: data.message + later, suggestions: data.suggestions });
  }
}

function finish(ending) {
  current.ending = ending;
  draw(current);
  if (ending.error && !ending.suggestions?.length && !field.value) {
    field.value = current.question; // to be asked again
    count();
  }
  current = null;
  wait(false);
  remember();
}

function wait(isWaiting) {
  form.querySelector("[type=submit]").disabled = isWaiting;
  log.setAttribute("aria-busy", isWaiting); // read aloud when the answer is whole
}

// ---- Notes: questions and their answers

function show(note) {
  const answer = element("div", { className: "answer" });
  const cited = element("ol", { className: "sources" });
  const others = element("ol", { className: "sources" });
  const ending = element("div", { className: "ending" });
  const more = element("details", {}, element("summary"), others);
  const asked = element("div", { className: "asked" }, element("p", {}, note.question));
  if (note.selection) asked.prepend(element("blockquote", {}, note.selection));
  note.root = element("section", { className: "note" }, asked, answer, cited, more, ending);
  note.parts = { answer, cited, others, more, ending };
  panel.classList.add("used");
  unfold(true);
  log.append(note.root);
  draw(note);
}

function draw(note) {
  const { answer, cited, others, more, ending } = note.parts;
  const isCited = (source) => note.cited.includes(source.index);
  note.root.classList.toggle("waiting", note === current && !note.ending);
  renew(answer, prose(note.text, note.sources));
  renew(cited, note.sources.filter(isCited).map(card));
  renew(others, note.sources.filter((source) => !isCited(source)).map(card));
  more.hidden = !others.children.length;
  const found = note.cited.length ? "Also found" : "Found";
  more.firstChild.textContent = `${found}: ${others.children.length}`;
  renew(ending, note.ending ? lastWords(note.ending) : []);
  if (note === current) follow(note);
}

function lastWords({ error, suggestions = [], model, isCut }) {
  const lines = [];
  if (error) lines.push(element("p", { className: "error" }, error));
  const sections = suggestions.map((source) => element("li", {}, link(source, source.title)));
  if (sections.length) lines.push(element("ul", {}, ...sections));
  if (isCut) lines.push(element("p", {}, "The answer was cut off at its greatest length."));
  if (model) lines.push(element("p", {}, signature(model)));
  return lines;
}

function follow(note) {
  // Keeps the question in sight above its growing answer, until the reader scrolls.
  if (note.scrolledTo !== undefined && log.scrollTop !== note.scrolledTo) return;
  log.scrollTop = note.root.offsetTop;
  note.scrolledTo = log.scrollTop;
}

function card(source) {
  const number = element("span", { className: "number" }, `[${source.index}]`);
  const above = source.section.split(" > ").slice(0, -1).join(" › ");
  const place = element("p", {}, above || source.chapter);
  const quote = element("blockquote", {}, source.quote);
  return element("li", {}, number, link(source, source.title), place, quote);
}

function remember() {
  const kept = notes.slice(-NOTES_KEPT).map(({ root, parts, scrolledTo, ...note }) => note);
  keep(storageKey, kept);
}

function keep(key, value) {
  try {
    sessionStorage.setItem(key, JSON.stringify(value));
  } catch {
    // No room, or storage is turned off: then answers stay with their page.
  }
}

function restore(key, otherwise) {
  try {
    return JSON.parse(sessionStorage.getItem(key)) ?? otherwise;
  } catch {
    return otherwise;
  }
}

// ---- The passage that is selected

function select(passage, range) {
  selection = passage;
  quoted.hidden = !passage;
  quoted.querySelector("blockquote").textContent = passage?.text ?? "";
  if (range) CSS.highlights?.set("asked", new Highlight(range)); // stays when the field has the focus
  else CSS.highlights?.delete("asked");
}

function capture() {
  const marked = document.getSelection();
  if (marked.isCollapsed) return;
  const range = marked.getRangeAt(0).cloneRange();
  if (!article.contains(range.commonAncestorContainer)) return;
  const text = [...marked.toString().trim()].slice(0, SELECTION_LIMIT).join("");
  const anchor = anchorAbove(range.startContainer);
  if (text) select({ text, page: panel.dataset.page, anchor }, range);
}

function anchorAbove(node) {
  const after = Node.DOCUMENT_POSITION_FOLLOWING | Node.DOCUMENT_POSITION_CONTAINED_BY;
  const isAbove = (heading) => heading.compareDocumentPosition(node) & after;
  const headings = article.querySelectorAll(":is(h1, h2, h3, h4, h5, h6)[id]");
  return [...headings].filter(isAbove).at(-1)?.id;
}

// ---- Small things

function signature(label) {
  // A model's name, or it and what to expect; after a semicolon, what to do about it.
  const [words] = label.replace(/^quotes: /, "").split(";");
  return words.includes(" ") ? `${words[0].toUpperCase()}${words.slice(1)}.` : `Answered by ${words}.`;
}

function count() {
  const length = [...field.value.trim()].length;
  const left = QUESTION_LIMIT - length;
  const words = left < 0 ? `${-left} characters too long` : `${left} characters left`;
  form.querySelector(".counter").textContent = left <= 100 ? words : "";
  form.classList.toggle("too-long", left < 0);
}

function unfold(isOpen) {
  panel.classList.toggle("folded", !isOpen);
  fold.hidden = !notes.length;
  fold.textContent = isOpen ? "Hide" : "Show";
  fold.setAttribute("aria-expanded", isOpen);
}

// ---- What the reader does

form.addEventListener("submit", (event) => {
  event.preventDefault();
  ask();
});
field.addEventListener("input", count);
field.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  ask();
});
quoted.querySelector("button").addEventListener("click", () => {
  document.getSelection().removeAllRanges();
  select(null);
  field.focus();
});
fold.addEventListener("click", () => unfold(panel.classList.contains("folded")));
log.addEventListener("click", (event) => {
  if (event.target.closest("a")) unfold(false); // on a narrow screen the panel covers the page
});
if (article) document.addEventListener("selectionchange", capture);

notes.forEach(show);
if (notes.length) {
  unfold(false);
  follow(notes.at(-1));
}
