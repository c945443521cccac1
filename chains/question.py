"""A reader's question: its words, its selections, the page it is asked from, the turns before."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Selection:
    """A passage of the book that goes with a question.

    Either `chunk_id` (the UUID of a chunk) or `text`, as the reader sees it, is given. `page`
    is the address of the page it was taken from, `anchor` the nearest heading above it there.
    """

    text: str = ""
    chunk_id: str | None = None
    page: str | None = None
    anchor: str | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier question of the conversation, the texts of its selections, and its answer.

    `sources` are the UUIDs of the chunks that the answer was made from, those that it cites first;
    `book` is the name of the book.

    >>> Turn("Explain this", ("The foot tips over.",), "It falls.").asked
    'Explain this\\n\\nThe foot tips over.'
    """

    question: str
    selections: tuple[str, ...]
    answer: str
    sources: tuple[str, ...] = ()
    book: str = ""

    @property
    def asked(self) -> str:
        """Question and selections as one text."""
        return "\n\n".join(part for part in (self.question, "\n".join(self.selections)) if part)


@dataclass(frozen=True, slots=True)
class Question:
    """What a TutorChain answers. `history` holds the earlier turns, oldest first; `prompt` names a
    variant of the prompt to answer with; `book` is the one of several that it is about."""

    text: str
    selections: tuple[Selection, ...] = ()
    page: str | None = None
    history: tuple[Turn, ...] = ()
    prompt: str | None = None
    book: str = ""

    @property
    def search_text(self) -> str:
        """Question and selections as one text, so that "explain this" finds what it is about."""
        return "\n".join([self.text, *(s.text for s in self.selections if s.text)])
