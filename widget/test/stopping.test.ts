// The reader stops an answer, removes a waiting question, or starts a new conversation.

import assert from "node:assert/strict";
import { test } from "node:test";
import { answering, asked, GROUNDING, MODEL, PAGE, reload, stage } from "./fakes.ts";

test("a waiting question can be removed", () => {
  const { conversation, reader, world, answer } = asked();
  const second = conversation.ask("And?", [], PAGE);
  conversation.stop(second);
  assert.equal(conversation.notes.length, 1);
  assert.equal(reader.reports.at(-1), "removed And?");
  answer.start().end();
  assert.deepEqual(world.socket.types, ["question"]);
});

test("when no question waits any more, retries stop", () => {
  const { conversation, world } = stage();
  const note = conversation.ask("Why?", [], PAGE);
  world.socket.open();
  world.socket.shut();
  conversation.stop(note);
  assert.deepEqual(conversation.link, "idle");
  assert.equal(world.timers, 0);
});

test("a running answer is cancelled, and ends as the server says", () => {
  const { conversation, note, world, answer } = answering();
  conversation.stop(note);
  conversation.stop(note);
  assert.deepEqual(world.socket.only("cancel"), { client_query_id: note.id });
  assert.equal(note.state, "answering");
  answer.chunk(2, " And").end({ status: "cancelled" });
  assert.deepEqual([note.state, note.text], ["ended", "So it is [1]. And"]);
  const ending = { status: "cancelled", model: MODEL, sha256: "abc", grounding: GROUNDING };
  assert.deepEqual(note.ending, ending);
  world.pass(3_000);
  assert.equal(note.ending?.sha256, "abc");
});

test("if no ending comes within 3 s, the answer ends here", () => {
  const { conversation, note, world, answer } = answering();
  conversation.stop(note);
  world.pass(2_999);
  assert.equal(note.state, "answering");
  world.pass(1);
  assert.deepEqual(note.ending, { status: "cancelled", model: MODEL, sha256: "" });
  answer.chunk(2, "late").end();
  assert.equal(note.text, "So it is [1].");
});

test("without a connection a stopped answer ends at once", () => {
  const { conversation, note, world } = answering();
  world.socket.shut();
  conversation.stop(note);
  assert.deepEqual([note.state, note.ending?.status], ["ended", "cancelled"]);
  assert.deepEqual(conversation.link, "idle");
  world.pass(60_000);
  assert.equal(world.sockets.length, 1);
});

test("an answer whose connection is lost while it is stopped has ended", () => {
  const { conversation, note, world } = answering();
  conversation.stop(note);
  world.socket.shut();
  assert.deepEqual([note.state, note.ending?.status], ["ended", "cancelled"]);
  world.pass(60_000);
  assert.equal(world.sockets.length, 1);
});

test("the next question follows a stopped one", () => {
  const { conversation, note, world, answer } = answering();
  const second = conversation.ask("And?", [], PAGE);
  conversation.stop(note);
  answer.end({ status: "cancelled" });
  assert.deepEqual([note.state, second.state], ["ended", "asked"]);
  assert.deepEqual(world.socket.types, ["question", "cancel", "question"]);
});

test("clearing stops what runs and forgets notes and session", () => {
  const on = answering();
  const { conversation, world, reader, note } = on;
  const [old] = world.sockets;
  conversation.ask("And?", [], PAGE);
  reader.reports.length = 0;
  conversation.clear();
  assert.deepEqual(old?.only("cancel"), { client_query_id: note.id });
  assert.ok(old?.isClosed);
  assert.deepEqual(conversation.notes, []);
  assert.deepEqual(reader.reports, ["removed Why?", "removed And?"]);
  assert.equal(world.timers, 0);
  assert.deepEqual(reload(on).conversation.notes, []);
  conversation.ask("Who?", [], PAGE);
  world.socket.welcome("session_9");
  assert.equal(world.socket.only("question").session_id, "session_9");
});
