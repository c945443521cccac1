"""The seam: what the ingestion asks a make of book. Here are the answers for plain Markdown.

A make is one subclass in a file of its own, and one line in `ingestion/formats/makes.py`. It
overrides what it does otherwise. An instance is made for a run, reads the make's configuration,
and goes to another process, where `markdown` is called: keep to what can be pickled.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import ClassVar

from ingestion.dialects.component_words import component_words
from ingestion.formats.notes import Notes
from ingestion.formats.page_addresses import Order, reading_order, route_of
from ingestion.formats.texts import pages_show
from ingestion.markdown.front_matter import FrontMatter
from ingestion.markdown.parser import Page


class Format:
    """Plain Markdown, with the addresses of Docusaurus' docs plugin.

    Every `file` is the path of a page below `root`, with slashes.
    """

    name: ClassVar[str] = "markdown"
    """What `--format` calls it."""
    label: ClassVar[str] = "Markdown"
    """What people call it."""
    configs: ClassVar[tuple[str, ...]] = ()
    """Names of files in the book's root, as globs, by any of which the make is found."""
    syntax: ClassVar[re.Pattern[str] | None] = None
    """What a page has by which the make is found where no file does it."""
    endings: ClassVar[frozenset[str]] = frozenset({".md", ".mdx", ".markdown"})
    """Of the files that are pages, in lower case."""
    titles_have_anchors: ClassVar[bool] = True
    """Whether a heading of level 1 has an anchor on the author's site."""
    has_definitions: ClassVar[bool] = True
    """Whether `: ` below a term begins what it means."""
    slugs: str = "github"
    """How headings get their anchors: a name in `ingestion.markdown.slugs.SLUGS`."""

    def __init__(self, root: Path) -> None:
        """`root` is an absolute path without links; nothing outside of it is read.

        Raises SettingError where a configuration cannot be read.
        """
        self.root = root
        self.folder = root
        """Where the pages lie: `root`, or a folder in it."""
        self.title = ""
        """The book's title by its configuration."""
        self.notes = Notes()
        """What was not understood of the configuration."""

    @classmethod
    def is_in(cls, root: Path) -> bool:
        """Whether a folder holds a book of this make."""
        return any(next(root.glob(config), None) for config in cls.configs)

    @classmethod
    def is_like(cls, root: Path) -> bool:
        """Whether pages of a folder without any make's own file show the syntax of this one."""
        return cls.syntax is not None and pages_show(root, cls.syntax)

    def enters(self, folder: str) -> bool:
        """Whether pages are looked for in a folder."""
        return not _is_hidden(folder)

    def is_page(self, file: str) -> bool:
        """Whether a file is a page."""
        if _is_hidden(file) or self.is_contents(file):
            return False
        return PurePosixPath(file).suffix.lower() in self.endings

    def passes_over(self, file: str) -> bool:
        """Whether it is no loss that a file or folder is not read as a page."""
        return False

    def is_contents(self, file: str) -> bool:
        """Whether a file is a table of contents and nothing else."""
        return file == "SUMMARY.md"

    def markdown(self, file: str, text: str, notes: Notes) -> str:
        """The text of a page as Markdown that `ingestion.markdown.parser` reads, front matter
        first. What is not understood goes to `notes`. Called in a process that has bounds.

        Raises PageNotRead.
        """
        return component_words(text) if file.lower().endswith(".mdx") else text

    def is_published(self, file: str, front_matter: FrontMatter) -> bool:
        """Whether a page is on the author's site; if not, it is named as a draft."""
        return not front_matter.is_draft

    def title_of(self, file: str, page: Page) -> str:
        """The title of a page, "" for one that is made from the name of its file."""
        return page.title

    def route_of(self, file: str, front_matter: FrontMatter) -> str:
        """The address of a page below the book's, e.g. "motors/servo" or "motors/servo.html"."""
        return route_of(self.below(file), front_matter)

    def order_of(self, file: str, front_matter: FrontMatter) -> Order:
        """Sorts the pages of the book."""
        return reading_order(self.below(file), front_matter)

    def names_in_vain(self, pages: Mapping[str, FrontMatter]) -> Iterable[str]:
        """What the make's table of contents names by an `id` that none of the pages has; drafts
        are among the pages. Where it names files, the make notes those itself."""
        return ()

    def below(self, file: str) -> str:
        """A file's path below the folder of the pages."""
        folder = self.folder.relative_to(self.root)
        return PurePosixPath(file).relative_to(folder.as_posix()).as_posix()


def _is_hidden(file: str) -> bool:
    name = PurePosixPath(file).name
    return name.startswith((".", "_")) or name == "node_modules"
