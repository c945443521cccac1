"""The filter that lets only such ``[n]`` into an answer as have a source."""

from __future__ import annotations

import re
from collections.abc import Sequence

from chains.events import Source


class Citations:
    """Lets text through piece by piece and drops each ``[n]`` that has no source.

    Only what may become a citation waits for the next piece: blanks, an opening bracket and a few
    digits. A list such as ``[1, 3]`` becomes ``[1][3]``. Numbers in code (``array[0]`` between
    backticks) are left alone. `cited` collects the sources that have been cited so far, in order
    of appearance.
    """

    # A blank before a citation goes with it, so that a dropped one leaves no gap before the full
    # stop. The bounds on digits and numbers keep what may wait short.
    TOKEN = re.compile(
        r"(?P<ticks>`+)|(?P<blank_line>\n[ \t]*\n)"
        r"|(?P<space>(?<![ \t])[ \t]*)\[(?P<numbers>\d{1,3}(?:, ?\d{1,3}){0,7})\]"
    )
    UNDECIDED = re.compile(
        r"(?:(?<!`)`+|\n[ \t]*|(?<![ \t])[ \t]*\[[\d, ]{0,40}|(?<![ \t])[ \t]+)\Z"
    )
    """The end of a text that the next piece may complete: backticks, since three mean a block of
    code; a line end, since two end inline code; blanks and a citation that is not closed.

    Looking behind keeps both patterns linear: a run is tried from its beginning only."""
    LONGEST = 200
    """Characters that wait at most: a model may send blanks without an end."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self.cited: list[Source] = []
        self._sources = {source.index: source for source in sources}
        self._waiting = ""
        self._code = ""

    def feed(self, text: str) -> tuple[str, tuple[Source, ...]]:
        """The part of the text so far that is decided, and the sources that it cites first.

        >>> gait = Source(1, "chunk_1", "gait.md", "Gait", "Gait", "Gait", "/gait", "A rhythm.")
        >>> citations = Citations([gait])
        >>> citations.feed("A rhythm [")
        ('A rhythm', ())
        >>> citations.feed("1], of steps [7].") == (" [1], of steps.", (gait,))
        True
        """
        text = self._waiting + text
        undecided = self.UNDECIDED.search(text)
        end = undecided.start() if undecided else len(text)
        end = len(text) if len(text) - end > self.LONGEST else end
        self._waiting = text[end:]
        return self._decide(text[:end])

    def flush(self) -> tuple[str, tuple[Source, ...]]:
        """What still waits at the end of the answer, and the sources that it cites first."""
        text, self._waiting = self._waiting, ""
        return self._decide(text)

    def _decide(self, text: str) -> tuple[str, tuple[Source, ...]]:
        before = len(self.cited)
        kept = self.TOKEN.sub(self._keep, text)
        return kept, tuple(self.cited[before:])

    def _keep(self, token: re.Match[str]) -> str:
        if token["ticks"]:
            # As in CommonMark: a run of backticks opens code, and only one as long closes it.
            self._code = "" if token["ticks"] == self._code else self._code or token["ticks"]
        elif token["blank_line"]:
            # Inline code ends with its paragraph: after a stray backtick, citations of the next
            # paragraph count again. A block of code, from three on, goes on.
            self._code = self._code if len(self._code) >= 3 else ""
        elif not self._code:
            honest = "".join(
                f"[{n}]" for n in map(int, token["numbers"].split(",")) if self._cite(n)
            )
            return token["space"] + honest if honest else ""
        return token[0]

    def _cite(self, number: int) -> bool:
        source = self._sources.get(number)
        if source is not None and source not in self.cited:
            self.cited.append(source)
        return source is not None
