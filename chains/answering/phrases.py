"""The phrases of a text: whether words that come one by one stand in it, one behind the other.

A suffix automaton over words (Blumer and others, 1985): each word costs the same on average,
however often it stands in the text.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(eq=False, slots=True)
class _State:
    """Phrases that end at the same places; `longest` is the number of words of the longest one,
    and `shorter` the state of those of its endings that stand at more places."""

    longest: int = 0
    shorter: _State | None = None
    next: dict[str, _State] = field(default_factory=dict)


class Phrases:
    """All phrases of the words of one text."""

    def __init__(self, words: Iterable[str]) -> None:
        self.start = last = _State()
        for word in words:
            last = self._extend(last, word)

    def _extend(self, last: _State, word: str) -> _State:
        new = _State(last.longest + 1)
        state: _State | None = last
        while state is not None and word not in state.next:
            state.next[word] = new
            state = state.shorter
        new.shorter = self.start if state is None else self._ending(state, word)
        return new

    def _ending(self, state: _State, word: str) -> _State:
        """The state of the longest phrase of `state` followed by `word`, made if need be."""
        found = state.next[word]
        if found.longest == state.longest + 1:
            return found
        split = _State(state.longest + 1, found.shorter, found.next.copy())
        found.shorter = split
        before: _State | None = state
        while before is not None and before.next.get(word) is found:
            before.next[word] = split
            before = before.shorter
        return split


class Run:
    """The longest phrase of a text that the words so far end with, and its `letters`.

    >>> run = Run(Phrases("to be or not to be seen".split()))
    >>> for word in "I want to be or not to be or".split():
    ...     run.add(word)
    >>> run.letters  # “to be or not to be” goes on with “seen”, but “to be or” is there
    6
    """

    def __init__(self, phrases: Phrases) -> None:
        self._start = self._state = phrases.start
        self._words = deque[int]()
        self.letters = 0

    def add(self, word: str) -> None:
        """The next word."""
        state: _State | None = self._state
        length = len(self._words)
        while state is not None and word not in state.next:
            state = state.shorter
            length = state.longest if state is not None else 0
        self._words.append(len(word))
        self.letters += len(word)
        length = 0 if state is None else length + 1
        self._state = self._start if state is None else state.next[word]
        while len(self._words) > length:
            self.letters -= self._words.popleft()
