// The private fields of streaming-markdown that src/markdown.ts reads or sets, and what each has to
// do. A new version that changes one of them fails here, not in a reader's answer.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import {
  BLOCKQUOTE,
  CODE_FENCE,
  DOCUMENT,
  EQUATION_BLOCK,
  EQUATION_INLINE,
  LINE_BREAK,
  LINK,
  LIST_ITEM,
  LIST_UNORDERED,
  MAYBE_EQ_BLOCK,
  PARAGRAPH,
  type Parser,
  parser,
  parser_write,
  TABLE,
  token_to_string,
} from "streaming-markdown";
import type { ParserState } from "../src/markdown.ts";

interface Parsing {
  readonly state: Parser;
  /** What came out: "+Name" and "-" for a token, its text and addresses as they are. */
  readonly out: string[];
  write(text: string): void;
}

/** A parser that was given the text one character at a time, as Markdown does. */
function parsing(text: string): Parsing {
  const out: string[] = [];
  const state = parser({
    data: null,
    add_token: (_, token) => {
      out.push(`+${token_to_string(token)}`);
      if (token !== LINE_BREAK)
        assert.equal(state.tokens[state.len], token, "stands there already");
    },
    end_token: () => out.push("-"),
    add_text: (_, piece) => out.push(piece),
    set_attr: (_, __, value) => out.push(value),
  });
  const write = (more: string) => {
    for (const char of more) parser_write(state, char);
  };
  write(text);
  return { state, out, write };
}

const open = ({ tokens, len }: Parser) => [...tokens.subarray(0, len + 1)];

/** One for each field of ParserState: the compiler asks for those that are missing. */
const PINS: Record<keyof ParserState, () => void> = {
  pending: () => {
    for (const [text, pending] of [
      ["a *", "*"],
      ["a $", "$"],
      ["\\", "\\"],
      ["[a](b", "](b"],
      ["|a|\n|-", "|-"],
      ["```\na\n``", "\n``"],
    ] as const)
      assert.equal(parsing(text).state.pending, pending, text);
    const { state, out, write } = parsing("[a](never");
    state.pending = "](b";
    write(")");
    assert.deepEqual([out, state.pending], [["+Paragraph", "+Link", "a", "b", "-"], ""]);
  },
  text: () => {
    const { state, out, write } = parsing("$x");
    assert.equal(state.text, "", "each character is given on at once");
    state.text += "\\$";
    state.pending = "";
    write("y");
    assert.deepEqual(out.slice(2), ["\\$"], "what is added comes out with the next character");
  },
  token: () => {
    for (const [text, token] of [
      ["a b", PARAGRAPH],
      ["[a](b", LINK],
      ["a\nb", LINE_BREAK],
      ["$x", EQUATION_INLINE],
      ["$$", MAYBE_EQ_BLOCK],
      ["$$\n", EQUATION_BLOCK],
      ["|a|\n|-", TABLE],
      ["```\na", CODE_FENCE],
    ] as const)
      assert.equal(parsing(text).state.token, token, text);
  },
  tokens: () => {
    assert.deepEqual(open(parsing("> - a").state), [
      DOCUMENT,
      BLOCKQUOTE,
      LIST_UNORDERED,
      LIST_ITEM,
    ]);
    const { state, out, write } = parsing("> - a\n\n");
    state.tokens[state.len] = PARAGRAPH;
    write("- b ");
    const list = ["+List_Unordered", "+List_Item"];
    const quoted = ["+Blockquote", ...list, "a", "-", "-", "-"];
    assert.deepEqual(out, [...quoted, ...list, "b"], "where no item is open, the quote ends");
  },
  len: () => {
    assert.equal(parsing("").state.len, 0);
    assert.equal(parsing("a b").state.len, 1);
    assert.equal(parsing("> - a").state.len, 3);
  },
  spaces: () => {
    const { state } = parsing("- a\n  - b");
    assert.deepEqual([...state.spaces.subarray(0, state.len + 1)], [0, 0, 2, 0, 4]);
  },
  blockquote_idx: () => {
    assert.equal(parsing("> a\n> ").state.blockquote_idx, 1);
    assert.equal(parsing("> a\n> ").state.tokens[1], BLOCKQUOTE);
    assert.equal(parsing("- a\n").state.blockquote_idx, 0);
  },
  indent_len: () => {
    assert.equal(parsing("a").state.indent_len, 0);
    assert.equal(parsing("    a").state.indent_len, 4);
  },
  table_state: () => {
    assert.equal(parsing("a").state.table_state, 0);
    assert.equal(parsing("|a|\n|-").state.table_state, 1, "the head is over");
    assert.equal(parsing("|a|\n|-|\n").state.table_state, 2, "rows come");
    const { state, out, write } = parsing("|a|\n|");
    state.table_state = 2;
    state.pending = "";
    write("|b|");
    const row = ["+Table_Row", "+Table_Cell"];
    assert.deepEqual(out, ["+Table", ...row, "a", "-", "-", ...row, "b"], "no line below the head");
  },
};

for (const [field, pin] of Object.entries(PINS))
  test(`the parser's ${field} is what src/markdown.ts takes it for`, pin);

test("the parser is of the version that was looked at", () => {
  const { dependencies } = JSON.parse(readFileSync("package.json", "utf8"));
  assert.match(dependencies["streaming-markdown"], /^\d+\.\d+\.\d+$/, "an exact version");
});
