"""Text of books, readers and models as it may stand on a terminal or page: nothing in it acts."""

from __future__ import annotations

import json
import unicodedata

ACTING = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))
"""Controls, marks that turn the direction of writing or join and hide, lone surrogates, and line
breaks that only some know: the general categories of Unicode."""
JOINING = frozenset("\u200c\u200d\u00ad")
"""Some scripts and emoji need them; they change nothing beside their neighbours."""


def visible(text: str) -> str:
    """The text with what would act written as an escape; only line feeds stay as they are."""
    if text.isprintable():
        return text
    return "".join(map(_shown, text.replace("\r\n", "\n").expandtabs(4)))


def one_line(text: str, most: int) -> str:
    """The text in one line of at most `most` characters."""
    line = visible(" ".join(text.split()))
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def visible_json(text: str) -> str:
    """JSON in which what would act is escaped, for the same value; JSON itself escapes only some.

    >>> visible_json('"\\u009b1m"') == '"' + chr(92) + 'u009b1m"'
    True
    """
    if text.isascii() and "\x7f" not in text:
        return text
    return "".join(json.dumps(one)[1:-1] if _acts(one) else one for one in text)


def _acts(letter: str) -> bool:
    return letter != "\n" and letter not in JOINING and unicodedata.category(letter) in ACTING


def _shown(letter: str) -> str:
    if not _acts(letter):
        return letter
    code = ord(letter)
    return (
        f"\\x{code:02x}"
        if code < 0x100
        else f"\\u{code:04x}"
        if code < 0x10000
        else f"\\U{code:08x}"
    )
