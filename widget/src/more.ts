// What is not needed before a first question, in a bundle of its own.

export { watchCode } from "./code.ts";
export { copyAnswer } from "./export.ts";
export { arriveAt, leadTo } from "./guide.ts";
export { listOf } from "./passages.ts";
export { explain } from "./warning.ts";
