import assert from "node:assert/strict";
import { test } from "node:test";
import type { Note } from "../src/note.ts";
import { LIMITS } from "../src/protocol.ts";
import { SAID } from "../src/words/client.ts";
import {
  Answering,
  asked,
  FakeStorage,
  FakeWorld,
  GROUNDING,
  MODEL,
  reload,
  SOURCES,
  type Stage,
  settle,
  source,
  stage,
} from "./fakes.ts";

const PAGE = "https://book.example/a";

/** An answer that has begun, over its first connection. */
function answering() {
  const on = asked();
  on.answer.start().chunk(0, "So ").chunk(1, "it is [1].", [1]);
  on.reader.reports.length = 0;
  return on;
}

/** Cuts the connection, and is welcome on the next one. */
function reconnect({ world }: Stage): void {
  world.socket.shut();
  world.pass(250);
  world.socket.welcome("session_2");
}

// ---- Asking

test("nothing is opened before there is something to ask", () => {
  const { conversation, world } = stage();
  conversation.resume();
  conversation.wake();
  assert.equal(world.sockets.length, 0);
  assert.deepEqual(conversation.link, { state: "idle" });
});

test("a question goes out trimmed, with its selections, page, prompt and session", () => {
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
  assert.deepEqual(conversation.link, { state: "open" });
});

