// chat-v1 as the widget uses it; docs/protocol.md says what each field means.

/** A section that an answer may cite. */
export interface Source {
  readonly index: number;
  readonly chunk_id: string;
  readonly file: string;
  readonly chapter: string;
  readonly section: string;
  readonly title: string;
  readonly url: string;
  readonly quote: string;
}

/** Highlighted text, as it goes into `context_chunks`. */
export interface Passage {
  readonly text: string;
  readonly page?: string;
  readonly anchor?: string;
}

export const QUESTION_LIMIT = 1000; // code points, after trimming
export const PASSAGE_LIMIT = 2000; // code points, after trimming
export const PASSAGES = 5; // a question
