// Every word that a reader sees or hears, in English.

export const en = {
  title: "Ask the book",
  launch: "Ask",
  close: "Close",
  renew: "New conversation",
  hint: "Highlight a passage and ask about it, or just ask.",
  starters: "For example",
  question: "Your question",
  placeholder: "Your question…",
  ask: "Ask",
  stop: "Stop",
  again: "Ask again",
  againIn: (seconds: number) => `Ask again in ${seconds} s`,
  withdraw: "Withdraw",
  disclaimer: "Answers can be wrong. The cited passages tell.",
  left: (count: number) => `${count} ${count === 1 ? "character" : "characters"} left`,
  over: (count: number) => `${count} ${count === 1 ? "character" : "characters"} too long`,

  // Selections
  askAbout: "Ask about this",
  askAboutKeys: "Ask about this (Alt+A)",
  selections: "Highlighted passages",
  remove: (selection: string) => `Remove the selection “${selection}”`,
  taken: "The passage is part of your question now.",
  cut: (most: number) =>
    `The passage was shortened to its first ${most.toLocaleString("en")} characters.`,
  full: (most: number) => `A question takes ${most} passages at most. Remove one first.`,

  // Answers
  you: "You asked",
  asking: "Asking…",
  waiting: "Waits to be asked.",
  writing: "The answer is being written.",
  done: "The answer is complete.",
  stopped: "Stopped.",
  truncated: "The answer was cut off at its greatest length.",
  forgotten: "The tutor was restarted and answers anew.",
  answeredBy: (model: string) => `Answered by ${model}.`,
  sources: "Cited",
  also: (count: number) => `Also found: ${count}`,
  found: (count: number) => `Found: ${count}`,
  source: (index: number, title: string) => `Source ${index}: ${title}`,
  go: "Go to the passage",
  copy: "Copy",
  copied: "Copied",
  table: "Table",

  // The connection
  connecting: "Connecting…",
  lost: "The connection was lost. Reconnecting…",
  offline: "You are offline. Questions wait until you are back.",
  busy: "The tutor is busy. Trying again…",
  unreachable: "The tutor cannot be reached. Trying again…",
  origin: (page: string) =>
    `The tutor does not serve this site. Whoever runs it can add ${page} to SCHOLIAST_ALLOWED_ORIGINS.`,
  now: "Try now",
};

export type Words = typeof en;
