// A set of questions, and what came of it with both versions of a prompt.

import { measure } from "./prompts_answer.js";
import { count } from "./prompts_elements.js";

export const MOST_ROWS = 50;
const MOST_BYTES = 4_000_000;

/**
 * The questions of a JSONL file, at most MOST_ROWS, and a sentence that says which are left out.
 * Throws an Error, which names the line, where one cannot be read.
 */
export const readSet = async (file) => {
  if (file.size > MOST_BYTES) throw new Error(`${file.name} has more than 4 MB.`);
  const ids = new Set();
  const rows = (await file.text()).split(/\r?\n/).flatMap((line, index) => {
    if (!line.trim()) return [];
    const place = `${file.name}, line ${index + 1}`;
    let row;
    try {
      row = JSON.parse(line);
    } catch {
      throw new Error(`${place}: this is not JSON. Write one object on each line.`);
    }
    if (typeof row?.query !== "string" || !row.query.trim())
      throw new Error(`${place}: there is no “query”. Write the question there.`);
    if (ids.has(row.id)) throw new Error(`${place}: the id “${row.id}” stands twice.`);
    ids.add(row.id ?? place);
    return [row];
  });
  if (!rows.length) throw new Error(`${file.name} holds no question.`);
  const asked = rows.filter(({ history }) => !history?.length);
  const said = [count(Math.min(asked.length, MOST_ROWS), "question")];
  if (asked.length > MOST_ROWS) said.push(`the first of ${asked.length}`);
  if (asked.length < rows.length)
    said.push(`${count(rows.length - asked.length, "follow-up")} left out`);
  return { rows: asked.slice(0, MOST_ROWS), said: `${said.join(", ")}.` };
};

/** The question of a row as a client sends it. */
export const questionOf = ({ query, selection, page }) => ({
  question: query,
  ...(selection && { context_chunks: [selection] }),
  ...(page && { page }),
});

/** Whether the book was said not to cover the question. */
export const isRefused = ({ error }) => error?.code === "CONTENT_NOT_FOUND";

/** What came of a question, in few words. */
export const outcomeOf = (answer) => {
  if (isRefused(answer)) return "refused";
  if (answer.error) return answer.error.code === "STOPPED" ? "stopped" : "failed";
  const { sentences, unsupported } = measure(answer);
  return `${sentences - unsupported} of ${sentences} supported`;
};

const median = (numbers) => {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (!sorted.length) return 0;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};
const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
const share = (part, whole) => (whole ? `${Math.round((100 * part) / whole)} %` : "–");

/** Names and values of all answers to the rows, in the order that they are shown. */
export const totalsOf = (rows, answers) => {
  const ended = answers.filter(({ end }) => end).map(measure);
  const refused = rows.filter((_, index) => isRefused(answers[index]));
  const foreign = rows.filter(({ refuse }) => refuse);
  const of = (name) => ended.map((figures) => figures[name]);
  const failed = answers.filter((answer) => answer.error && !isRefused(answer));
  return [
    ["Answered", `${ended.length} of ${answers.length}`],
    ["Failed or stopped", `${failed.length}`],
    [
      "Refused, as the set expects",
      `${refused.filter(({ refuse }) => refuse).length} of ${foreign.length}`,
    ],
    ["Refused against the set", `${refused.filter(({ refuse }) => !refuse).length}`],
    ["Sentences that are cited", share(sum(of("cited")), sum(of("sentences")))],
    [
      "Sentences that the book does not support",
      `${sum(of("unsupported"))} of ${sum(of("sentences"))}`,
    ],
    ["Words, median", `${Math.round(median(of("words")))}`],
    ["Tokens, median", `${Math.round(median(of("tokens")))}`],
    ["First word, median", `${Math.round(median(of("first")))} ms`],
  ];
};
