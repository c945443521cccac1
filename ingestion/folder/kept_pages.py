"""Kept pages: what was made of the text of each page, so that the next run need not parse it again.

One file of the data folder holds it, for the pages of the last run. It is of no use to another
release, and an ingestion without it does the same, more slowly.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from chains.index.book import Chunk, Section
from chains.regular_files import read_regular
from ingestion.folder.made_by import made_by
from ingestion.folder.page_findings import NOTHING_FOUND, Findings
from ingestion.formats.notes import Note
from ingestion.markdown.front_matter import FrontMatter
from ingestion.markdown.parser import Heading, Page

FILE = "pages.kept"
"""In the data folder."""
PARSERS = ("markdown-it-py", "mdit-py-plugins", "pyyaml")
SOURCES = ("ingestion", "chains/language", "chains/index/book.py")
"""What decides about pages: of another state of these nothing is taken over."""


@dataclass(frozen=True, slots=True)
class CutPage:
    """A page as it was parsed and cut under a `title`; `text` is its Markdown, `own_title` what
    `Page.title` was, `notes` what was not understood."""

    text: str
    front_matter: FrontMatter
    own_title: str
    headings: tuple[Heading, ...]
    title: str
    sections: tuple[Section, ...]
    chunks: tuple[Chunk, ...]
    notes: tuple[Note, ...] = ()
    findings: Findings = NOTHING_FOUND

    @property
    def page(self) -> Page:
        """What was parsed, without its tokens."""
        return Page(self.front_matter, self.own_title, (), self.headings, {})


def key_of(file: str, text: str, slugs: str) -> bytes:
    """The key of a page: of its name, its text without what is hidden, and the rule of anchors."""
    return hashlib.sha256(msgspec.json.encode([file, text, slugs])).digest()


def encoded(page: CutPage) -> bytes | None:
    """A page as it is kept; None where its front matter has half characters, as of `"\\ud83e"`."""
    try:
        return msgspec.msgpack.encode(page)
    except UnicodeEncodeError:
        return None


def decoded(kept: bytes | None) -> CutPage | None:
    """What was kept; None for nothing, and for what cannot be read."""
    with suppress(msgspec.MsgspecError):
        return msgspec.msgpack.decode(kept or b"", type=CutPage)
    return None


def made_here() -> bytes:
    """A digest of what decides about pages."""
    return made_by(SOURCES, PARSERS)


class KeptPages:
    """Those of a data folder, None for none. What is `add`ed is kept when `write` is called."""

    def __init__(self, data: Path | None = None) -> None:
        self._file = data / FILE if data else None
        self.known: Mapping[bytes, bytes] = self._read()
        self._now: dict[bytes, bytes] = {}

    def _read(self) -> dict[bytes, bytes]:
        with suppress(OSError, msgspec.MsgspecError):
            if self._file is not None:
                kept = read_regular(self._file)
                by, pages = msgspec.msgpack.decode(kept, type=tuple[bytes, dict[bytes, bytes]])
                return pages if by == made_here() else {}
        return {}

    def add(self, key: bytes, made: bytes | None) -> None:
        """A page of this run, which was `made` anew or is known."""
        kept = made or self.known.get(key)
        if kept is not None:
            self._now[key] = kept

    def write(self) -> None:
        """Keep the pages of this run, in one step, on the disk alone. Where that refuses, nothing
        is kept."""
        now, known = self._now, self.known
        self._now, self.known = {}, {}
        if self._file is None or now.keys() == known.keys():
            return
        fresh = self._file.with_name(f"{FILE}.new")
        with suppress(OSError):
            try:
                fresh.unlink(missing_ok=True)
                fresh.write_bytes(msgspec.msgpack.encode((made_here(), now)))
                fresh.replace(self._file)
            finally:
                fresh.unlink(missing_ok=True)
