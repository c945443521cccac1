"""MyST: Sphinx with myst-parser, Jupyter Book, and mystmd.

https://myst-parser.readthedocs.io, https://jupyterbook.org, https://mystmd.org/guide
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from math import inf
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar

from ingestion.dialects.scientific.myst_text import myst_markdown
from ingestion.formats.configurations import NOT_YAML, load_yaml, read_yaml, text_at, value_at
from ingestion.formats.format import Format
from ingestion.formats.notes import Notes
from ingestion.formats.page_addresses import Order, natural
from ingestion.formats.patterns import fits
from ingestion.formats.scientific.cells_and_includes import (
    front_and_body,
    includes_of,
    noting,
    works_of,
)
from ingestion.formats.scientific.sphinx_conf import read_conf, texts_of
from ingestion.formats.scientific.toctrees import Entry, found, listed, walked
from ingestion.formats.texts import PageNotRead, read_within
from ingestion.markdown.front_matter import FrontMatter
from ingestion.markdown.parser import Page

FOLDERS = ("", "docs", "doc", "book", "source", "docs/source", "doc/source", "content", "lectures")
"""Where the configuration is looked for."""
ENDINGS = (".md", ".ipynb", ".markdown")
LABELLED = re.compile(
    r"^\((?P<label>[^()\s]{1,200})\)=[ \t]*\n(?:[ \t]*\n|\([^()\s]{1,200}\)=[ \t]*\n){0,5}"
    r"#{1,6}[ \t]+(?P<title>[^\n]+)",
    re.MULTILINE,
)
"""A label above a heading."""
DIRECTIVE = re.compile(
    r"^[ \t]*(?:`{3,}|:{3,})\{(?:note|admonition|warning|tip|important|seealso|figure|math|toctree"
    r"|code-cell|exercise|solution|prf:\w+|dropdown|tab-set|grid|list-table)\}",
    re.MULTILINE,
)
HEADING = re.compile(r"^#[ \t]+(?P<title>[^\n]+)", re.MULTILINE)
REFERENCE = re.compile(r"\{doc\}`(?P<page>[^`<>\n]+)`")
NUMBERING = re.compile(r"\A[0-9_.-]+")


class Sphinx(Format):
    """A book of Markdown that Sphinx builds, by itself or in Jupyter Book 1."""

    name: ClassVar[str] = "sphinx"
    label: ClassVar[str] = "Sphinx"
    configs: ClassVar[tuple[str, ...]] = ("_toc.yml", "conf.py")
    endings: ClassVar[frozenset[str]] = frozenset(ENDINGS)
    slugs: str = "docutils"

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.folder = next(iter(_homes(root, self.configs)), root)
        self.contents = self._contents()
        self.places = {file: place for place, file in enumerate(self.contents)}
        self.labels = {**self._labels(), **works_of(self.folder)}

    @classmethod
    def is_in(cls, root: Path) -> bool:
        """Whether there is a configuration, and Markdown beside it."""
        return any(_has_markdown(home) for home in _homes(root, cls.configs))

    def _contents(self) -> Mapping[str, Entry]:
        conf = read_conf(self.folder / "conf.py") if (self.folder / "conf.py").is_file() else {}
        toc, config = self.folder / "_toc.yml", self.folder / "_config.yml"
        book = read_yaml(config) if config.is_file() and toc.is_file() else {}
        self.title = text_at(book, "title") or text_at(conf, "project")
        excluded = value_at(book, "exclude_patterns") or conf.get("exclude_patterns")
        self.excluded = tuple(texts_of(excluded))
        given = value_at(book, "parse", "myst_substitutions")
        given = given or value_at(book, "sphinx", "config", "myst_substitutions")
        self.substitutions = _texts(given or conf.get("myst_substitutions"))
        self.only_listed = value_at(book, "only_build_toc_files") is True
        if toc.is_file():
            return found(list(listed(read_yaml(toc))), self.folder, ENDINGS, self._miss)
        start = text_at(conf, "root_doc") or text_at(conf, "master_doc") or "index"
        return walked(self.folder, start, ENDINGS, self._miss)

    def _miss(self, name: str) -> None:
        self.notes.add("pages of the table of contents that are not there", name)

    def _labels(self) -> Mapping[str, str]:
        """The titles of headings with a label, and of pages by "/" and their path."""
        labels: dict[str, str] = {}
        for file in self.contents:
            if file.endswith(".ipynb"):
                continue
            try:
                text = read_within(self.root, self.folder / file)
            except PageNotRead:
                continue
            labels |= {one["label"]: one["title"].strip(" #") for one in LABELLED.finditer(text)}
            if heading := HEADING.search(text):
                labels[f"/{PurePosixPath(file).with_suffix('')}"] = heading["title"].strip(" #")
        return labels

    def _known(self, file: str, text: str) -> Mapping[str, str]:
        """The labels of the book, and the titles of the pages that a page refers to."""
        folder = posixpath.dirname(self.below(file))
        known = dict(self.labels)
        for one in REFERENCE.finditer(text):
            path = posixpath.normpath(posixpath.join("/", folder, one["page"]))
            if path in self.labels:
                known[one["page"]] = self.labels[path]
        return known

    def enters(self, folder: str) -> bool:
        """Folders with pages of the table of contents, whatever they are called, and others."""
        below = f"{self.below(folder)}/"
        return super().enters(folder) or any(file.startswith(below) for file in self.contents)

    def is_page(self, file: str) -> bool:
        """Those of the table of contents, and those that are built beside."""
        path = self.below(file)
        if path in self.contents:
            return True
        if self.only_listed or PurePosixPath(path).suffix.lower() not in self.endings:
            return False
        is_hidden = any(part.startswith((".", "_")) for part in PurePosixPath(path).parts)
        return not is_hidden and not any(_fits(path, one) for one in self.excluded)

    def markdown(self, file: str, text: str, notes: Notes) -> str:
        """Directives, roles, comments and labels become Markdown; so do the cells of notebooks."""
        front, body = front_and_body(file, text)
        include = includes_of(self.root, self.folder, self.root / file)
        note = noting(self.root, self.folder, file, notes)
        values = self._values(front)
        return front + myst_markdown(body, include, note, self._known(file, body), values)

    def _values(self, front: str) -> Mapping[str, str]:
        """The values of a page's substitutions."""
        try:
            own = load_yaml(front.strip().strip("-")) if "substitutions" in front else {}
        except NOT_YAML:
            own = {}
        given = value_at(own, "substitutions") or value_at(own, "myst", "substitutions")
        return {**self.substitutions, **_texts(given)}

    def title_of(self, file: str, page: Page) -> str:
        """That of the page, else that of the table of contents."""
        entry = self.contents.get(self.below(file))
        return page.title or (entry.title if entry else "")

    def route_of(self, file: str, front_matter: FrontMatter) -> str:
        """As in the folder of the sources, with the ending of HTML."""
        path = PurePosixPath(self.below(file)).with_suffix("").as_posix()
        return "" if path == "index" else f"{path}.html"

    def order_of(self, file: str, front_matter: FrontMatter) -> Order:
        """By the table of contents; what it does not name comes behind."""
        path = self.below(file)
        return [(self.places.get(path, inf), False, natural(path))]


