// What is seldom asked for, in a bundle of its own.

export { warn } from "./warning.ts";
