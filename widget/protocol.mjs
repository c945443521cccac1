// Writes src/protocol.ts, the types of chat-v1, from docs/asyncapi.json. With --check it writes
// nothing, and fails if that file is not what it would write.

import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const WIDTH = 100; // as in biome.json
const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const { components, channels, operations } = JSON.parse(
  readFileSync(path("../docs/asyncapi.json"), "utf8"),
);

const nameOf = ({ $ref }) => $ref.split("/").at(-1);

const typeOf = (schema) => {
  if (schema.$ref) return nameOf(schema);
  if ("const" in schema) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  // An object may have `anyOf` too, which says what it requires; here it has a name of its own.
  if (schema.anyOf) return [...new Set(schema.anyOf.map(typeOf))].join(" | ");
  if (schema.type === "array") {
    const item = typeOf(schema.items);
    return `readonly ${item.includes(" ") ? `(${item})` : item}[]`;
  }
  const type = { integer: "number", number: "number", string: "string", boolean: "boolean" }[
    schema.type
  ];
  if (!type) throw new Error(`There is no type yet for ${JSON.stringify(schema)}`);
  return type;
};

/** A line, or as many as its union has members where one would be too long. */
const declared = (start, type) => {
  const line = `${start} ${type};`;
  const indent = `\n${/^ */.exec(start)[0]}  | `;
  return line.length <= WIDTH ? line : `${start}${indent}${type.split(" | ").join(indent)};`;
};

const interfaceOf = ([name, { properties = {}, required = [] }]) => {
  const fields = Object.entries(properties).map(([field, schema]) => {
    const isRequired = required.includes(field);
    const type = typeOf(schema) + (isRequired ? "" : " | undefined");
    return declared(`  readonly ${field}${isRequired ? "" : "?"}:`, type);
  });
  return [`export interface ${name} {`, ...fields, "}"].join("\n");
};

/** The union of all messages that the server is on this side of. */
const messagesOf = (action) => {
  const { messages } = Object.values(channels)[0];
  const names = Object.values(operations)
    .filter((operation) => operation.action === action)
    .flatMap((operation) => operation.messages.map(nameOf))
    .map((name) => nameOf(components.messages[nameOf(messages[name])].payload));
  return [...new Set(names)].join(" | ");
};

const { question, context_chunks } = components.schemas.QuestionData.properties;
const selection = context_chunks.items.anyOf.find(({ $ref }) => $ref);
const { text } = components.schemas[nameOf(selection)].properties;

const written = `${[
  "// Written by protocol.mjs from docs/asyncapi.json: change that and run `make asyncapi`.\n" +
    "// docs/protocol.md explains the fields.",
  declared("export type ClientMessage =", messagesOf("receive")),
  declared("export type ServerMessage =", messagesOf("send")),
  "/** The limits of the protocol, by the names that they have in a `welcome`. */\n" +
    "export const LIMITS = {\n" +
    `  question_length: ${question.maxLength},\n` +
    `  selections: ${context_chunks.maxItems},\n` +
    `  selection_length: ${text.maxLength},\n};`,
  ...Object.entries(components.schemas).map(interfaceOf),
].join("\n\n")}\n`;

const file = path("src/protocol.ts");
if (!process.argv.includes("--check")) writeFileSync(file, written);
else if (readFileSync(file, "utf8") !== written) {
  console.error("widget/src/protocol.ts does not fit docs/asyncapi.json: run `make asyncapi`.");
  process.exitCode = 1;
}
