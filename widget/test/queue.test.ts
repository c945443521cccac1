// Questions that wait for their turn at the server, and answers without a text.

import assert from "node:assert/strict";
import { test } from "node:test";
import { en } from "../src/words/en.ts";
import { Answering, answering, asked, reconnect, reload } from "./fakes.ts";

test("a question that waits has its place until the answer starts", () => {
  const { note, answer, world, reader } = asked();
  reader.reports.length = 0;
  for (const ahead of [12, 3, 0]) {
    answer.queued("waiting", ahead);
    assert.deepEqual([note.state, note.ahead], ["asked", ahead]);
  }
  answer.start().chunk(0, "So.").end();
  assert.equal(note.ahead, undefined);
  assert.equal(note.state, "ended");
  assert.deepEqual(reader.reports.slice(0, 4), ["asked", "asked", "asked", "answering"]);
  assert.equal(world.sockets.length, 1);
});

test("a word that the client does not know, or one without a place, says nothing", () => {
  const { note, answer } = asked();
  answer.queued("waiting", 3).queued("resting", 2);
  assert.deepEqual([note.state, note.ahead], ["asked", undefined]);
  answer.queued("waiting");
  assert.deepEqual([note.state, note.ahead], ["asked", undefined]);
});

test("a model thinks until its first text, on each connection anew", () => {
  const on = asked();
  const { note, answer, reader } = on;
  answer.start().queued("thinking");
  assert.deepEqual([note.state, note.thinks], ["answering", true]);
  reconnect(on);
  answer.resumed().start();
  assert.equal(note.thinks, undefined);
  answer.queued("thinking").chunk(0, "");
  assert.equal(note.thinks, true);
  reader.reports.length = 0;
  answer.chunk(1, "So.");
  assert.deepEqual([note.thinks, reader.reports], [undefined, ["grew So.", "answering"]]);
  answer.end();
  assert.equal(note.state, "ended");
});

test("a thought is forgotten when the question is asked again", () => {
  const { note, answer, conversation } = asked();
  answer.start().queued("thinking").refused("SERVICE_UNAVAILABLE", { retryable: true });
  conversation.retry(note);
  assert.equal(note.thinks, undefined);
});

test("a question that waits is resumed after a reload, and forgets its place when refused", () => {
  const before = asked();
  before.answer.queued("waiting", 3);
  const { conversation, world } = reload(before);
  const [note] = conversation.notes;
  assert.ok(note);
  assert.equal(note.ahead, 3);
  conversation.resume();
  world.socket.welcome();
  assert.equal(world.socket.only("resume").query_id, "query_1");
  const answer = new Answering(world, note, "query_1").resumed(false, "unknown");
  assert.equal(note.ahead, undefined);
  answer.queued("waiting", 9);
  answer.refused("SERVICE_UNAVAILABLE", { retryable: true, retry_after: 7 });
  assert.deepEqual([note.state, note.failure?.retryAt], ["failed", world.now() + 7000]);
});

test("a question whose answer is empty can be asked again, one that was held back cannot", () => {
  const { note, answer, world, conversation } = asked();
  answer.start().end({ status: "empty" });
  assert.deepEqual([note.state, note.ending?.status], ["ended", "empty"]);
  const { id } = note;
  conversation.retry(note);
  assert.deepEqual([note.state, note.ending], ["asked", undefined]);
  assert.notEqual(note.id, id);
  new Answering(world, note, "query_2").start().end({ status: "filtered" });
  conversation.retry(note);
  assert.equal(note.state, "ended");
});

test("what was written before an answer was held back stays", () => {
  const { note, answer } = answering();
  answer.end({ status: "filtered" });
  assert.deepEqual([note.ending?.status, note.text], ["filtered", "So it is [1]."]);
});

test("the words for a place and for a time are those of the language", () => {
  assert.deepEqual([2, 1, 0].map(en.ahead), [
    "Waiting: 2 questions before yours.",
    "Waiting: 1 question before yours.",
    "Waiting: yours is next.",
  ]);
  const times = [1, 119, 120, 7_200, 7_201, 18_000, 86_400].map(en.againIn);
  assert.deepEqual(
    times.map((text) => text.replace("Ask again in ", "")),
    ["1 s", "119 s", "2 minutes", "120 minutes", "3 hours", "5 hours", "24 hours"],
  );
});
