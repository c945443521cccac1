"""Loops of Liquid over data of the site, written out: `{% for one in site.data.terms %}`.

https://jekyllrb.com/docs/datafiles/
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ingestion.dialects.apart_from_code import Note

Data = Callable[[str], Any]
"""The value at a path below `site.data`, such as "terms.motors"; None where there is none."""

TAG = re.compile(
    r"\{%-?\s*(?:(?P<open>for)\s+(?P<name>\w{1,50})\s+in\s+(?P<path>[\w.-]{0,199}\w)(?P<rest>[^%{}]{0,200})"
    r"|assign\s+(?P<given>\w{1,50})\s*=\s*(?P<value>[\w.-]{1,200})\s*(?:\|\s*(?:sort|reverse)\b[^%{}]{0,200})?"
    r"|(?P<close>endfor)\s*)-?%\}"
)
OUTPUT = re.compile(
    r"\{\{-?\s*(?P<path>\w{1,50}(?:\.[\w-]{1,50}|\[\d\]){0,9})\s*(?:\|[^{}\n]*)?-?\}\}"
)
PART = re.compile(r"[\w-]+")
MOST = 2_000
"""Rounds of the loops of one page."""
LARGEST = 2_000_000
"""Characters that they write."""
DEEPEST = 20
KEPT = re.compile(
    r"(\{%-?\s*(?P<name>raw|comment)\s*-?%\}.*?\{%-?\s*end(?P=name)\s*-?%\})", re.DOTALL
)
"""What is left as it is."""


def with_loops(text: str, data: Data, note: Note) -> str:
    """A page's text whose loops over `site.data` are written out. Other loops stay, and are noted.

    >>> with_loops("{% for x in site.data.a %}{{ x }}.{% endfor %}", lambda _: ["B"], print)
    'B.'
    """
    if "{%" not in text and "site.data." not in text:
        return text
    loops = _Loops(data, note)
    made: list[str] = []
    at = 0
    for kept in KEPT.finditer(text):
        made += (loops.made(text[at : kept.start()], {}, 0), kept[0])
        at = kept.end()
    return "".join([*made, loops.made(text[at:], {}, 0)])


class _Loops:
    def __init__(self, data: Data, note: Note) -> None:
        self.data = data
        self.note = note
        self.rounds = MOST
        self.room = LARGEST

    def made(self, text: str, values: Mapping[str, Any], depth: int) -> str:
        known = dict(values)
        made: list[str] = []
        at = 0
        while tag := TAG.search(text, at):
            made.append(self._filled(text[at : tag.start()], known))
            at = tag.end()
            value = self._value(tag["path"] or tag["value"] or "", known)
            end = _end(text, at) if tag["open"] and value is not None and depth < DEEPEST else None
            if tag["given"] and value is not None:
                known[tag["given"]] = value
            elif end:
                made += self._rounds(tag, value, text[at : end[0]], known, depth)
                at = end[1]
            else:
                if tag["open"]:
                    self.note("Liquid loops that are not written out", tag[0])
                made.append(tag[0])
        return "".join(made) + self._filled(text[at:], known)

    def _rounds(
        self, tag: re.Match[str], value: Any, body: str, known: Mapping[str, Any], depth: int
    ) -> Iterator[str]:
        for item in _items(value):
            if self.rounds <= 0 or self.room <= 0:
                self.note("rounds of Liquid loops beyond the limit", tag[0])
                return
            self.rounds -= 1
            made = self.made(body, {**known, tag["name"]: item}, depth + 1)
            self.room -= len(made)
            yield made

    def _value(self, path: str, known: Mapping[str, Any]) -> Any:
        if path.startswith("site.data."):
            return self.data(path.removeprefix("site.data."))
        return _at(path, known)

    def _filled(self, text: str, known: Mapping[str, Any]) -> str:
        """The text with the values that are known; others stay as they are."""
        return OUTPUT.sub(lambda match: self._shown(match, known), text) if "{{" in text else text

    def _shown(self, match: re.Match[str], known: Mapping[str, Any]) -> str:
        path = match["path"]
        if not (path.startswith("site.data.") or re.split(r"[.\[]", path)[0] in known):
            return match[0]
        value = self._value(path, known)
        if isinstance(value, list):
            return ", ".join(str(one) for one in value if isinstance(one, str | int | float))
        return str(value) if isinstance(value, str | int | float) else ""


def _end(text: str, start: int) -> tuple[int, int] | None:
    """Where the tag that ends a loop begins and ends."""
    depth = 1
    for tag in TAG.finditer(text, start):
        depth += bool(tag["open"]) - bool(tag["close"])
        if not depth:
            return tag.span()
    return None


def _items(value: Any) -> Iterator[Any]:
    """What a loop takes one after the other: of a map its keys, each with its value."""
    if isinstance(value, Mapping):
        yield from ([key, below] for key, below in value.items())
    elif isinstance(value, list):
        yield from value


def _at(path: str, values: Mapping[str, Any]) -> Any:
    """The value at a path such as `one.terms[0]`, None for none."""
    value: Any = values
    for part in PART.findall(path):
        if isinstance(value, Mapping):
            value = value.get(part)
        elif isinstance(value, list) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        else:
            return None
    return value
