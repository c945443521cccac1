// Tabs of one site show one conversation, and no question is answered twice.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Note } from "../src/note.ts";
import {
  Answering,
  answering,
  asked,
  LIFETIME,
  PAGE,
  type Stage,
  stage,
  stateOf,
} from "./fakes.ts";

/** Another tab of the site, in front or not. Its clock is a little ahead, so that its ids differ. */
function beside({ storage }: Stage, isSeen = true): Stage {
  const other = stage({ storage: storage.tab() });
  other.world.chance = 0.25;
  hearing(other, isSeen);
  return other;
}

function hearing({ storage, conversation }: Stage, isSeen = true): void {
  storage.hear = (name, text) => conversation.hear(name, text, isSeen);
}

const questions = ({ world }: Stage) =>
  world.sockets.flatMap(({ sent }) => sent.filter(({ type }) => type === "question"));

test("a tab that is opened shows the conversation and follows its answer", () => {
  const on = answering();
  on.world.pass(1000); // its text is saved
  const other = beside(on);
  const [note] = other.conversation.notes as [Note];
  assert.equal(note.text, "So it is [1].");
  other.conversation.resume();
  other.world.socket.welcome("session_2");
  assert.equal(other.world.socket.only("resume").last_seq, 1);
  new Answering(other.world, note, "query_1").resumed().chunk(2, " And.").end();
  on.answer.chunk(2, " And.").end();
  on.storage.deliver();
  assert.deepEqual(note, on.note);
  assert.deepEqual([questions(on).length, questions(other).length], [1, 0]);
});

test("a question of one tab is followed in another that is in front, in the same session", () => {
  const on = asked();
  on.answer.start().end();
  hearing(on);
  const other = beside(on);
  const second = other.conversation.ask("And?", [], PAGE);
  other.world.socket.welcome("session_2");
  assert.equal(other.world.socket.only("question").session_id, "session_1");
  on.storage.deliver();
  const heard = on.conversation.notes[1] as Note;
  assert.deepEqual(heard, second);
  assert.equal(on.world.socket.only("resume").client_query_id, second.id);
  const answer = new Answering(on.world, heard, "query_2");
  answer.resumed(false, "unknown"); // it came before the question: then it is sent with the same id
  assert.equal(questions(on).at(-1)?.data.client_query_id, second.id);
  answer.start().chunk(0, "So.").end();
  assert.deepEqual([heard.text, heard.state], ["So.", "ended"]);
});

test("a tab in the background opens no socket, and has the answer when it has ended", () => {
  const on = asked();
  const other = beside(on, false);
  on.answer.start().chunk(0, "So [1].", [1]);
  on.storage.deliver();
  assert.deepEqual(other.world.sockets, []);
  on.answer.end();
  on.storage.deliver();
  assert.deepEqual(other.conversation.notes, [on.note]);
  assert.deepEqual(other.reader.texts.get(other.conversation.notes[0] as Note), "So [1].");
  other.conversation.wake(); // it comes to the front
  assert.deepEqual(other.world.sockets, []);
});

test("who closes the tab that asked reads on in the other", () => {
  const on = answering();
  const other = beside(on, false);
  on.conversation.suspend();
  other.conversation.wake();
  other.world.socket.welcome();
  const [note] = other.conversation.notes as [Note];
  new Answering(other.world, note, "query_1").resumed().chunk(2, " And.").end();
  assert.equal(note.text, "So it is [1]. And.");
});

test("a new conversation in one tab is one in all, also in one that slept meanwhile", () => {
  for (const sleeps of [false, true]) {
    const on = answering();
    hearing(on);
    const other = beside(on);
    other.world.pass(1);
    other.conversation.clear();
    const fresh = other.conversation.ask("New?", [], PAGE);
    if (sleeps) on.storage.miss();
    else on.storage.deliver();
    const isStopped = on.world.sockets.some(({ types }) => types.includes("cancel"));
    assert.equal(isStopped, !sleeps, "nobody reads the old answer any more");
    on.answer.chunk(2, " And.");
    on.world.pass(2000); // it would save its text
    assert.deepEqual(on.conversation.notes, [fresh]);
    const stored = [...on.storage.values.values()].join();
    assert.ok(!stored.includes("Why?") && !stored.includes("session_1"), stored);
    assert.deepEqual(stage({ storage: on.storage }).conversation.notes, [fresh]);
  }
});

test("a tab that finds the new conversation before it hears of it asks in a new session", () => {
  const on = answering();
  hearing(on);
  const other = beside(on);
  other.world.pass(1);
  other.conversation.clear();
  on.answer.chunk(2, " And.");
  on.world.pass(2000); // it would save its text
  assert.deepEqual(on.conversation.notes, []);
  on.storage.deliver();
  on.conversation.ask("New?", [], PAGE);
  assert.deepEqual(questions(on).length, 1);
  on.world.pass(2000);
  on.world.socket.welcome("session_2");
  assert.equal(on.world.socket.only("question").session_id, "session_2");
});

