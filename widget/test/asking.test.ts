// Questions and answers over a connection that works.

import assert from "node:assert/strict";
import { test } from "node:test";
import { LIMITS } from "../src/protocol.ts";
import {
  Answering,
  answering,
  asked,
  GROUNDING,
  MODEL,
  PAGE,
  reconnect,
  SOURCES,
  sentence,
  stage,
  stateOf,
} from "./fakes.ts";

test("no socket is opened before the first question", () => {
  const { conversation, world } = stage();
  conversation.resume();
  conversation.wake();
  assert.equal(world.sockets.length, 0);
  assert.deepEqual(conversation.link, "idle");
});

test("a question is sent trimmed, with its selections, page, prompt and session", () => {
  const { conversation, world, reader } = stage({ prompt: "brief" });
  const selections = [{ text: "some text", page: PAGE, anchor: "top" }];
  const note = conversation.ask("  Why?\n", selections, PAGE);
  assert.equal(note.state, "waiting");
  assert.deepEqual(conversation.notes, [note]);
  world.socket.welcome();
  assert.equal(note.state, "asked");
  assert.deepEqual(world.socket.only("question"), {
    question: "Why?",
    context_chunks: selections,
    page: PAGE,
    client_query_id: note.id,
    prompt: "brief",
    session_id: "session_1",
    session_token: "session_1 token",
  });
  assert.match(note.id, /^[\w-]{1,64}$/);
  assert.deepEqual(reader.reports, ["added Why?", "welcomed", "asked"]);
});

test("the limits are those of the protocol until the server names its own", () => {
  const { conversation, world } = stage();
  assert.deepEqual(conversation.limits, LIMITS);
  conversation.ask("Why?", [], PAGE);
  const limits = [
    { name: "question_length" as const, limit: 50 },
    { name: "selections" as const, limit: 0 },
  ];
  world.socket.welcome("session_1", limits);
  assert.deepEqual(conversation.limits, { ...LIMITS, question_length: 50, selections: 0 });
});

test("an answer comes piece by piece, with its sources and its ending", () => {
  const { note, answer, reader, conversation } = asked();
  reader.reports.length = 0;
  answer.start();
  assert.deepEqual([note.state, note.queryId, note.sources], ["answering", "query_1", SOURCES]);
  answer.chunk(0, "\n So ").chunk(3, "[2][1] and [2]\n", [2, 1]).chunk(4, "[3]", [3, 2]);
  answer.end();
  assert.equal(note.text, "\n So [2][1] and [2]\n[3]");
  assert.equal(reader.texts.get(note), note.text);
  assert.deepEqual(note.cited, [2, 1, 3]);
  assert.deepEqual(note.ending, {
    status: "completed",
    model: MODEL,
    sha256: "abc",
    grounding: GROUNDING,
  });
  assert.deepEqual(reader.reports, [
    "answering",
    "grew \n So ",
    "grew [2][1] and [2]\n",
    "answering",
    "grew [3]",
    "answering",
    "ended",
  ]);
  assert.deepEqual(conversation.link, "open");
});

test("sentences come with the pieces that finish them, or behind all text, and each once", () => {
  const { note, answer, reader, world } = asked();
  const proofs = [{ source: 1, sentence: "It was." }];
  const [first, second] = [sentence(0, 6, proofs), sentence(7, 13)];
  answer.start().chunk(0, "So it", [], []).chunk(1, " is. [1] Or", [1], [first]);
  answer.chunk(2, " not.").chunk(2, "", [], [first, second]);
  assert.deepEqual(note.sentences, [first, second]);
  assert.deepEqual(reader.reports.slice(-3), ["answering", "grew  not.", "grew "]);
  reconnect({ world });
  answer.resumed().chunk(2, "", [], [second]).end();
  assert.deepEqual(note.sentences, [first, second]);
  assert.equal(reader.texts.get(note), "So it is. [1] Or not.");
});

test("an answer that starts again starts without sentences", () => {
  const { note, answer, world } = asked();
  answer.start().chunk(0, "So.", [], [sentence(0, 3)]);
  world.socket.shut();
  world.pass(250);
  world.socket.welcome("session_2");
  answer.resumed(false, "unknown");
  assert.deepEqual([note.state, note.text, note.sentences], ["asked", "", []]);
});

test("messages of later versions are ignored, whatever they hold", () => {
  const { note, world, answer } = asked();
  for (const data of [null, 1, {}, { query_id: "query_1", status: "over" }])
    world.socket.say("later", data);
  answer.start().chunk(0, "So.").end();
  assert.deepEqual([note.state, note.text], ["ended", "So."]);
});

test("repeated pieces and pieces of other answers are ignored", () => {
  const { note, answer, world } = answering();
  answer.chunk(1, "again", [1]).chunk(0, "again");
  const other = new Answering(world, { ...note, id: "other" }, "query_0");
  other.start([]).chunk(9, "strange", [3]).end().refused("INTERNAL_ERROR");
  world.socket.say("error", { code: "X", message: "x", retryable: true, query_id: "query_0" });
  world.socket.say("news", { query_id: "query_1" });
  assert.deepEqual(
    [note.state, note.text, note.lastSeq, note.cited, note.sources.length],
    ["answering", "So it is [1].", 1, [1], 3],
  );
});

test("one question at a time: the next is sent when the one before has ended or failed", () => {
  const { conversation, note, answer, world } = asked();
  const second = conversation.ask("And?", [], PAGE);
  world.pass(1);
  const third = conversation.ask("Then?", [], PAGE);
  assert.deepEqual(world.socket.types, ["question"]);
  answer.start().chunk(0, "So.").end();
  assert.deepEqual([note, second, third].map(stateOf), ["ended", "asked", "waiting"]);
  new Answering(world, second, "query_2").refused("CONTENT_NOT_FOUND");
  assert.deepEqual([note, second, third].map(stateOf), ["ended", "failed", "asked"]);
  assert.deepEqual(world.socket.types, ["question", "question", "question"]);
  const ids = world.socket.sent.map(({ data }) => data.client_query_id).filter(Boolean);
  assert.deepEqual(ids, [note.id, second.id, third.id]);
  assert.equal(new Set(ids).size, 3);
});

test("a question over a silent socket is sent with a ping that has 5 s", () => {
  const { conversation, world, answer } = asked();
  answer.start().end();
  world.pass(600_000);
  const { pings } = world.socket;
  conversation.ask("And?", [], PAGE);
  assert.equal(world.socket.pings, pings + 1);
  world.pass(5_000);
  assert.equal(conversation.link, "lost");
});

test("asking while a retry is awaited tries at once", () => {
  const { conversation, world } = stage();
  conversation.ask("Why?", [], PAGE);
  world.socket.open();
  world.socket.shut();
  assert.equal(conversation.link, "lost");
  conversation.ask("And?", [], PAGE);
  assert.equal(world.sockets.length, 2);
});

test("questions wait for the network and are sent when it is back", () => {
  const { conversation, world, reader } = stage();
  world.online = false;
  const note = conversation.ask("Why?", [], PAGE);
  world.socket.shut();
  assert.deepEqual([note.state, conversation.link], ["waiting", "offline"]);
  world.online = true;
  conversation.wake();
  world.socket.welcome();
  assert.equal(note.state, "asked");
  assert.deepEqual(reader.links, ["connecting", "offline", "connecting", "open"]);
});
