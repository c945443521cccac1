// The notes of a conversation. Each change is saved and reported to a listener.

import { isOver, isRunning, type Note, type NoteState } from "./note.ts";
import type { ResponseChunkData, SelectionData } from "./protocol.ts";
import { type About, isNote, type Store } from "./store.ts";
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
const LIFETIME = 86_400; // s, before the server has named it

export class Notes {
  readonly all: Note[] = [];
  /** What is known of the conversation. A new value is saved with the next change of a note. */
  about: About;
  readonly #store: Store;
  readonly #listener: NotesListener;
  readonly #world: World;
  #saving: unknown;

  constructor(store: Store, listener: NotesListener, world: World) {
    this.#store = store;
    this.#listener = listener;
    this.#world = world;
    this.about = this.#read();
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
    this.#isCurrent();
    if (!this.about.id) this.#begin();
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
    this.save(note);
    this.#listener.added(note);
    return note;
  }

  remove(note: Note): void {
    this.#store.remove(note);
    this.#drop(note);
  }

  /** Removes all notes and forgets the session. */
  clear(): void {
    for (const note of [...this.all]) this.remove(note);
    this.#begin();
    this.#store.write(this.about);
    this.#store.read(this.about.id); // which forgets others that were kept
  }

  /** Takes over what other tabs have kept. */
  sync(): void {
    if (!this.#isCurrent(true)) return;
    for (const note of this.#store.read(this.about.id)) this.#take(note);
  }

  /** Takes over one thing that another tab has kept, or removed if it is null. Nothing is taken
   * of the note that is `followed` here: the server sends it, too. */
  hear(name: string, text: string | null, followed: string): void {
    if (name === this.#store.key) this.#isCurrent(true);
    else if (!this.#store.isNote(name)) return;
    else if (text) {
      const note = JSON.parse(text);
      if (isNote(note) && note.id !== followed) this.#take(note);
    } else {
      const gone = this.all.find((note) => note.state === "waiting" && name.endsWith(note.key));
      if (gone) this.#drop(gone);
    }
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
      this.#saving ??= this.#world.later(SAVED_EVERY, () => this.#keep(note));
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

  save(note = this.running): void {
    if (!this.#isCurrent()) return;
    this.#store.write(this.about);
    if (note) this.#keep(note);
  }

  #keep(note: Note): void {
    this.#world.cancel(this.#saving);
    this.#saving = undefined;
    if (this.all.includes(note) && this.#isCurrent()) this.#store.put(note);
  }

  /** Whether this is still the conversation of the site: the one that was begun last. If not,
   * takes over the other one. `isHeard`: its session is newer than what is known here. */
  #isCurrent(isHeard = false): boolean {
    const { about } = this.#store;
    const { id } = this.about;
    if (isHeard && about?.id === id && about.session) this.about = about;
    if (about && about.id < id) this.#store.write(this.about); // by a tab that has slept
    if (!about || about.id <= id) return true;
    for (const note of [...this.all]) this.#drop(note);
    this.about = this.#read();
    for (const note of this.all) this.#listener.added(note);
    return false;
  }

  #read(): About {
    const about = this.#store.about ?? { id: "", session: null, title: "", lifetime: LIFETIME };
    this.all.push(...this.#store.read(about.id));
    return about;
  }

  #take(note: Note): void {
    const own = this.all.find(({ key }) => key === note.key);
    if (!own && note.key >= this.about.id) {
      this.all.push(note);
      this.#listener.added(note);
    }
    if (!own) return;
    const isFurther = isOver(note) ? !isOver(own) : own.state === "waiting" && isRunning(note);
    if (note.id === own.id ? !isFurther : note.id < own.id) return;
    const { text } = own;
    const isMore = note.text.startsWith(text);
    for (const name of Object.keys(own)) delete (own as Partial<Note>)[name as keyof Note];
    Object.assign(own, note);
    if (!isMore) this.#listener.restarted(own);
    const piece = isMore ? note.text.slice(text.length) : note.text;
    if (piece) this.#listener.grew(own, piece);
    this.#listener.changed(own);
  }

  #drop(note: Note): void {
    this.all.splice(this.all.indexOf(note), 1);
    this.#listener.removed(note);
  }

  #changed(note: Note): void {
    if (!this.all.includes(note)) return; // another tab has begun another conversation
    this.save(note);
    this.#listener.changed(note);
  }

  /** Another conversation than before. */
  #begin(): void {
    this.about = { ...this.about, id: this.#time, session: null };
  }

  get #time(): string {
    return this.#world.now().toString(36); // later ones are greater
  }

  #newId(): string {
    return `${this.#time}-${this.#world.random().toString(36).slice(2)}`;
  }
}
