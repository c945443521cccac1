"""Two answers side by side in the terminal: the last one, and the one that streams now."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher
from types import TracebackType

from rich.live import Live
from rich.table import Table
from rich.text import Text

from quart_app.trace.table import add_row
from quart_app.trace.visible import visible

PER_SECOND = 12
"""How often the terminal is drawn; the first words are drawn at once."""
GONE, NEW = "red strike", "bold green"


class SideBySide:
    """The last answer on the left, and on the right the text that is added. At the end, words that
    are gone are red and struck through on the left, and words that are new green on the right."""

    def __init__(self, last: str) -> None:
        self._last, self._text = last, ""
        self._live = Live(refresh_per_second=PER_SECOND)

    def __enter__(self) -> SideBySide:
        self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self._live.update(_columns(*marked(self._last, self._text)))
        self._live.stop()

    def add(self, content: str) -> None:
        """The next piece of the answer."""
        is_first = not self._text
        self._text += content
        columns = _columns(Text(visible(self._last)), Text(visible(self._text)))
        self._live.update(columns, refresh=is_first)


def changes(before: str, after: str) -> Iterator[tuple[str, str, bool]]:
    """The words of both texts in pieces, and whether a piece is the same in both.

    >>> list(changes("A gait is slow.", "A gait is a rhythm."))
    [('A gait is', 'A gait is', True), ('slow.', 'a rhythm.', False)]
    """
    old, new = before.split(" "), after.split(" ")
    for kind, i, j, k, m in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        yield " ".join(old[i:j]), " ".join(new[k:m]), kind == "equal"


def marked(before: str, after: str) -> tuple[Text, Text]:
    """Both texts, with the words in colour that only one of them has."""
    left, right = Text(), Text()
    for gone, come, is_same in changes(before, after):
        for text, words, style in ((left, gone, GONE), (right, come, NEW)):
            if words:
                text.append(" " if text else "")
                text.append(visible(words), "" if is_same else style)
    return left, right


def _columns(left: Text, right: Text) -> Table:
    table = Table(box=None, expand=True, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("before", ratio=1)
    table.add_column("now", ratio=1)
    add_row(table, left, right)
    return table
