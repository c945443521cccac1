"""Problems of a book that its readers could trip over, found in the text of its pages."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote

from ingestion.folder.book_folder import BookFile, BookFolder

Kind = Literal["duplicate anchor", "dead link", "empty section", "hidden text", "words for a model"]

MOST = 20
"""Problems of one kind on one page; more of them are one thing to mend."""
SHOWN = 60
"""Characters of what was found."""
PAGES = (".md", ".mdx", ".markdown")
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
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)
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


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong on a page, and in which line, counted from 1; `text` is what was found."""

    file: str
    line: int
    kind: Kind
    text: str


Ids = Mapping[str, set[str]]
"""The anchors of each page, by its file."""
Found = tuple[int, Kind, str]
"""Where in the text of the page, of which kind, and what."""


def find_problems(folder: BookFolder) -> tuple[Problem, ...]:
    """The problems of all pages, page by page; at most `MOST` of a kind on a page."""
    pages = {one.file.file: _ids(one) for one in folder.files}
    return tuple(problem for one in folder.files for problem in _of_page(one, pages))


def _of_page(one: BookFile, pages: Ids) -> Iterator[Problem]:
    prose = _prose(one.text)
    counts: Counter[str] = Counter()
    for place, kind, text in (
        *_anchors(one.text),
        *_links(one, prose, pages),
        *_empty(one),
        *_hidden(one.text, prose),
        *((found.start(), "words for a model", found[0]) for found in _FOR_A_MODEL.finditer(prose)),
    ):
        counts[kind] += 1
        if counts[kind] <= MOST:
            line = one.text.count("\n", 0, place) + 1
            yield Problem(one.file.file, line, kind, " ".join(text.split())[:SHOWN])


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


def _links(one: BookFile, prose: str, pages: Ids) -> Iterator[Found]:
    """Links to pages of the book, by file, that are not there or lack that heading."""
    for found in _LINK.finditer(prose):
        target = found["target"]
        if _ELSEWHERE.match(target) or target.startswith("/"):
            continue
        path, _, anchor = unquote(target).partition("#")
        name = _named(one.file.file, path.partition("?")[0])
        if name is None:
            continue
        if name not in pages or (anchor and anchor not in pages[name]):
            yield found.start("target"), "dead link", target


def _named(file: str, path: str) -> str | None:
    """The page that a link names by its file; None where it names no page."""
    if not path:
        return file
    if not path.lower().endswith(PAGES):
        return None
    return posixpath.normpath(posixpath.join(posixpath.dirname(file), path))


def _ids(page: BookFile) -> set[str]:
    """The anchors of a page: of its headings, and those that its HTML sets."""
    set_by_hand = re.findall(r"""\b(?:id|name)=["']([^"'\s]{1,200})["']""", page.text)
    return {section.anchor for section in page.file.sections} | set(set_by_hand)


def _empty(one: BookFile) -> Iterator[Found]:
    """Sections with a heading and nothing below it, not even a section."""
    sections = one.file.sections
    for section, following in zip(sections, [*sections[1:], None], strict=True):
        is_parent = following is not None and len(following.path) > len(section.path)
        body = one.text[section.start : section.end].strip().partition("\n")[2]
        if section.anchor and not is_parent and not body.strip(" \n=-"):
            yield section.start, "empty section", section.path[-1]


def _hidden(text: str, prose: str) -> Iterator[Found]:
    for found in _INVISIBLE.finditer(text):
        codes = " ".join(f"U+{ord(letter):04X}" for letter in found[0][:4])
        yield found.start(), "hidden text", codes
    for found in _NOT_SHOWN.finditer(prose):
        yield found.start(), "hidden text", found[0]
