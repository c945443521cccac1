// A world whose clock only a test moves, and a server whose messages the test sends.

import assert from "node:assert/strict";
import type { Link } from "../src/connection.ts";
import { Conversation, type Listener } from "../src/conversation.ts";
import type { Note } from "../src/note.ts";
import type { FinishedSentence, Limit, Proof, Source } from "../src/protocol.ts";
import type { Refusal } from "../src/refusal.ts";
import { explain } from "../src/warning.ts";
import type { World } from "../src/world.ts";

export const SERVER = new URL("https://tutor.example/book/");
export const PAGE = "https://book.example/a";
export const MODEL = "scripted";
export const LIFETIME = 3600; // s
export const GROUNDING = { sentences: 2, supported: 1 };

// biome-ignore lint/suspicious/noExplicitAny: a test says what it expects
type Data = any;

/** The client's end of a socket; the test is the other end. */
export class FakeSocket {
  readonly sent: { type: string; data: Data }[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  isClosed = false; // by the client
  isGone = false; // by the server, or the network

  constructor(
    readonly url: string,
    readonly protocol: string,
  ) {}

  send(text: string): void {
    if (!this.isClosed && !this.isGone) this.sent.push(JSON.parse(text));
  }

  close(): void {
    this.isClosed = true;
  }

  open(): void {
    this.onopen?.();
  }

  say(type: string, data: Data = {}): void {
    this.onmessage?.({ data: JSON.stringify({ type, data, timestamp: "" }) });
  }

  welcome(session = "session_1", limits: Limit[] = []): void {
    this.open();
    const book = { title: "A book", index_version: "1" };
    const keys = { session_id: session, session_token: `${session} token` };
    const data = { ...keys, model: MODEL, limits, book, session_lifetime_s: LIFETIME };
    this.say("welcome", data);
  }

  shut(code = 1006): void {
    this.isGone = true;
    this.onclose?.({ code });
  }

  /** The only message of this type that was sent. */
  only(type: string): Data {
    const found = this.sent.filter((message) => message.type === type);
    assert.equal(found.length, 1, `${type} among ${JSON.stringify(this.sent)}`);
    return found[0]?.data;
  }

  get types(): string[] {
    return this.sent.map(({ type }) => type).filter((type) => type !== "ping");
  }

  get pings(): number {
    return this.sent.filter(({ type }) => type === "ping").length;
  }
}

interface Timer {
  readonly at: number;
  readonly run: () => void;
}

export class FakeWorld implements World {
  readonly sockets: FakeSocket[] = [];
  fetched = 0;
  readonly WebSocket: World["WebSocket"];
  online = true;
  chance = 0.5;
  book: { status: number; json: unknown } | "never" | undefined; // undefined: the request fails
  #time = 1_800_000_000_000;
  #timers = new Set<Timer>();

  constructor() {
    const { sockets } = this;
    this.WebSocket = class extends FakeSocket {
      constructor(url: string, protocol: string) {
        super(url, protocol);
        sockets.push(this);
      }
    } as unknown as World["WebSocket"];
  }

  get socket(): FakeSocket {
    return this.sockets.at(-1) as FakeSocket;
  }

  now(): number {
    return this.#time;
  }

  random(): number {
    return this.chance;
  }

  isOnline(): boolean {
    return this.online;
  }

