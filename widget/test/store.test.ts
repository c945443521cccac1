import assert from "node:assert/strict";
import { test } from "node:test";
import type { Note } from "../src/note.ts";
import { Store } from "../src/store.ts";
import { FakeStorage, sentence, source } from "./fakes.ts";

const KEY = "scholiast:x";
const SESSION = { session_id: "session_1", session_token: "token" };

function note(more: Partial<Note> = {}): Note {
  return {
    key: "k",
    id: "i",
    question: "Why?",
    selections: [{ text: "some text", page: "/a", anchor: "b" }, { text: "other" }],
    page: "/a",
    state: "ended",
    queryId: "query_1",
    lastSeq: 4,
    text: "So.",
    sources: [source(1)],
    cited: [1],
    sentences: [sentence(0, 3, [{ source: 1, sentence: "It was." }])],
    ending: {
      status: "completed",
      model: "m",
      sha256: "abc",
      grounding: { sentences: 1, supported: 1 },
    },
    ...more,
  };
}

function stored(value: unknown): FakeStorage {
  const storage = new FakeStorage();
  storage.setItem(KEY, typeof value === "string" ? value : JSON.stringify(value));
  return storage;
}

const read = (value: unknown) => new Store(stored(value), KEY).read();

test("what was stored is read again", () => {
  const storage = new FakeStorage();
  const failure = {
    code: "A",
    message: "b",
    retryable: true,
    retryAt: 5,
    suggestions: [source(1)],
  };
  const { ending: _, queryId: __, ...fresh } = note({ state: "waiting" });
  const notes = [
    note(),
    fresh,
    { ...fresh, state: "asked" as const },
    { ...fresh, state: "answering" as const, queryId: "query_2" },
    { ...fresh, state: "failed" as const, failure },
  ];
  new Store(storage, KEY).write({ session: SESSION, notes, title: "A book" });
  const kept = { session: SESSION, notes, title: "A book" };
  assert.deepEqual(new Store(storage, KEY).read(), kept);
});

test("without stored values or storage the conversation is empty", () => {
  const empty = { session: null, notes: [], title: "" };
  assert.deepEqual(new Store(new FakeStorage(), KEY).read(), empty);
  const none = new Store(null, KEY);
  none.write({ session: SESSION, notes: [note()], title: "" });
  assert.deepEqual(none.read(), empty);
});

test("stored values of another kind are dropped", () => {
  for (const value of ["", "{", "null", "5", '"x"', "[]", { notes: {} }, { notes: "x" }])
    assert.deepEqual(read(value), { session: null, notes: [], title: "" }, JSON.stringify(value));
  for (const session of [null, 1, "x", [], {}, { session_id: "a" }, { ...SESSION, session_id: 1 }])
    assert.equal(read({ session, notes: [] }).session, null, JSON.stringify(session));
});

test("a note of another shape is dropped and the others stay", () => {
  const good = note();
  const wrong: unknown[] = [null, 1, "x", [], {}];
  for (const name of Object.keys(good)) {
    if (name !== "queryId" && name !== "sentences") wrong.push({ ...good, [name]: undefined });
    wrong.push({ ...good, [name]: name === "lastSeq" ? "1" : 1 });
  }
  wrong.push(
    { ...good, state: "constructor" },
    { ...good, state: "failed" },
    { ...good, state: "answering", queryId: undefined },
    { ...good, sources: [{ ...source(1), url: undefined }] },
    { ...good, sources: [null] },
    { ...good, cited: ["1"] },
    { ...good, sentences: [{ ...sentence(0, 1), proofs: [{ source: 1 }] }] },
    { ...good, sentences: [{ ...sentence(0, 1), start: "0" }] },
    { ...good, selections: [{ text: 1 }] },
    { ...good, selections: [{ text: "a", anchor: {} }] },
    { ...good, ending: { ...good.ending, grounding: { sentences: 1 } } },
    { ...good, failure: { retryAt: "soon" } },
    { ...good, failure: { suggestions: [{}] } },
  );
  for (const value of wrong)
    assert.deepEqual(read({ notes: [value, good] }).notes, [good], JSON.stringify(value));
});

test("the last twenty notes are kept", () => {
  const storage = new FakeStorage();
  const notes = Array.from({ length: 25 }, (_, number) => note({ key: `${number}` }));
  new Store(storage, KEY).write({ session: null, notes, title: "" });
  const keys = new Store(storage, KEY).read().notes.map(({ key }) => key);
  assert.deepEqual(
    keys,
    notes.slice(5).map(({ key }) => key),
  );
});

test("as many notes are kept as there is room for", () => {
  const storage = new FakeStorage();
  storage.room = 3000;
  const notes = Array.from({ length: 20 }, (_, number) => note({ key: `${number}` }));
  new Store(storage, KEY).write({ session: SESSION, notes, title: "" });
  const kept = new Store(storage, KEY).read();
  assert.ok(kept.notes.length >= 2, `${kept.notes.length} kept`);
  assert.equal(kept.notes.at(-1)?.key, "19");
  assert.deepEqual(kept.session, SESSION);
});

test("full or forbidden storage breaks nothing", () => {
  const storage = new FakeStorage();
  storage.room = 0;
  new Store(storage, KEY).write({ session: SESSION, notes: [note()], title: "" });
  assert.equal(storage.length, 0);
  storage.getItem = () => {
    throw new DOMException("no", "SecurityError");
  };
  assert.deepEqual(new Store(storage, KEY).read(), { session: null, notes: [], title: "" });
});
