"""Notes: what of a book was not understood, counted by kind, with three examples of each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

MOST_EXAMPLES = 3
LONGEST = 120
"""Characters of an example."""


@dataclass(frozen=True, slots=True)
class Note:
    """A kind of thing that was not understood, in words that a count goes in front of, such as
    "includes not found"; how many there were, and at most three of them. `is_lost` says that
    readers of the book see what the tutor does not know; not so of what is left out on purpose,
    like comments."""

    kind: str
    count: int
    examples: tuple[str, ...] = ()
    is_lost: bool = True


class Notes:
    """Collects notes.

    >>> notes = Notes()
    >>> notes.add("includes not found", "ch01.md: listing.rs")
    >>> notes.add("includes not found", "ch02.md: main.rs")
    >>> [(note.kind, note.count) for note in notes.found()]
    [('includes not found', 2)]
    """

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._examples: dict[str, list[str]] = {}
        self._harmless: set[str] = set()

    def add(self, kind: str, *examples: str, count: int = 1, is_lost: bool = True) -> None:
        """Count `count` more of a kind. An example says in which file it stands."""
        self._counts[kind] = self._counts.get(kind, 0) + count
        if not is_lost:
            self._harmless.add(kind)
        kept = self._examples.setdefault(kind, [])
        for example in examples:
            shown = _shown(example)
            if len(kept) < MOST_EXAMPLES and shown not in kept:
                kept.append(shown)

    def merge(self, others: Iterable[Note]) -> None:
        """Add what was noted elsewhere."""
        for note in others:
            self.add(note.kind, *note.examples, count=note.count, is_lost=note.is_lost)

    def found(self) -> tuple[Note, ...]:
        """All notes, in the order in which their kinds were first met."""
        return tuple(
            Note(kind, count, tuple(self._examples[kind]), kind not in self._harmless)
            for kind, count in self._counts.items()
        )


@lru_cache(maxsize=64)  # one example may come 200,000 times
def _shown(example: str) -> str:
    line = " ".join(example.encode(errors="backslashreplace").decode().split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"
