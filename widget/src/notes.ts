// The notes of a conversation. Each change is saved and reported to a listener.

import { isOver, isRunning, type Note, type NoteState } from "./note.ts";
import type { ResponseChunkData, SelectionData } from "./protocol.ts";
import type { Session, Store } from "./store.ts";
import type { World } from "./world.ts";

export interface NotesListener {
  added(note: Note): void; // at the end of the list
  grew(note: Note, piece: string): void; // `piece` is already part of note.text; or it is empty, and
  // there are more sentences
  restarted(note: Note): void; // note.text is empty again
  changed(note: Note): void; // anything except the text
  removed(note: Note): void;
}

const SAVED_EVERY = 1000; // ms, while an answer arrives

export class Notes {
  readonly all: Note[];
  /** A new value is saved with the next change of a note. */
  session: Session | null;
  /** Of the book; "" before the server has named it. */
  title: string;
  readonly #store: Store;
  readonly #listener: NotesListener;
  readonly #world: World;
  #saving: unknown;

  constructor(store: Store, listener: NotesListener, world: World) {
    this.#store = store;
    this.#listener = listener;
    this.#world = world;
    const { session, notes, title } = store.read();
    this.session = session;
    this.title = title;
    this.all = notes;
  }

  get running(): Note | undefined {
    return this.all.find(isRunning);
  }

  /** The note to send next. */
  get waiting(): Note | undefined {
    return this.all.find(({ state }) => state === "waiting");
  }

  /** Whether any note has not ended. */
  get awaits(): boolean {
    return !this.all.every(isOver);
  }

  add(question: string, selections: readonly SelectionData[], page: string): Note {
    const id = this.#newId();
    const note: Note = {
      key: id,
      id,
      question: question.trim(),
      selections,
      page,
      state: "waiting",
      lastSeq: -1,
      text: "",
      sources: [],
      cited: [],
      sentences: [],
    };
    this.all.push(note);
    this.save();
    this.#listener.added(note);
    return note;
  }

  remove(note: Note): void {
    this.all.splice(this.all.indexOf(note), 1);
    this.save();
    this.#listener.removed(note);
  }

  /** Removes all notes and forgets the session. */
  clear(): void {
    const removed = this.all.splice(0);
    this.session = null;
    this.save();
    for (const note of removed) this.#listener.removed(note);
  }

  /** Gives a note that has ended a new id and makes it wait again. */
  renew(note: Note): void {
    note.id = this.#newId();
    delete note.failure;
    delete note.ending;
    this.empty(note, "waiting");
  }

  /** Removes everything that has arrived of the answer. */
  empty(note: Note, state: NoteState): void {
    const hadText = note.text !== "";
    delete note.queryId;
    delete note.ahead;
    delete note.thinks;
    Object.assign(note, { state, lastSeq: -1, text: "", sources: [], cited: [], sentences: [] });
    if (hadText) this.#listener.restarted(note);
    this.#changed(note);
  }

  become(note: Note, state: NoteState): void {
    note.state = state;
    this.#changed(note);
  }

  /** Adds a piece of the answer; false if the note has that text already. */
  grow(note: Note, { seq, content, sources, sentences = [] }: ResponseChunkData): boolean {
    const isNew = seq > note.lastSeq;
    note.sentences ??= [];
    const known = note.sentences.length;
    for (const sentence of sentences)
      if (sentence.start >= (note.sentences.at(-1)?.end ?? 0)) note.sentences.push(sentence);
    const cited = sources.map(({ index }) => index).filter((n) => !note.cited.includes(n));
    if (isNew) {
      note.text += content;
      note.lastSeq = seq;
      this.#saving ??= this.#world.later(SAVED_EVERY, () => this.save());
    }
    note.cited.push(...cited);
    if (isNew && content) this.#listener.grew(note, content);
    else if (note.sentences.length > known) this.#listener.grew(note, "");
    if (cited.length || (note.text && note.thinks)) {
      if (note.text) delete note.thinks;
      this.#changed(note);
    }
    return isNew;
  }

  save(): void {
    this.#world.cancel(this.#saving);
    this.#saving = undefined;
    this.#store.write({ session: this.session, notes: this.all, title: this.title });
  }

  #changed(note: Note): void {
    this.save();
    this.#listener.changed(note);
  }

  #newId(): string {
    return `${this.#world.now().toString(36)}-${this.#world.random().toString(36).slice(2)}`;
  }
}
