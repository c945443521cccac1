// An answer continues after its connection was lost.

import assert from "node:assert/strict";
import { test } from "node:test";
import { SAID } from "../src/words/client.ts";
import { Answering, answering, asked, PAGE, reconnect, SOURCES } from "./fakes.ts";

test("after a loss an answer continues where it was", () => {
  const on = answering();
  const { world, note, answer, reader } = on;
  reconnect(on);
  assert.deepEqual(world.socket.types, ["resume"]);
  assert.deepEqual(world.socket.only("resume"), {
    client_query_id: note.id,
    query_id: "query_1",
    last_seq: 1,
    session_id: "session_1",
    session_token: "session_1 renewed",
  });
  answer.resumed().chunk(3, " Or not [2].", [2]).end();
  assert.deepEqual(
    [note.text, note.cited, note.state],
    ["So it is [1]. Or not [2].", [1, 2], "ended"],
  );
  assert.equal(reader.texts.get(note), note.text);
});

test("a question without a reply yet is resumed from its beginning", () => {
  const on = asked();
  const { world, note, answer, reader } = on;
  reconnect(on);
  assert.deepEqual(world.socket.only("resume"), {
    client_query_id: note.id,
    last_seq: -1,
    session_id: "session_1",
    session_token: "session_1 token",
  });
  answer.resumed().start().chunk(1, "So.").end();
  assert.deepEqual([note.text, note.sources, note.state], ["So.", SOURCES, "ended"]);
  assert.ok(!reader.reports.includes("restarted"));
});

test("a second response_start doubles nothing", () => {
  const on = asked();
  const { note, answer } = on;
  answer.start();
  reconnect(on);
  assert.equal(on.world.socket.only("resume").last_seq, -1);
  answer.resumed().start().chunk(0, "So [1].", [1]).end();
  assert.deepEqual([note.text, note.sources, note.cited], ["So [1].", SOURCES, [1]]);
});

test("a question that the server does not know is sent again with the same id", () => {
  const on = asked();
  const { world, note, answer, reader } = on;
  const { id } = note;
  reconnect(on);
  answer.resumed(false, "unknown");
  assert.equal(world.socket.only("question").client_query_id, id);
  assert.equal(world.socket.only("question").session_id, "session_1");
  answer.start().chunk(0, "So.").end();
  assert.deepEqual([note.id, note.text, note.state], [id, "So.", "ended"]);
  assert.ok(!reader.reports.includes("restarted"), "there was nothing to empty");
});

test("an answer that the server forgot is sent again from its beginning", () => {
  const on = answering();
  const { world, note, answer, reader } = on;
  const { id } = note;
  reconnect(on);
  answer.resumed(false, "unknown");
  assert.equal(world.socket.only("question").client_query_id, id);
  assert.deepEqual(
    [note.state, note.text, note.lastSeq, note.sources, note.cited, note.queryId],
    ["asked", "", -1, [], [], undefined],
  );
  assert.deepEqual(reader.reports, ["welcomed", "restarted", "asked"]);
  answer.chunk(2, "of the run that is forgotten");
  new Answering(world, note, "query_2").start().chunk(0, "Thus [3].", [3]).end();
  assert.deepEqual([note.text, note.cited, note.state], ["Thus [3].", [3], "ended"]);
  assert.equal(reader.texts.get(note), "Thus [3].");
});

test("an answer that is not kept any more has failed, and may be asked again", () => {
  const failure = { code: "EXPIRED", message: SAID.expired, retryable: true };
  const on = answering();
  reconnect(on);
  on.answer.resumed(false, "expired");
  assert.deepEqual([on.note.state, on.note.failure], ["failed", failure]);
  assert.equal(on.note.text, "So it is [1].");

  const other = asked();
  reconnect(other);
  other.answer.resumed(false, "unknown");
  other.answer.refused("INVALID_MESSAGE", { param: "client_query_id" });
  assert.deepEqual([other.note.state, other.note.failure], ["failed", failure]);
});

test("a run with fewer deltas than came is sent again from its beginning", () => {
  const on = answering();
  const { world, note, answer } = on;
  reconnect(on);
  answer.refused("INVALID_MESSAGE", { param: "last_seq", client_query_id: undefined });
  assert.deepEqual([note.state, note.text], ["asked", ""]);
  assert.equal(world.socket.sent.filter(({ type }) => type === "resume").at(-1)?.data.last_seq, -1);
  answer.resumed().start().chunk(0, "So.").end();
  assert.equal(note.text, "So.");
});

test("pauses grow with each loss, and start small again after text", () => {
  const { world, answer, conversation } = answering();
  const pause = () => {
    world.socket.shut();
    assert.equal(conversation.link, "lost");
    const ms = world.pause;
    world.pass(ms);
    world.socket.welcome();
    answer.resumed();
    return ms;
  };
  assert.deepEqual([pause(), pause(), pause()], [250, 500, 1000]);
  answer.chunk(2, " And");
  assert.deepEqual([pause(), pause()], [250, 500]);
  answer.start();
  assert.deepEqual([pause(), pause()], [250, 500]);
  answer.chunk(2, " And"); // nothing new
  assert.equal(pause(), 1000);
});

test("after a close that is not the fault of the client another socket is opened", () => {
  for (const code of [1000, 1001, 1005, 1006, 1011, 1012, 4102, 4200, 4201]) {
    const { world, note, answer } = answering();
    world.socket.shut(code);
    assert.equal(note.state, "answering", `${code}`);
    world.pass(500);
    world.socket.welcome();
    answer.resumed().end();
    assert.equal(note.state, "ended", `${code}`);
  }
});

test("a close for a mistake of the client fails the answer and opens no socket", () => {
  for (const code of [1002, 1003, 1007, 1008, 1009, 4000]) {
    const { world, note, conversation } = answering();
    world.socket.shut(code);
    assert.equal(note.state, "failed", `${code}`);
    assert.deepEqual(note.failure, {
      code: "CONNECTION_CLOSED",
      message: SAID.closed,
      retryable: true,
    });
    world.pass(600_000);
    assert.equal(world.sockets.length, 1);
    assert.deepEqual(conversation.link, "idle");
  }
});

test("the next question after such a failure is sent over another socket", () => {
  const { world, conversation, note } = asked();
  const second = conversation.ask("And?", [], PAGE);
  world.socket.shut(4000);
  world.socket.welcome();
  assert.deepEqual([note.state, second.state, world.sockets.length], ["failed", "asked", 2]);
  world.socket.shut(4000);
  world.pass(600_000);
  assert.deepEqual([second.state, world.sockets.length], ["failed", 2]);
});