test("two tabs that ask their first questions at once get one session", () => {
  const on = stage();
  hearing(on);
  const other = beside(on);
  const first = on.conversation.ask("Why?", [], PAGE);
  const second = other.conversation.ask("How?", [], PAGE);
  on.world.socket.welcome("session_1");
  on.storage.deliver();
  other.world.socket.welcome("session_2");
  assert.deepEqual(
    questions(on).map(({ data }) => data.session_id),
    ["session_1"],
  );
  for (const { data } of questions(other)) assert.equal(data.session_id, "session_1");
  const ids = [first, second].map(({ id }) => id);
  for (const { conversation } of [on, other])
    assert.deepEqual(conversation.notes.map(({ id }) => id).toSorted(), ids.toSorted());
});

test("a tab that has only asked for starters takes the session of the question", () => {
  const on = stage();
  const other = beside(on);
  other.conversation.greet(PAGE);
  other.world.socket.welcome("session_2");
  on.conversation.ask("Why?", [], PAGE);
  on.world.socket.welcome("session_1");
  on.storage.deliver();
  assert.equal(other.world.socket.only("resume").session_id, "session_1");
});

test("a question that waits is sent by one tab or both, with one id, and withdrawn in both", () => {
  const on = answering();
  hearing(on);
  const other = beside(on);
  const withdrawn = other.conversation.ask("No?", [], PAGE);
  other.world.pass(1);
  const second = other.conversation.ask("And?", [], PAGE);
  on.storage.deliver();
  other.conversation.stop(withdrawn);
  on.storage.deliver();
  assert.deepEqual(
    on.conversation.notes.map(({ question }) => question),
    ["Why?", "And?"],
  );
  on.answer.end();
  assert.equal(questions(on).at(-1)?.data.client_query_id, second.id);
  on.storage.deliver();
  assert.deepEqual(other.conversation.notes.map(stateOf), ["ended", "asked"]);
});

test("a question asked again in one tab is new in the other", () => {
  const on = asked();
  on.answer.start().chunk(0, "So").refused("INTERNAL_ERROR", { retryable: true });
  hearing(on);
  const other = beside(on, false);
  const [note] = other.conversation.notes as [Note];
  on.world.pass(5);
  on.conversation.retry(on.note);
  on.storage.deliver();
  assert.deepEqual([note.id, note.text, note.failure], [on.note.id, "", undefined]);
  assert.ok(other.reader.reports.includes("restarted"));
  new Answering(on.world, on.note, "query_2").start().chunk(0, "Thus.").end();
  on.storage.deliver();
  assert.deepEqual(other.conversation.notes, [on.note]);
});

test("what a tab that slept writes over a newer conversation is put right", () => {
  const on = answering();
  const { storage, conversation } = on;
  const [about, note] = [...storage.values].map(([name]) => name) as [string, string];
  const before = [about, note].map((name) => storage.getItem(name) as string);
  const other = beside(on);
  other.world.pass(1);
  other.conversation.clear();
  const fresh = other.conversation.ask("New?", [], PAGE);
  hearing(on);
  storage.deliver();
  for (const [at, name] of [about, note].entries()) storage.setItem(name, before[at] as string);
  storage.deliver(); // its browser has not told it yet of the new one
  assert.deepEqual(other.conversation.notes, [fresh]);
  assert.deepEqual(conversation.notes, [fresh]);
  assert.deepEqual(stage({ storage }).conversation.notes, [fresh]);
});

test("a tab that heard nothing while it slept catches up when it wakes", () => {
  const on = asked();
  const other = beside(on);
  on.answer.start().chunk(0, "So.").end();
  on.storage.tab();
  other.storage.miss();
  assert.equal(other.conversation.notes[0]?.state, "asked");
  other.conversation.wake();
  assert.deepEqual(other.conversation.notes, [on.note]);
  assert.deepEqual(other.world.sockets, []);
});

test("what other scripts of the page keep is none of its business", () => {
  const on = answering();
  const other = beside(on);
  on.storage.setItem("theme", "dark");
  on.storage.setItem("scholiast:https://tutor.example/book/#odd", "{}");
  on.storage.removeItem("theme");
  on.storage.deliver();
  assert.equal(other.conversation.notes.length, 1);
});

test("a conversation is not shown after the server's lifetime of a session", () => {
  const on = asked();
  on.answer.start().chunk(0, "So.").end();
  const { world } = on;
  world.pass(LIFETIME * 1000);
  assert.equal(stage({ world, storage: on.storage }).conversation.notes.length, 1);
  world.pass(1);
  assert.deepEqual(stage({ world, storage: on.storage }).conversation.notes, []);
  assert.equal(on.storage.length, 0);
});
