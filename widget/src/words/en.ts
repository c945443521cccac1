// Every word that a reader sees or hears, in English.

const counted = (count: number, one: string) =>
  `${count.toLocaleString("en")} ${one}${count === 1 ? "" : "s"}`;

// The numbers are rounded up, as in the messages of the server.
const time = (seconds: number) =>
  seconds < 120
    ? `${seconds} s`
    : seconds <= 7200
      ? counted(Math.ceil(seconds / 60), "minute")
      : counted(Math.ceil(seconds / 3600), "hour");

export const en = {
  title: "Ask the book",
  launch: "Ask",
  close: "Close",
  renew: "New conversation",
  hint: "Type a question, or select text on the page and ask about it.",
  starters: "For example",
  question: "Your question",
  placeholder: "Your question…",
  ask: "Ask",
  stop: "Stop",
  again: "Ask again",
  againIn: (seconds: number) => `Ask again in ${time(seconds)}`,
  withdraw: "Cancel",
  disclaimer: "Answers can be wrong. Please check the sources.",
  left: (count: number) => `${counted(count, "character")} left`,
  over: (count: number) => `${counted(count, "character")} too many`,

  // Selections
  askAbout: "Ask about this",
  selections: "Selected text",
  remove: (selection: string) => `Remove “${selection}”`,
  taken: "The selected text was added to your question.",
  cut: (most: number) =>
    `The selected text was too long. Only the first ${counted(most, "character")} were added.`,
  full: (most: number) =>
    `You can add only ${counted(most, "selection")} to a question. Remove one first.`,

  /** What can be asked about selected text with a click: a button and its question. */
  actions: [
    ["Explain", "Explain this."],
    ["Example", "Give me an example of this."],
    ["Quiz me", "Quiz me on this."],
    ["Where else?", "Where else does the book write about this?"],
  ] as readonly (readonly [label: string, question: string])[],

  // Answers
  asking: "Waiting for the answer…",
  waiting: "Not sent yet.",
  ahead: (count: number) =>
    count ? `Waiting: ${counted(count, "question")} before yours.` : "Waiting: yours is next.",
  thinking: "The model is thinking…",
  endings: {
    completed: "The answer is complete.", // only heard
    cancelled: "Stopped.",
    truncated: "The answer was too long and is cut off here.",
    filtered: "The model’s provider held this answer back.",
    empty: "The model gave no answer. Ask again, or in other words.",
  },
  forgotten: "The server restarted. The answer starts again.",
  answeredBy: (model: string) => `Answered by ${model}.`,
  sources: "Cited sections",
  also: (count: number) => `Other sections found: ${count}`,
  found: (count: number) => `Sections found: ${count}`,
  source: (index: number, title: string) => `Source ${index}: ${title}`,
  go: "Show in the book",
  unfound: "Not found in the book",
  unfoundCount: (count: number) =>
    `Not found in the book: ${counted(count, "sentence")}, with a dotted line below.`,
  copy: "Copy",
  copied: "Copied",
  table: "Table",
  copyAll: "Copy with sources",
  passages: "Cited passages",
  noPassages: "No answer cites the book yet.",
  save: "Save the conversation",

  // The connection
  link: {
    idle: "",
    open: "",
    connecting: "Connecting…",
    lost: "The connection was lost. Connecting again…",
    offline: "You are offline. The tutor continues when you are online.",
    busy: "The tutor is busy. Trying again…",
    unreachable: "The tutor cannot be reached. Trying again…",
    proxy: "The proxy in front of the server does not pass websockets on. The console says more.",
  },
  origin: (page: string) =>
    `This page’s address (${page}) is not allowed to use the tutor. It is missing in SCHOLIAST_ALLOWED_ORIGINS.`,
  now: "Try now",
};

export type Words = typeof en;