test("what came already, or belongs to another answer, is ignored", () => {
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

test("a question over a socket that was silent comes with a ping of 5 s", () => {
  const { conversation, world, answer } = asked();
  answer.start().end();
  world.pass(600_000);
  const { pings } = world.socket;
  conversation.ask("And?", [], PAGE);
  assert.equal(world.socket.pings, pings + 1);
  world.pass(5_000);
  assert.equal(conversation.link.state, "lost");
});

test("asking while a retry is awaited tries at once", () => {
  const { conversation, world } = stage();
  conversation.ask("Why?", [], PAGE);
  world.socket.open();
  world.socket.shut();
  assert.equal(conversation.link.state, "lost");
  conversation.ask("And?", [], PAGE);
  assert.equal(world.sockets.length, 2);
});

test("questions wait for a network, and go out when it is there", () => {
  const { conversation, world, reader } = stage();
  world.online = false;
  const note = conversation.ask("Why?", [], PAGE);
  world.socket.shut();
  assert.deepEqual([note.state, conversation.link.state], ["waiting", "offline"]);
  world.online = true;
  conversation.wake();
  world.socket.welcome();
  assert.equal(note.state, "asked");
  assert.deepEqual(
    reader.links.map(({ state }) => state),
    ["connecting", "offline", "connecting", "open"],
  );
});

// ---- Losing the connection

test("after a loss an answer goes on where it was", () => {
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

test("a question of which nothing came is resumed from its beginning", () => {
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

test("a response_start that comes again doubles nothing", () => {
  const on = asked();
  const { note, answer } = on;
  answer.start();
  reconnect(on);
  assert.equal(on.world.socket.only("resume").last_seq, -1);
  answer.resumed().start().chunk(0, "So [1].", [1]).end();
  assert.deepEqual([note.text, note.sources, note.cited], ["So [1].", SOURCES, [1]]);
});

test("what the server does not know is asked again with the same id", () => {
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

test("each loss that follows upon text is a new one; else the pauses grow", () => {
  const { world, answer, conversation } = answering();
  const pause = () => {
    world.socket.shut();
    const { link } = conversation;
    assert.ok(link.state === "lost");
    const ms = link.retryAt - world.now();
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

test("closes that are nobody's fault are followed by another socket", () => {
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

test("a close for what the client did fails the answer, and no socket follows", () => {
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
    assert.deepEqual(conversation.link, { state: "idle" });
  }
});

test("the question behind the one that fails so is asked over another socket", () => {
  const { world, conversation, note } = asked();
  const second = conversation.ask("And?", [], PAGE);
  world.socket.shut(4000);
  world.socket.welcome();
  assert.deepEqual([note.state, second.state, world.sockets.length], ["failed", "asked", 2]);
  world.socket.shut(4000);
  world.pass(600_000);
  assert.deepEqual([second.state, world.sockets.length], ["failed", 2]);
});

// ---- Errors

test("a failure keeps what was written, and says when to come again", () => {
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

test("a refusal that names no question is that of the one that was sent", () => {
  const { note, answer } = asked();
  answer.refused("INVALID_MESSAGE", { client_query_id: undefined, param: "question" });
  assert.deepEqual([note.state, note.failure?.code], ["failed", "INVALID_MESSAGE"]);
});

test("asking again after an error takes a new id and begins anew", () => {
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

test("a limit of the connection is not the reader's business: another one is taken", () => {
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

test("nor is an answer that runs already: the question waits and is sent again", () => {
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

// ---- Stopping

test("a question that waits is taken back", () => {
  const { conversation, reader, world, answer } = asked();
  const second = conversation.ask("And?", [], PAGE);
  conversation.stop(second);
  assert.equal(conversation.notes.length, 1);
  assert.equal(reader.reports.at(-1), "removed And?");
  answer.start().end();
  assert.deepEqual(world.socket.types, ["question"]);
});

test("when nothing waits any more, nothing is tried any more", () => {
  const { conversation, world } = stage();
  const note = conversation.ask("Why?", [], PAGE);
  world.socket.open();
  world.socket.shut();
  conversation.stop(note);
  assert.deepEqual(conversation.link, { state: "idle" });
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
  assert.deepEqual(conversation.link, { state: "idle" });
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

// ---- Beginning anew

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

// ---- Reloading

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

test("a page that is left closes its socket quietly, and takes its answer up again", () => {
  const { conversation, world, reader, note, answer } = answering();
  conversation.suspend();
  assert.ok(world.socket.isClosed);
  assert.equal(world.timers, 0);
  assert.deepEqual(reader.links.at(-1), { state: "idle" });
  world.pass(60_000);
  assert.equal(world.sockets.length, 1);
  conversation.resume(); // out of the browser's back-forward cache
  world.socket.welcome();
  assert.equal(world.socket.only("resume").last_seq, 1);
  answer.resumed().chunk(2, " And.").end();
  assert.equal(note.text, "So it is [1]. And.");
});

test("after a reload the notes are there, and what was under way is taken up", () => {
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

test("a conversation that is over is shown again and opens nothing", () => {
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

test("text is saved once a second, all else at once", () => {
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

test("without storage all goes on as well", () => {
  const world = new FakeWorld();
  const storage = new FakeStorage();
  storage.room = 0;
  const { note, answer } = asked(stage({ world, storage }));
  answer.start().chunk(0, "So.").end();
  assert.deepEqual([note.text, storage.length], ["So.", 0]);
});

test("what is destroyed leaves nothing running", () => {
  const { conversation, world, reader } = answering();
  conversation.destroy();
  const reports = reader.reports.length;
  world.socket.say("response_end", { query_id: "query_1" });
  world.socket.shut();
  world.pass(600_000);
  assert.deepEqual([world.sockets.length, world.timers, reader.reports.length], [1, 0, reports]);
});

// ---- All of it together

/** Answers as docs/protocol.md says, in memory that a restart empties. */
class Server {
  readonly runs = new Map<string, { queryId: string; length: number }>(); // by client_query_id
  started = 0;
  #sent = new Map<object, number>(); // what each socket follows: deltas that it got
  #read = new Map<object, number>(); // messages of each socket

  constructor(
    readonly on: { world: FakeWorld },
    readonly deltas: string[],
  ) {}

  /** Reads what came, says what is due, at most `most` deltas in one chunk. */
  step(most: number): void {
    const { socket } = this.on.world;
    if (socket.isClosed || socket.isGone) return;
    const read = this.#read.get(socket);
    if (read === undefined) {
      socket.welcome();
      this.#read.set(socket, 0);
      return;
    }
    const message = socket.sent.slice(read).find(({ type }) => type !== "ping");
    if (message) {
      this.#read.set(socket, socket.sent.indexOf(message) + 1);
      this.#take(message.type, message.data);
    } else this.#send(most);
  }

  #take(type: string, data: { client_query_id: string; last_seq: number }): void {
    const { socket } = this.on.world;
    const id = data.client_query_id;
    let run = this.runs.get(id);
    if (type === "resume") {
      socket.say("resumed", { ...data, recovered: !!run, reason: run ? undefined : "unknown" });
      if (!run) return;
    } else if (!run) {
      run = { queryId: `query_${++this.started}`, length: 0 };
      this.runs.set(id, run);
    }
    const after = type === "resume" ? data.last_seq : -1;
    this.#sent.set(socket, after + 1);
    if (after < 0)
      socket.say("response_start", {
        query_id: run.queryId,
        client_query_id: id,
        session_id: "s",
        session_token: "t",
        sources: SOURCES,
      });
  }

  #send(most: number): void {
    const { socket } = this.on.world;
    const [run] = [...this.runs.values()].slice(-1);
    const sent = this.#sent.get(socket);
    if (!run || sent === undefined) return;
    run.length = Math.min(this.deltas.length, Math.max(run.length, sent + most));
    const content = this.deltas.slice(sent, run.length).join("");
    const seq = run.length - 1;
    this.#sent.set(socket, run.length);
    const isOver = run.length === this.deltas.length;
    const data = { query_id: run.queryId, seq, content, is_complete: isOver, sources: [] };
    socket.say("response_chunk", data);
    if (!isOver) return;
    const end = { query_id: run.queryId, seq, status: "completed", content_sha256: "abc" };
    socket.say("response_end", { ...end, model: MODEL });
  }
}

/** Numbers that are the same in each run of the tests. */
function chances(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

test("whatever is cut, reloaded and forgotten, the text is that of the server", async () => {
  const deltas = Array.from({ length: 30 }, (_, seq) => `${seq}🦾\n `);
  let reloads = 0;
  let restarts = 0;
  for (let seed = 1; seed <= 300; seed++) {
    const chance = chances(seed);
    let on = stage();
    const here = { world: on.world };
    const server = new Server(here, deltas);
    on.conversation.ask("Why?", [], PAGE);
    let forgotten = 0;
    let steps = 0;
    for (; on.conversation.notes[0]?.state !== "ended"; steps++) {
      assert.ok(steps < 2000, `seed ${seed}: no end`);
      const what = chance();
      if (what < 0.08) on.world.socket.shut();
      else if (what < 0.14) {
        reloads++;
        if (what < 0.11) on.conversation.suspend();
        on = reload(on);
        here.world = on.world;
        on.conversation.resume();
        const [note] = on.conversation.notes;
        if (note) on.reader.texts.set(note, note.text);
      } else if (what < 0.16) {
        restarts++;
        forgotten += server.runs.size;
        server.runs.clear();
        on.world.socket.shut(1012);
      } else if (what < 0.4) {
        on.world.pass(400);
        await settle();
      } else if (on.world.sockets.length) server.step(1 + Math.floor(chance() * 4));
    }
    const [note] = on.conversation.notes as [Note];
    assert.equal(note.text, deltas.join(""), `seed ${seed}`);
    assert.equal(on.reader.texts.get(note), note.text, `seed ${seed}`);
    assert.ok(server.started <= 1 + forgotten, `seed ${seed}: an id ran twice`);
  }
  assert.ok(reloads > 300 && restarts > 100, `${reloads} reloads, ${restarts} restarts`);
});

const stateOf = ({ state }: Note) => state;
