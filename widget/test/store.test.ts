import assert from "node:assert/strict";
import { test } from "node:test";
import type { Note } from "../src/note.ts";
import { Store } from "../src/store.ts";
import { FakeStorage, sentence, source } from "./fakes.ts";

const KEY = "scholiast:x";
const NOW = 1_000_000;
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

const ABOUT = { id: "1", session: SESSION, title: "A book", lifetime: 60 };

const storeIn = (storage: Storage | null, now = NOW) => new Store(storage, KEY, () => now);

/** What is read of values that were stored as notes. */
function read(values: readonly unknown[]): Note[] {
  const storage = new FakeStorage();
  storeIn(storage).write(ABOUT);
  for (const [at, value] of values.entries())
    storage.setItem(`${KEY}#${at + 1}`, typeof value === "string" ? value : JSON.stringify(value));
  return storeIn(storage).read(ABOUT.id);
}

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
  ].map((one, at) => ({ ...one, key: `${at + 1}` }));
  const store = storeIn(storage);
  store.write(ABOUT);
  for (const one of notes.toReversed()) store.put(one);
  assert.deepEqual([store.about, store.read(ABOUT.id)], [ABOUT, notes]);
});

test("without stored values or storage there is no conversation", () => {
  for (const storage of [new FakeStorage(), null]) {
    const store = storeIn(storage);
    assert.deepEqual([store.about, store.read("")], [null, []]);
    storeIn(null).write(ABOUT);
    storeIn(null).put(note());
  }
});

test("stored values of another kind are dropped", () => {
  for (const value of ["", "{", "null", "5", '"x"', "[]", "{}", '{"id":"a"}']) {
    const storage = new FakeStorage();
    storage.setItem(KEY, value);
    assert.equal(storeIn(storage).about, null, value);
  }
  for (const session of [
    null,
    1,
    "x",
    [],
    {},
    { session_id: "a" },
    { ...SESSION, session_id: 1 },
  ]) {
    const storage = new FakeStorage();
    storage.setItem(KEY, JSON.stringify({ ...ABOUT, session, seen: NOW }));
    assert.deepEqual(storeIn(storage).about, { ...ABOUT, session: null }, JSON.stringify(session));
  }
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
  for (const value of wrong) assert.deepEqual(read([value, good]), [good], JSON.stringify(value));
});

test("a conversation is forgotten as long after its last use as the server forgets it", () => {
  const storage = new FakeStorage();
  storeIn(storage).write(ABOUT);
  storeIn(storage).put(note());
  storage.setItem(`${KEY}/other#k`, "of another book");
  const before = storeIn(storage, NOW + 60_000);
  assert.deepEqual([before.about, before.read(ABOUT.id)], [ABOUT, [note()]]);
  const after = storeIn(storage, NOW + 60_001);
  assert.deepEqual([after.about, after.read("")], [null, []]);
  assert.deepEqual([...storage.values.keys()], [`${KEY}/other#k`]);
});

test("the last twenty notes are kept", () => {
  const storage = new FakeStorage();
  const store = storeIn(storage);
  const keys = Array.from({ length: 25 }, (_, number) => `${number + 10}`);
  for (const key of keys) {
    store.write(ABOUT);
    store.put(note({ key }));
  }
  const kept = store.read(ABOUT.id).map(({ key }) => key);
  assert.deepEqual(kept, keys.slice(5));
});

test("as many notes are kept as there is room for", () => {
  const storage = new FakeStorage();
  storage.room = 3000;
  const store = storeIn(storage);
  store.write(ABOUT);
  for (let number = 10; number < 30; number++) store.put(note({ key: `${number}` }));
  const kept = store.read(ABOUT.id);
  assert.ok(kept.length >= 2, `${kept.length} kept`);
  assert.equal(kept.at(-1)?.key, "29");
  assert.deepEqual(store.about, ABOUT);
});

test("full or forbidden storage breaks nothing", () => {
  const storage = new FakeStorage();
  const store = storeIn(storage);
  storage.room = 0;
  store.write(ABOUT);
  store.put(note());
  assert.equal(storage.length, 0);
  storage.getItem = () => {
    throw new DOMException("no", "SecurityError");
  };
  assert.deepEqual([store.about, store.read("")], [null, []]);
});
