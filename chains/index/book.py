"""What the index knows of the book: its files, their sections, and the chunks cut from them.

Four kinds of points share one Qdrant collection. A *chunk* has vectors and is what a search
finds; one of the solutions or answers to exercises is a chunk of the kind "solution". A *file*
has none: it keeps the page's text and the places of its sections, so that an edit moves places in
one record and leaves the chunks below alone. One *book* record says whose index this is, one
*scope* record what the book covers. All ids are UUIDs made from what they name, so the index is
its own record.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal
from uuid import UUID, uuid5

from chains.index.scope import Scope
from chains.page_urls import UrlStyle, escaped, page_path, site_of, styled

SCHEMA = 2
"""Version of what is stored; another one is refused with the advice to ingest again."""

ChunkKind = Literal["chunk", "solution"]
CHUNK_KINDS: tuple[ChunkKind, ...] = ("chunk", "solution")

OWN_SITE = "/book/"
"""Where our own server shows the chapters."""

NAMESPACE = UUID("6f0d3a55-6a55-4f1c-9f0e-0c5a0e6b7a11")
BOOK_ID = str(uuid5(NAMESPACE, "book"))
SCOPE_ID = str(uuid5(NAMESPACE, "scope"))


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of prose within a chunk.

    `start` and `end` are code points into `Chunk.content`; `text` is what a reader sees there.
    `lead` is the number, within the chunk, of the sentence that introduces this list item.
    """

    start: int
    end: int
    text: str
    lead: int | None = None


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of one section, as written; the unit of retrieval.

    `section` and `occurrence` name the section: its heading path, and which one of the
    sections of the file with that same path, counted from 0. `start` and `end` are code points
    into the section's text. `repeat` numbers the chunks of one section that have equal content.
    A `kind` of "solution" is what a learner is to find alone first.

    >>> chunk = Chunk("gait.md", ("Walking", "Gait"), 0, 0, 15, "A gait repeats.", ())
    >>> print(chunk.embedded_text.splitlines())
    ['Walking > Gait', '', 'A gait repeats.']
    """

    file: str
    section: tuple[str, ...]
    occurrence: int
    start: int
    end: int
    content: str
    sentences: tuple[Sentence, ...]
    repeat: int = 0
    kind: ChunkKind = "chunk"

    @property
    def id(self) -> str:
        """UUID of file, heading path, occurrence and content."""
        name = [self.file, *self.section, self.occurrence, self.repeat, self.content]
        return str(uuid5(NAMESPACE, json.dumps(name)))

    @property
    def embedded_text(self) -> str:
        """What is embedded and indexed for BM25: the heading path, then the content."""
        return f"{self.heading}{self.content}"

    @property
    def heading(self) -> str:
        """What `embedded_text` begins with; its length is added to the places of sentences."""
        return " > ".join(self.section) + "\n\n"


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and the text below it up to the next heading.

    `path` is the heading path, `anchor` the fragment of its heading in the page ("" for text
    before the first heading), `start` and `end` are code points into the file's text.
    """

    path: tuple[str, ...]
    occurrence: int
    anchor: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class File:
    """One page of the book: `file` is its path below the root, `route` its address below the
    book's base address, `title` the chapter's title. Sections are in reading order; `position`
    is the place of the file in that of the book, from 0; `slugs` names how its headings get
    their anchors."""

    file: str
    title: str
    route: str
    sections: tuple[Section, ...]
    position: int = 0
    slugs: str = "github"
    kind: Literal["file"] = "file"

    @property
    def id(self) -> str:
        """UUID of the path."""
        return file_id(self.file)

    def anchor(self, path: tuple[str, ...], occurrence: int) -> str:
        """The anchor of a section, or "" (the top of the page) where it is gone."""
        same = (s.anchor for s in self.sections if (s.path, s.occurrence) == (path, occurrence))
        return next(same, "")


@dataclass(frozen=True)  # no slots: cached properties are kept in the instance's `__dict__`
class Book:
    """Whose index this is. `version` is a digest over all chunk and file records.

    `root` is the ingested folder as an absolute path, `base_url` ends with a slash,
    `embeddings` and `vector_size` name what the vectors were made with, `language` is that of its
    words (see `chains.language.languages`), `url_style` how the addresses of the pages end,
    `given_title` the title that the author gave an ingestion, "" for that of the folder.
    `files` is put together from the file records when the book is read, by path and in reading
    order; `scope` is that of the scope record, and no part of the version.
    """

    title: str
    root: str
    base_url: str
    embeddings: str
    vector_size: int
    version: str
    language: str = "english"
    schema: int = SCHEMA
    kind: Literal["book"] = "book"
    url_style: UrlStyle = ""
    given_title: str = ""
    files: Mapping[str, File] = field(default_factory=dict)
    scope: Scope = field(default_factory=Scope, compare=False)

    def url(self, file: File, anchor: str = "") -> str:
        """The address of a page, or of a heading in it."""
        style = "" if self.base_url == OWN_SITE else self.url_style
        route = styled(file.route, file.file, style)
        return self.base_url + escaped(route) + (f"#{anchor}" if anchor else "")

    def seen_from(self, address: str | None) -> Book:
        """The book with its pages where a reader has them who reads at an address.

        That may be a preview, a mirror, or a site that writes addresses in another style. Where it
        is our own server's site, or none of the book's pages, the book stays as it is.
        """
        file = self.file_at(address)
        site = site_of(address, file.route, file.file) if file and address else None
        if site is None or (self.base_url == OWN_SITE and site.base.endswith(OWN_SITE)):
            return self
        return replace(self, base_url=site.base, url_style=site.style or self.url_style)

    def file_at(self, address: str | None) -> File | None:
        """The file whose page has this address; host, query and ending do not matter.

        Where no page has it, it may be a page of a copy of the book below another folder: a
        preview, or this server's own site. Then the file counts whose route is the longest end
        of the address. With the page `motion/gait` of a book at `https://robots.example/book/`:

            book.file_at("https://robots.example/book/motion/gait.html#steps")  # that file
            book.file_at("http://localhost:8000/preview/motion/gait/")          # that file too
            book.file_at("https://robots.example/about")                        # None
        """
        if address is None:
            return None
        try:
            path = page_path(address)
        except ValueError:  # a client may call its page anything
            return None
        if file := self._by_path.get(path):
            return file
        ends = (path[place:] for place, letter in enumerate(path) if letter == "/")
        return next((self._by_route[end] for end in ends if end in self._by_route), None)

    @cached_property
    def _by_path(self) -> dict[str, File]:
        """The files by the path of their page; of two with the same path, the first."""
        return {page_path(self.url(file)): file for file in reversed([*self.files.values()])}

    @cached_property
    def _by_route(self) -> dict[str, File]:
        """The files by "/" and their route. Any address would end with that of the first page,
        which may have none; so it is there by the path of the book, such as ``/book``."""
        files = reversed([*self.files.values()])
        by_route = {page_path(f"/{escaped(file.route)}"): file for file in files}
        if (first := by_route.pop("", None)) and (path := page_path(self.url(first))):
            by_route.setdefault(path, first)
        return by_route


def file_id(file: str) -> str:
    """The id of a file's record."""
    return str(uuid5(NAMESPACE, f"file/{file}"))
