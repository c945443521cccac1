// Answers that fail, and messages that the server refuses.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Answering, answering, asked, source } from "./fakes.ts";

test("a failure keeps the text, and says when to ask again", () => {
  const { note, answer, world } = answering();
  answer.refused("SERVICE_UNAVAILABLE", { retryable: true, retry_after: 7 });
  assert.deepEqual(note.failure, {
    code: "SERVICE_UNAVAILABLE",
    message: "SERVICE_UNAVAILABLE!",
    retryable: true,
    retryAt: world.now() + 7000,
  });
  assert.deepEqual([note.state, note.text], ["failed", "So it is [1]."]);
});

test("a failure brings the nearest sections", () => {
  const { note, answer } = asked();
  answer.refused("CONTENT_NOT_FOUND", { suggestions: [source(1)], query_id: "query_1" });
  assert.deepEqual(note.failure?.suggestions, [source(1)]);
  assert.equal(note.failure?.retryable, false);
});

test("a refusal without an id is about the question that was sent", () => {
  const { note, answer } = asked();
  answer.refused("INVALID_MESSAGE", { client_query_id: undefined, param: "question" });
  assert.deepEqual([note.state, note.failure?.code], ["failed", "INVALID_MESSAGE"]);
});

test("asking again after an error takes a new id and starts again", () => {
  const on = answering();
  const { note, answer, conversation, world, reader } = on;
  const { id, key } = note;
  answer.refused("INTERNAL_ERROR", { retryable: true });
  reader.reports.length = 0;
  conversation.retry(note);
  assert.notEqual(note.id, id);
  assert.equal(note.key, key);
  assert.equal(note.failure, undefined);
  assert.deepEqual([note.state, note.text, note.sources, note.cited], ["asked", "", [], []]);
  assert.deepEqual(reader.reports, ["restarted", "waiting", "asked"]);
  assert.equal(world.socket.sent.at(-2)?.data.client_query_id, note.id);
  answer.refused("INTERNAL_ERROR", { client_query_id: id }); // of the run before
  assert.equal(note.state, "asked");
  new Answering(world, note, "query_2").start().chunk(0, "Thus.").end();
  assert.equal(note.text, "Thus.");
  conversation.retry(note);
  assert.equal(note.state, "ended", "only what failed can be asked again");
});

test("after a limit of the connection another connection is opened, unseen by the reader", () => {
  const on = asked();
  const { world, note, answer } = on;
  const { id } = note;
  const refusal = { reason: "messages", retryable: true, retry_after: 1 };
  answer.refused("RATE_LIMIT_EXCEEDED", { ...refusal, client_query_id: undefined });
  assert.deepEqual([note.state, note.failure], ["asked", undefined]);
  assert.ok(world.socket.isClosed);
  world.pass(250);
  world.socket.welcome();
  answer.resumed(false, "unknown");
  assert.equal(world.socket.only("question").client_query_id, id);
});

test("a question that is refused because another answer runs is sent again later", () => {
  const { world, note, answer, conversation } = asked();
  const { id } = note;
  const refusal = { reason: "concurrent", retryable: true, retry_after: 2 };
  answer.refused("RATE_LIMIT_EXCEEDED", refusal);
  assert.deepEqual([note.state, note.failure], ["waiting", undefined]);
  world.pass(1_999);
  assert.deepEqual(world.socket.types, ["question"]);
  world.pass(1);
  assert.deepEqual(world.socket.types, ["question", "question"]);
  assert.deepEqual([note.state, note.id], ["asked", id]);
  answer.refused("RATE_LIMIT_EXCEEDED", refusal);
  conversation.stop(note);
  assert.deepEqual(conversation.notes, []);
  world.pass(10_000);
  assert.deepEqual(world.socket.types, ["question", "question"]);
});

test("other limits are shown to the reader", () => {
  const { note, answer, world } = asked();
  answer.refused("RATE_LIMIT_EXCEEDED", { reason: "minute", retryable: true, retry_after: 6 });
  assert.deepEqual([note.state, note.failure?.retryAt], ["failed", world.now() + 6000]);
});
