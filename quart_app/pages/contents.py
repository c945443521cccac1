"""The pages of the book: which there are, in which order, and what links between them mean."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby

from chains.index.book import Book, File
from quart_app.pages.links import PageLinks, page_address

NUMBER = re.compile(r"^\d+[\s._-]+")


@dataclass(frozen=True, slots=True)
class Link:
    """Where something is, in words and as an address below the root path of this site."""

    title: str
    href: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """An entry of the contents, with links to its main sections."""

    title: str
    href: str
    headings: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """Chapters of one folder; `title` is "" for those in none."""

    title: str
    chapters: tuple[Chapter, ...]


class Pages:
    """The pages of one version of a book."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self._files = tuple(book.files.values())
        self._routes = {file.route.strip("/"): file for file in self._files}
        # Links need no sections, and go to another process.
        self._linked = {name: replace(file, sections=()) for name, file in book.files.items()}
        self._linked_routes = {
            route: self._linked[file.file] for route, file in self._routes.items()
        }

    def find(self, route: str) -> File | None:
        """The file at a route."""
        return self._routes.get(route.strip("/"))

    def links(self, file: File, root: str = "", *, has_figures: bool = True) -> PageLinks:
        """What the addresses on the page of `file` lead to, on a site below `root`."""
        known = self._linked, self._linked_routes
        return PageLinks(self._linked[file.file], *known, root, has_figures)

    def neighbours(self, file: File) -> tuple[Link | None, Link | None]:
        """The chapters before and after."""
        place = self._files.index(file)
        before, after = self._files[:place][-1:], self._files[place + 1 :][:1]
        return next(map(_link, before), None), next(map(_link, after), None)

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """The contents, in reading order. The folder in which all pages lie, such as `docs/` or
        `src/`, is no part."""
        folders = [posixpath.dirname(file.file) for file in self._files]
        top = posixpath.commonpath(folders) if folders else ""
        groups = groupby(self._files, key=lambda file: posixpath.dirname(file.file))
        return tuple(
            Part("" if name == top else _part_title(name), tuple(map(_chapter, files)))
            for name, files in groups
        )


def _link(file: File) -> Link:
    return Link(file.title, page_address(file))


def _chapter(file: File) -> Chapter:
    headings = tuple(
        Link(section.path[-1], page_address(file, section.anchor))
        for section in file.sections
        if section.anchor and len(section.path) == 2
    )
    return Chapter(file.title, page_address(file), headings)


def _part_title(folder: str) -> str:
    """``02-power-systems`` as people would write it."""
    words = NUMBER.sub("", posixpath.basename(folder)).replace("-", " ").replace("_", " ")
    return words[:1].upper() + words[1:]
