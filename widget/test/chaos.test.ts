// Random cuts, reloads and restarts of the server, all in one conversation.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Note } from "../src/note.ts";
import { type FakeWorld, MODEL, PAGE, reload, SOURCES, settle, stage } from "./fakes.ts";

/** A server as in docs/protocol.md, whose memory a restart empties. */
class Server {
  readonly runs = new Map<string, { queryId: string; length: number }>(); // by client_query_id
  started = 0;
  #sent = new Map<object, number>(); // what each socket follows: deltas that it got
  #read = new Map<object, number>(); // messages of each socket

  constructor(
    readonly on: { world: FakeWorld },
    readonly deltas: string[],
  ) {}

  /** Reads a message or sends the next chunk, of at most `most` deltas. */
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

test("after any cuts, reloads and restarts the text is the server's", async () => {
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
