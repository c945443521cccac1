// What is not needed before a first question, in a bundle of its own.

export { findPlace, reveal } from "./guide.ts";
export { explain } from "./warning.ts";