class Myst(Sphinx):
    """A book of mystmd, or of Jupyter Book 2, which is made with it."""

    name: ClassVar[str] = "myst"
    label: ClassVar[str] = "MyST"
    configs: ClassVar[tuple[str, ...]] = ("myst.yml",)
    syntax: ClassVar[re.Pattern[str] | None] = DIRECTIVE
    slugs: str = "myst"
    titles_have_anchors: ClassVar[bool] = False

    @classmethod
    def is_in(cls, root: Path) -> bool:
        """By its configuration, wherever that is."""
        return any(_homes(root, cls.configs))

    def _contents(self) -> Mapping[str, Entry]:
        path = self.folder / "myst.yml"
        config: Any = read_yaml(path) if path.is_file() else {}
        self.title = text_at(config, "project", "title") or text_at(config, "site", "title")
        self.excluded = tuple(texts_of(value_at(config, "project", "exclude")))
        self.substitutions: dict[str, str] = {}  # mystmd has none
        self.has_folders = value_at(config, "site", "options", "folders") is True
        entries = list(listed(value_at(config, "project", "toc")))
        contents = found(entries, self.folder, ENDINGS, self._miss)
        self.only_listed = bool(contents)
        return contents

    def title_of(self, file: str, page: Page) -> str:
        """That of the table of contents comes first."""
        entry = self.contents.get(self.below(file))
        return (entry.title if entry else "") or page.title

    def route_of(self, file: str, front_matter: FrontMatter) -> str:
        """The name of the file without its numbers, below its folders if the site has them."""
        path = self.below(file)
        if self.places.get(path) == 0 or path in ("index.md", "README.md"):
            return ""
        *folders, name = PurePosixPath(path).with_suffix("").parts
        parts = [_slug(part) for part in ([*folders, name] if self.has_folders else [name])]
        return posixpath.join(*(parts[:-1] if parts[-1] == "index" and parts[1:] else parts))


def _homes(root: Path, configs: tuple[str, ...]) -> Iterator[Path]:
    """The folders with a configuration, the outermost first."""
    for folder in FOLDERS:
        home = root / folder if folder else root
        if any((home / config).is_file() for config in configs):
            yield home


def _texts(values: Any) -> dict[str, str]:
    return (
        {
            str(key): str(value)
            for key, value in values.items()
            if isinstance(value, str | int | float)
        }
        if isinstance(values, Mapping)
        else {}
    )


def _has_markdown(home: Path) -> bool:
    if (home / "_toc.yml").is_file() or (home / "myst.yml").is_file():
        return True
    return any(
        next(home.glob(f"{folder}*{ending}"), None) for folder in ("", "*/") for ending in ENDINGS
    )


def _fits(path: str, pattern: str) -> bool:
    """Whether a path or a folder that it is in fits a pattern of Sphinx."""
    return fits(path, pattern.rstrip("/").removeprefix("**/"))


def _slug(name: str) -> str:
    """A name as mystmd writes it in addresses."""
    if not re.match(r"[12]\d{3}(?:\D|$)|\d{5}", name):
        name = NUMBERING.sub("", name, count=1) or name
    words = re.sub(r"[^a-z0-9-]+", "-", name.replace("&", "-and-").lower())
    return re.sub(r"-+", "-", words).strip("-")[:50] or "index"
