"""Includes: other files of the book put in where a page asks for them."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from ingestion.formats.notes import Notes
from ingestion.formats.texts import LARGEST, PageNotRead, read_within

DEEPEST = 10
"""Includes within includes."""
MOST = 1_000
"""Includes of one page, those within others counted, too."""


class Includer:
    """Puts files into one page, and notes those that cannot be.

    `pattern` finds what asks for a file; `take` gives the path of the file, from the one that
    asks, and what of its text goes in. Nothing outside of `root` is read.
    """

    def __init__(
        self,
        root: Path,
        file: str,
        notes: Notes,
        pattern: re.Pattern[str],
        place: Callable[[re.Match[str], Path], Path],
        take: Callable[[re.Match[str], str], str],
    ) -> None:
        self._root, self._file, self._notes = root, file, notes
        self._pattern, self._place, self._take = pattern, place, take
        self._left = MOST
        self._room = LARGEST

    def fill(self, text: str) -> str:
        """The text of the page with all that it includes."""
        return self._fill(text, (self._root / self._file,))

    def _fill(self, text: str, above: tuple[Path, ...]) -> str:
        return self._pattern.sub(lambda match: self._included(match, above), text)

    def _included(self, match: re.Match[str], above: tuple[Path, ...]) -> str:
        path = self._place(match, above[-1].parent)
        try:
            return self._read(match, path, above)
        except PageNotRead as error:
            asked = " ".join(match[0].split())
            self._notes.add(f"includes of a file that {error}", f"{self._file}: {asked}")
            return ""

    def _read(self, match: re.Match[str], path: Path, above: tuple[Path, ...]) -> str:
        try:
            target = path.resolve()
        except (OSError, RuntimeError, ValueError):
            raise PageNotRead("is not there") from None
        if target in above:
            raise PageNotRead("includes itself")
        if len(above) > DEEPEST:
            raise PageNotRead(f"is included more than {DEEPEST} levels deep")
        if self._left <= 0 or self._room <= 0:
            raise PageNotRead("comes after too many others on one page")
        self._left -= 1
        text = self._take(match, read_within(self._root, path))
        self._room -= len(text)
        return self._fill(text, (*above, target))
