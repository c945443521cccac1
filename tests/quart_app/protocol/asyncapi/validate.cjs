// Prints what @asyncapi/parser thinks of the document in the named file, as JSON: whether it is
// one, the messages that it found, and its diagnostics (severity 0 is an error).
const { readFileSync } = require("node:fs");
const { Parser } = require("@asyncapi/parser");

async function main() {
  const text = readFileSync(process.argv[2], "utf8");
  const { document, diagnostics } = await new Parser().parse(text);
  const messages = document ? document.messages().all().map((message) => message.name()) : [];
  const found = diagnostics.map(({ code, severity, message, path }) => {
    return { code, severity, message, path: path.join(".") };
  });
  process.stdout.write(JSON.stringify({ valid: Boolean(document), messages, diagnostics: found }));
}

main();
