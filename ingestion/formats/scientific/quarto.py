"""Quarto: books, websites and single documents. https://quarto.org/docs/guide/"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from math import inf, isnan
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar

from ingestion.dialects.scientific.quarto_text import quarto_markdown, section_titles
from ingestion.formats.configurations import read_yaml, text_at, texts_at, value_at
from ingestion.formats.format import Format
from ingestion.formats.notes import Notes
from ingestion.formats.page_addresses import Order, natural
from ingestion.formats.patterns import files_like, fits
from ingestion.formats.scientific.cells_and_includes import (
    front_and_body,
    includes_of,
    noting,
    works_of,
)
from ingestion.formats.texts import PageNotRead, is_file, read_within
from ingestion.markdown.front_matter import (
    BadFrontMatter,
    FrontMatter,
    read_front_matter,
    split_front_matter,
)

CONFIGS = ("_quarto.yml", "_quarto.yaml")
MOST = 50_000
"""Parts of a table of contents."""
RUN = re.compile(r"^```(\w+)$(?=\n#\| )", re.MULTILINE)
"""Code of a notebook with options of Quarto."""
ABOVE = ("subtitle", "description", "abstract")
"""What stands on a page below its title."""
NOT_BUILT = {"readme", "changelog", "license", "contributing"}


class Quarto(Format):
    """A Quarto project, or a folder of its documents."""

    name: ClassVar[str] = "quarto"
    label: ClassVar[str] = "Quarto"
    configs: ClassVar[tuple[str, ...]] = CONFIGS
    endings: ClassVar[frozenset[str]] = frozenset({".qmd", ".md", ".ipynb", ".rmd"})
    slugs: str = "pandoc"

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        path = next((root / name for name in CONFIGS if (root / name).is_file()), None)
        config: Any = read_yaml(path) if path else {}
        is_book = value_at(config, "project", "type") == "book"
        part = "book" if is_book else "website"
        self.title = text_at(config, part, "title")
        self.is_book = is_book
        self.listed = tuple(self._listed(value_at(config, part), is_book=is_book))
        self.places = {file: place for place, file in enumerate(dict.fromkeys(self.listed))}
        self.rendered = tuple(texts_at(config, "project", "render"))
        self.output = text_at(config, "project", "output-dir") or ("_book" if is_book else "_site")
        self.values = dict(_flat("var", self._variables()))
        self.titles = {**self._titles(), **works_of(root)}

    @classmethod
    def is_in(cls, root: Path) -> bool:
        """By its configuration, or where documents of Quarto lie in the folder."""
        return super().is_in(root) or next(root.glob("*.qmd"), None) is not None

    def enters(self, folder: str) -> bool:
        """Not those that begin with `_`, and not what was built."""
        return super().enters(folder) and folder != self.output.strip("/")

    def is_page(self, file: str) -> bool:
        """The chapters of a book; of a website all but those that begin with `_`."""
        if self.is_book and self.places:
            return file in self.places
        path = PurePosixPath(file)
        if not super().is_page(file) or path.suffix.lower() not in self.endings:
            return False
        if file in self.places or path.suffix.lower() == ".qmd":
            return not any(_matches(file, one[1:]) for one in self.rendered if one[:1] == "!")
        chosen = [one for one in self.rendered if one[:1] != "!"]
        if chosen:
            return any(_matches(file, one) for one in chosen)
        return path.stem.lower() not in NOT_BUILT

    def passes_over(self, file: str) -> bool:
        """Names that begin with `_` are parts of pages, which go in where they are included."""
        return PurePosixPath(file).name.startswith("_")

    def markdown(self, file: str, text: str, notes: Notes) -> str:
        """Divs, code that runs, shortcodes, references and attributes become Markdown."""
        front, body = front_and_body(file, text)
        taken = includes_of(self.root, self.root, self.root / file)

        def include(path: str) -> str | None:
            text = taken(path)
            return None if text is None else split_front_matter(text)[1]

        note = noting(self.root, self.root, file, notes)
        meta = _meta(front)
        known = {**self.titles, **self.values, **meta}
        if file.endswith(".ipynb"):
            body = RUN.sub(r"```{\1}", body)
        above = (meta.get(f"meta {key}", "") for key in ABOVE)
        shown = "".join(f"{text}\n\n" for text in above if text)
        return front + shown + quarto_markdown(body, include, note, known)

    def is_published(self, file: str, front_matter: FrontMatter) -> bool:
        """Drafts are not."""
        return not front_matter.is_draft

    def route_of(self, file: str, front_matter: FrontMatter) -> str:
        """As in the folder of the sources, with the ending of HTML."""
        path = PurePosixPath(file).with_suffix("").as_posix()
        return "" if path == "index" else f"{path}.html"

    def order_of(self, file: str, front_matter: FrontMatter) -> Order:
        """By the chapters or the sidebars; what they do not name comes behind."""
        order = _number(front_matter.values.get("order", ""))
        place = self.places.get(file, inf)
        return [(place, False, []), (order, False, natural(file))]

    def _listed(self, part: Any, *, is_book: bool) -> Iterator[str]:
        """The files that chapters, appendices and sidebars name, from top to bottom."""
        keys = ("chapters", "appendices") if is_book else ("sidebar",)
        waiting = [value_at(part, key) for key in reversed(keys)]
        seen = 0
        while waiting and seen < MOST:
            seen += 1
            one = waiting.pop()
            if isinstance(one, str):
                yield from self._files(one)
            elif isinstance(one, list):
                waiting += reversed(one)
            elif isinstance(one, dict):
                keys_of_one = ("contents", "chapters", "part", "section", "href", "file")
                waiting += [one.get(key) for key in keys_of_one]

    def _files(self, name: str) -> Iterator[str]:
        name = name.strip().lstrip("/")
        is_folder = name.endswith(("/", "/**"))
        if not name or len(name) > 500 or ".." in PurePosixPath(name).parts:
            return
        if "*" in name or is_folder:
            pattern = f"{name.rstrip('/')}/*" if is_folder and "*" not in name else name
            names = files_like(self.root, pattern)
        else:
            names = [name] if is_file(self.root / name) else []
            if not names and PurePosixPath(name).suffix.lower() in self.endings:
                self.notes.add("pages of _quarto.yml that are not there", name)
        yield from (one for one in names if PurePosixPath(one).suffix.lower() in self.endings)

    def _variables(self) -> Any:
        path = self.root / "_variables.yml"
        return read_yaml(path) if path.is_file() else {}

    def _titles(self) -> Mapping[str, str]:
        """The titles of sections with an id that can be referred to, in all pages listed."""
        titles: dict[str, str] = {}
        for file in self.places:
            if file.endswith(".ipynb"):
                continue
            try:
                titles |= section_titles(read_within(self.root, self.root / file))
            except PageNotRead:
                continue
        return titles


def _flat(prefix: str, values: Any, depth: int = 0) -> Iterator[tuple[str, str]]:
    """Values of maps within maps, as shortcodes name them: "var version.major"."""
    if isinstance(values, dict) and depth < 10:
        for key, value in list(values.items())[:1000]:
            joint = " " if not depth else "."
            yield from _flat(f"{prefix}{joint}{key}", value, depth + 1)
    elif isinstance(values, str | int | float):
        yield prefix, str(values)


def _meta(front: str) -> dict[str, str]:
    try:
        values = read_front_matter(front).values
    except BadFrontMatter:
        return {}
    return {f"meta {key}": value for key, value in values.items()}


def _matches(file: str, pattern: str) -> bool:
    return fits(file, pattern.strip("/ "))


def _number(text: str) -> float:
    try:
        return inf if isnan(number := float(text)) else number
    except ValueError:
        return inf
