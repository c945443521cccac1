// A conversation continues on another page, or after a reload.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Note } from "../src/note.ts";
import {
  Answering,
  answering,
  asked,
  FakeStorage,
  FakeWorld,
  PAGE,
  reload,
  SOURCES,
  type Stage,
  stage,
} from "./fakes.ts";

test("the session is kept over connections and pages, and renewed by each answer", () => {
  const on = asked();
  on.answer.start(SOURCES, "session_5").chunk(0, "So.").end();
  on.conversation.suspend();
  const { conversation, world } = reload(on);
  conversation.ask("And?", [], PAGE);
  world.socket.welcome("session_6");
  const { session_id, session_token } = world.socket.only("question");
  assert.deepEqual([session_id, session_token], ["session_5", "session_5 renewed"]);
});

test("a page that is left closes its socket, and continues its answer later", () => {
  const { conversation, world, reader, note, answer } = answering();
  conversation.suspend();
  assert.ok(world.socket.isClosed);
  assert.equal(world.timers, 0);
  assert.deepEqual(reader.links.at(-1), "idle");
  world.pass(60_000);
  assert.equal(world.sockets.length, 1);
  conversation.resume(); // out of the browser's back-forward cache
  world.socket.welcome();
  assert.equal(world.socket.only("resume").last_seq, 1);
  answer.resumed().chunk(2, " And.").end();
  assert.equal(note.text, "So it is [1]. And.");
});

test("after a reload the notes are there, and a running answer continues", () => {
  const on = answering();
  on.conversation.ask("And?", [], PAGE);
  on.conversation.suspend();
  const { conversation, world, reader } = reload(on);
  const [note, second] = conversation.notes as [Note, Note];
  assert.deepEqual([note, second], on.conversation.notes);
  assert.equal(world.sockets.length, 0);
  conversation.resume();
  world.socket.welcome();
  assert.deepEqual(world.socket.types, ["resume"]);
  new Answering(world, note, "query_1").resumed().chunk(2, " And.").end();
  assert.equal(note.text, "So it is [1]. And.");
  assert.deepEqual(reader.reports.slice(-3), ["grew  And.", "ended", "asked"]);
  assert.equal(world.socket.only("question").question, "And?");
});

test("a finished conversation is shown again and opens no socket", () => {
  const on = asked();
  on.answer.start().chunk(0, "So.").end();
  const { conversation, world } = reload(on);
  conversation.resume();
  conversation.wake();
  assert.deepEqual(conversation.notes, [on.note]);
  assert.equal(world.sockets.length, 0);
});

test("an answer that was being stopped does not go on after a reload", () => {
  const on = answering();
  on.conversation.stop(on.note);
  on.conversation.suspend();
  const { conversation, world } = reload(on);
  conversation.resume();
  assert.deepEqual(conversation.notes[0]?.ending?.status, "cancelled");
  assert.equal(world.sockets.length, 0);
});

test("text is saved once a second, everything else at once", () => {
  const { storage, world, answer, note } = answering();
  const saved = () => reload({ storage } as Stage).conversation.notes[0];
  world.pass(1_000);
  const { writes } = storage;
  for (let seq = 2; seq < 100; seq++) {
    answer.chunk(seq, "a");
    world.pass(50);
  }
  assert.ok(storage.writes - writes <= 5, `${storage.writes - writes} writes in 4.9 s`);
  assert.ok((saved()?.text.length ?? 0) > 60);
  answer.end();
  assert.deepEqual(saved(), note);
});

test("a question is saved before it is sent", () => {
  const { conversation, world, storage } = stage();
  conversation.ask("Why?", [], PAGE);
  const { welcome } = world.socket;
  let stateWhenSent: string | undefined;
  world.socket.send = (text) => {
    if (text.includes('"question"'))
      stateWhenSent = reload({ storage } as Stage).conversation.notes[0]?.state;
  };
  welcome.call(world.socket);
  assert.equal(stateWhenSent, "asked");
});

test("without storage everything else works", () => {
  const world = new FakeWorld();
  const storage = new FakeStorage();
  storage.room = 0;
  const { note, answer } = asked(stage({ world, storage }));
  answer.start().chunk(0, "So.").end();
  assert.deepEqual([note.text, storage.length], ["So.", 0]);
});

test("a destroyed conversation leaves nothing running", () => {
  const { conversation, world, reader } = answering();
  conversation.suspend();
  const reports = reader.reports.length;
  world.socket.say("response_end", { query_id: "query_1" });
  world.socket.shut();
  world.pass(600_000);
  assert.deepEqual([world.sockets.length, world.timers, reader.reports.length], [1, 0, reports]);
});