  later(ms: number, run: () => void): Timer {
    const timer = { at: this.#time + ms, run };
    this.#timers.add(timer);
    return timer;
  }

  cancel(timer: unknown): void {
    this.#timers.delete(timer as Timer);
  }

  fetch(url: string) {
    assert.equal(url, "https://tutor.example/book/api/book");
    this.fetched++;
    const { book } = this;
    if (book === "never") return new Promise<never>(() => {});
    if (!book) return Promise.reject(new TypeError());
    return Promise.resolve({ status: book.status, json: async () => book.json });
  }

  explain(server: URL, wasWelcome: boolean): Promise<Refusal> {
    return explain(server, wasWelcome, new URL(PAGE).origin, (url) => this.fetch(url));
  }

  /** How long it is until the next timer, in ms. */
  get pause(): number {
    return Math.min(...[...this.#timers].map(({ at }) => at)) - this.#time;
  }

  get timers(): number {
    return this.#timers.size;
  }

  pass(ms: number): void {
    const end = this.#time + ms;
    for (;;) {
      const due = [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.#timers.delete(due);
      this.#time = Math.max(this.#time, due.at);
      due.run();
    }
    this.#time = end;
  }
}

/** The storage of a site, as one of its tabs has it. */
export class FakeStorage implements Storage {
  values = new Map<string, string>();
  /** Called in a tab for what another one has changed, when that is delivered. */
  hear: (name: string, text: string | null) => void = () => {};
  #tabs = new Set<FakeStorage>([this]);
  #unheard: [string, string | null][] = [];
  room = Number.POSITIVE_INFINITY; // characters
  writes = 0;

  get length(): number {
    return this.values.size;
  }

  key(index: number): string | null {
    return [...this.values.keys()][index] ?? null;
  }

  getItem(key: string): string | null {
    return this.values.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    this.writes++;
    const others = [...this.values].filter(([name]) => name !== key);
    const taken = others.reduce((sum, [, { length }]) => sum + length, value.length);
    if (taken > this.room) throw new DOMException("full", "QuotaExceededError");
    if (this.values.get(key) !== value) this.#say(key, value);
    this.values.set(key, value);
  }

  removeItem(key: string): void {
    if (this.values.delete(key)) this.#say(key, null);
  }

  /** The same storage in another tab. */
  tab(): FakeStorage {
    const tab = new FakeStorage();
    tab.values = this.values;
    tab.#tabs = this.#tabs.add(tab);
    return tab;
  }

  /** Lets all tabs hear what the others have changed. */
  deliver(): void {
    for (const tab of this.#tabs) for (const args of tab.#unheard.splice(0)) tab.hear(...args);
    if ([...this.#tabs].some((tab) => tab.#unheard.length)) this.deliver();
  }

  /** What this tab has not heard yet is lost. */
  miss(): void {
    this.#unheard = [];
  }

  #say(key: string, value: string | null): void {
    for (const tab of this.#tabs) if (tab !== this) tab.#unheard.push([key, value]);
  }

  clear(): void {
    this.values.clear();
  }

  copy(): FakeStorage {
    const copy = new FakeStorage();
    for (const [key, value] of this.values) copy.values.set(key, value);
    return copy;
  }
}

/** Writes down what is reported to it, and keeps the text that a reader would see. */
export class Reader implements Listener {
  readonly reports: string[] = [];
  readonly links: Link[] = [];
  readonly texts = new Map<Note, string>();

  added(note: Note): void {
    this.reports.push(`added ${note.question}`);
  }
  grew(note: Note, piece: string): void {
    this.reports.push(`grew ${piece}`);
    this.texts.set(note, (this.texts.get(note) ?? "") + piece);
  }
  restarted(note: Note): void {
    this.reports.push("restarted");
    this.texts.set(note, "");
  }
  changed(note: Note): void {
    this.reports.push(note.state);
  }
  removed(note: Note): void {
    this.reports.push(`removed ${note.question}`);
  }
  linked(link: Link): void {
    this.links.push(link);
  }
  welcomed(): void {
    this.reports.push("welcomed");
  }
  suggested(questions: readonly string[]): void {
    this.reports.push(`suggested ${questions}`);
  }
}

export function source(index: number): Source {
  const said = `source ${index}`;
  return {
    index,
    chunk_id: `chunk_${index}`,
    file: `${index}.md`,
    chapter: said,
    section: said,
    title: said,
    url: `/book/${index}`,
    quote: said,
  };
}

export const sentence = (start: number, end: number, proofs: Proof[] = []): FinishedSentence => ({
  start,
  end,
  support: 0.5,
  proofs,
});

export const SOURCES = [source(1), source(2), source(3)];

/** A conversation with everything that it touches. */
export function stage({
  world = new FakeWorld(),
  storage = new FakeStorage(),
  prompt,
}: {
  world?: FakeWorld;
  storage?: FakeStorage;
  prompt?: string;
} = {}) {
  const reader = new Reader();
  const options = { server: SERVER, prompt, listener: reader, storage, world };
  return { world, storage, reader, conversation: new Conversation(options) };
}

export type Stage = ReturnType<typeof stage>;

/** The same after a reload of the tab. */
export const reload = ({ storage }: Stage): Stage => stage({ storage: storage.copy() });

/** What the server says of an answer, over the newest socket. */
export class Answering {
  constructor(
    readonly world: FakeWorld,
    readonly note: Note,
    readonly queryId: string,
  ) {}

  start(sources: Source[] = SOURCES, session = "session_1"): this {
    this.world.socket.say("response_start", {
      query_id: this.queryId,
      client_query_id: this.note.id,
      session_id: session,
      session_token: `${session} renewed`,
      seq: -1,
      sources,
    });
    return this;
  }

  queued(status: string, ahead?: number): this {
    const { id } = this.note;
    const data = { query_id: this.queryId, client_query_id: id, status, ahead };
    this.world.socket.say("status", data);
    return this;
  }

  chunk(
    seq: number,
    content: string,
    cited: number[] = [],
    sentences?: FinishedSentence[],
    isLast = false,
  ): this {
    const sources = cited.map(source);
    const data = { query_id: this.queryId, seq, content, is_complete: isLast, sources, sentences };
    this.world.socket.say("response_chunk", data);
    return this;
  }

  end(more: Data = {}): this {
    this.chunk(this.note.lastSeq, "", [], [], true);
    const data = { query_id: this.queryId, seq: this.note.lastSeq, status: "completed" };
    this.world.socket.say("response_end", {
      ...data,
      model: MODEL,
      content_sha256: "abc",
      grounding: GROUNDING,
      ...more,
    });
    return this;
  }

  resumed(recovered = true, reason?: string): this {
    const data = { recovered, last_seq: this.note.lastSeq, query_id: this.note.queryId, reason };
    this.world.socket.say("resumed", { ...data, client_query_id: this.note.id });
    return this;
  }

  refused(code: string, more: Data = {}): this {
    const data = { code, message: `${code}!`, retryable: false, client_query_id: this.note.id };
    this.world.socket.say("error", { ...data, ...more });
    return this;
  }
}

/** A question that was sent over a fresh connection. */
export function asked(on: Stage = stage()) {
  const note = on.conversation.ask("Why?", [], PAGE);
  if (on.world.socket.sent.length === 0) on.world.socket.welcome();
  on.world.pass(1); // the id of the next is another one
  return { ...on, note, answer: new Answering(on.world, note, "query_1") };
}

/** An answer that has begun, over its first connection. */
export function answering() {
  const on = asked();
  on.answer.start().chunk(0, "So ").chunk(1, "it is [1].", [1]);
  on.reader.reports.length = 0;
  return on;
}

/** Cuts the connection, and lets the next one open. */
export function reconnect({ world }: Pick<Stage, "world">): void {
  world.socket.shut();
  world.pass(250);
  world.socket.welcome("session_2");
}

export const stateOf = ({ state }: Note) => state;

/** Waits until pending promises have run. */
export const settle = () => new Promise((resolve) => setImmediate(resolve));
