"""Findings: what a page says that its readers could trip over, whatever the other pages say."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Literal

from chains.index.book import Section

Kind = Literal["duplicate anchor", "dead link", "empty section", "hidden text", "words for a model"]

LONGEST = 400
"""Characters of what was found."""
_FENCE = re.compile(
    r"^ {0,3}(?P<mark>`{3,20}|~{3,20})[^\n]*\n.*?(?:^ {0,3}(?P=mark)|\Z)",
    re.MULTILINE | re.DOTALL,
)
_CODE = re.compile(r"(?<!`)(?P<ticks>`{1,20})(?!`).{0,400}?(?<!`)(?P=ticks)(?!`)")
_ID = re.compile(
    r"^#{1,6}[ \t][^\n{]{0,500}\{(?:/\*)?:?\s{0,3}#(?P<id>[^\s{}*]{1,200})\s{0,3}(?:\*/)?\}",
    re.MULTILINE,
)
_COMMENTS = ("<!--", "-->"), ("{/*", "*/}")
_LINK = re.compile(r"(?<!!)\[[^\[\]\n]{1,400}\]\((?P<target>[^\s()<>]{1,400})")
_ELSEWHERE = re.compile(r"/|[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_SET = re.compile(r"""\b(?:id|name)=["']([^"'\s]{1,200})["']""")
_INVISIBLE = re.compile(
    r"[\u200b\u2060\ufeff]{3,}|[\u202a-\u202e\u2066-\u2069]|[\U000e0020-\U000e007f]+"
)
_NOT_SHOWN = re.compile(
    r"<\w{1,20}\s[^<>]{0,200}?(?:display:\s*none|visibility:\s*hidden|font-size:\s*0[^.\d])"
    r"[^<>]{0,200}>"
)
_FOR_A_MODEL = re.compile(
    r"\b(?:ignore|disregard|forget) (?:all |any )?(?:of )?(?:the |your |my )?"
    r"(?:previous|prior|above|earlier|preceding) (?:instruction|prompt|rule|direction|message)s?"
    r"|\byou are (?:now )?an? (?:helpful |AI |large )*(?:assistant|language model|chatbot)"
    r"|\b(?:reveal|print|repeat) (?:your|the) (?:system prompt|hidden instructions)"
    r"|\b(?:ignor\w+|missacht\w+|vergiss|oublie[zr]?|olvida) (?:\w+ ){0,3}"
    r"(?:Anweisungen|instrucciones|consignes|instructions)\b"
    r"|<\|(?:im_start|system|user|assistant)\|?>|\[/?INST\]|<</?SYS>>",
    re.IGNORECASE,
)


Found = tuple[int, Kind, str]
"""Where in the text of the page, of which kind, and what."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found in which line, counted from 1; a "dead link" is one to a page or heading of
    the book, and dead only if that is not there."""

    line: int
    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Findings:
    """Those of a page, kind by kind, and the ids that its HTML sets."""

    found: tuple[Finding, ...] = ()
    ids: tuple[str, ...] = ()


NOTHING_FOUND = Findings()


def find_in_page(text: str, sections: Sequence[Section]) -> Findings:
    """The findings in the text of a page, which is cut into these sections."""
    prose = _prose(text)
    found = (
        *_anchors(text),
        *_links(prose),
        *_empty(text, sections),
        *_hidden(text, prose),
        *((one.start(), "words for a model", one[0]) for one in _FOR_A_MODEL.finditer(prose)),
    )
    return Findings(tuple(_in_lines(text, found)), tuple(one[1] for one in _SET.finditer(text)))


def _in_lines(text: str, found: Sequence[Found]) -> Iterator[Finding]:
    ends = [one.start() for one in re.finditer("\n", text)] if found else []
    for place, kind, what in found:
        yield Finding(bisect_left(ends, place) + 1, kind, what[:LONGEST])


def _prose(text: str) -> str:
    """The text with blanks in place of code and comments."""
    text = _FENCE.sub(_blank, text)
    for opening, closing in _COMMENTS:
        text = "".join(_without(text, opening, closing))
    return _CODE.sub(_blank, text)


def _blank(found: re.Match[str]) -> str:
    return _blanks(found[0])


def _blanks(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)


def _without(text: str, opening: str, closing: str) -> Iterator[str]:
    """The text with blanks from each opening mark through the closing one, in one pass."""
    at = 0
    while (start := text.find(opening, at)) >= 0:
        end = text.find(closing, start + len(opening))
        if end < 0:
            break
        yield text[at:start]
        at = end + len(closing)
        yield _blanks(text[start:at])
    yield text[at:]


def _anchors(text: str) -> Iterator[Found]:
    """Ids that headings give themselves and that stand on the page twice: the first one counts."""
    seen: set[str] = set()
    for found in _ID.finditer(_FENCE.sub(_blank, text)):
        if found["id"] in seen:
            yield found.start(), "duplicate anchor", f"#{found['id']}"
        seen.add(found["id"])


def _links(prose: str) -> Iterator[Found]:
    for found in _LINK.finditer(prose):
        if not _ELSEWHERE.match(found["target"]):
            yield found.start("target"), "dead link", found["target"]


def _empty(text: str, sections: Sequence[Section]) -> Iterator[Found]:
    """Sections with a heading and nothing below it, not even a section."""
    for section, following in zip_longest(sections, sections[1:]):
        is_parent = following is not None and len(following.path) > len(section.path)
        body = text[section.start : section.end].strip().partition("\n")[2]
        if section.anchor and not is_parent and not body.strip(" \n=-"):
            yield section.start, "empty section", section.path[-1]


def _hidden(text: str, prose: str) -> Iterator[Found]:
    for found in _INVISIBLE.finditer(text):
        codes = " ".join(f"U+{ord(letter):04X}" for letter in found[0][:4])
        yield found.start(), "hidden text", codes
    for found in _NOT_SHOWN.finditer(prose):
        yield found.start(), "hidden text", found[0]
