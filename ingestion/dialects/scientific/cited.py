"""Cited: works of a bibliography in BibTeX, as a sentence names them: "Airy (1845)"."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

ENTRY = re.compile(r"@\w{1,40}\s{0,20}\{\s{0,20}(?P<key>[^\s,{}]{1,200})\s{0,20},")
FIELD = re.compile(r"\b(?P<name>author|editor|year|date)\s{0,20}=\s{0,20}", re.IGNORECASE)
LONGEST = 4_000
"""Characters of a value that are looked at."""
ACCENTS = dict(zip("\"'`^~=.", "\u0308\u0301\u0300\u0302\u0303\u0304\u0307", strict=True))
ACCENT = re.compile(r"\\(?P<mark>[\"'`^~=.])\s?\\?(?P<letter>\w)")
MOST = 20_000
"""Works of a bibliography."""


def cited_works(text: str) -> dict[str, str]:
    """How a sentence names each work of a bibliography, by its key.

    >>> cited_works("@book{a1, author = {Airy, G. B. and Mohr, O.}, year = 1845}")
    {'a1': 'Airy and Mohr (1845)'}
    """
    entries = list(ENTRY.finditer(text))[:MOST]
    ends = [*(one.start() for one in entries[1:]), len(text)]
    found = {}
    for entry, end in zip(entries, ends, strict=True):
        fields = dict(_fields(text[entry.end() : end]))
        who = _surnames(fields.get("author") or fields.get("editor") or "")
        when = (fields.get("year") or fields.get("date") or "")[:4]
        found[entry["key"]] = f"{who or entry['key']} ({when})" if when else who or entry["key"]
    return found


def _fields(entry: str) -> Iterator[tuple[str, str]]:
    for field in FIELD.finditer(entry):
        value = entry[field.end() : field.end() + LONGEST]
        yield field["name"].lower(), " ".join(_value(value).split())


def _value(text: str) -> str:
    """The value that a text begins with, without the braces or quotes around it and in it."""
    if text[:1] not in ("{", '"'):
        return re.split(r"[,}\n]", text, maxsplit=1)[0]
    end = "}" if text[0] == "{" else '"'
    depth = 0
    for place, letter in enumerate(text):
        depth += (letter == "{") - (letter == "}")
        if place and not depth and letter == end:
            return _plain(text[1:place])
    return ""


def _plain(value: str) -> str:
    """A value without LaTeX's marks, its accents on their letters.

    >>> _plain('B{\\\\"o}hm')
    'Böhm'
    """
    value = value.replace("{", "").replace("}", "")
    value = ACCENT.sub(lambda found: found["letter"] + ACCENTS[found["mark"]], value)
    return unicodedata.normalize("NFC", re.sub(r"\\[a-zA-Z]+ ?|\\", "", value))


def _surnames(names: str) -> str:
    people = [one.strip() for one in re.split(r"\s+and\s+", names) if one.strip()]
    last = [one.partition(",")[0] if "," in one else one.rpartition(" ")[2] for one in people]
    if len(last) > 2 or "others" in last:
        return f"{last[0]} et al."
    return " and ".join(last)
