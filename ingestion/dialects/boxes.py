"""Boxes: what every make sets apart from the text, in the one way that our parser reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence


def box(kind: str, title: str, lines: Sequence[str]) -> Iterator[str]:
    """Lines as an admonition, with one more colon than any in it has.

    >>> list(box("tip", "Size", ["More is better."]))
    ['', ':::tip[Size]', '', 'More is better.', '', ':::', '']
    """
    colons = [len(line) - len(line.lstrip(":")) for line in map(str.lstrip, lines)]
    fence = ":" * max(3, *(number + 1 for number in colons if number >= 3), 3)
    head = f"{fence}{kind}" + (f"[{title}]" if title else "")
    yield from ("", head, "", *_without_empty_ends(lines), "", fence, "")


def code_block(lines: Sequence[str], language: str = "") -> Iterator[str]:
    """Lines as code, between fences longer than any in it."""
    ticks = [len(line) - len(line.lstrip("`")) for line in map(str.lstrip, lines)]
    fence = "`" * max(3, *(number + 1 for number in ticks if number >= 3), 3)
    yield from (f"{fence}{language.split(' ', maxsplit=1)[0]}", *lines, fence)


def labelled(label: str, lines: Iterable[str]) -> Iterator[str]:
    """Lines below a label in bold, if there is one."""
    yield ""
    if label:
        yield from (f"**{label}**", "")
    yield from _without_empty_ends(list(lines))
    yield ""


def _without_empty_ends(lines: Sequence[str]) -> Sequence[str]:
    full = [number for number, line in enumerate(lines) if line.strip()]
    return lines[full[0] : full[-1] + 1] if full else ()
