"""Lessons of the Carpentries, which their Workbench builds.

https://carpentries.github.io/sandpaper-docs/
"""

from __future__ import annotations

import re
from math import inf
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar

from ingestion.dialects.apart_from_code import rewrite_prose
from ingestion.dialects.scientific.quarto_text import quarto_markdown
from ingestion.formats.configurations import read_yaml, text_at, texts_at
from ingestion.formats.format import Format
from ingestion.formats.notes import Notes
from ingestion.formats.page_addresses import Order, natural
from ingestion.formats.scientific.cells_and_includes import includes_of, noting
from ingestion.formats.texts import PageNotRead, beginning_of, read_within
from ingestion.markdown.front_matter import FrontMatter, split_front_matter
from ingestion.markdown.parser import Page

CONFIG = "config.yaml"
OWN = re.compile(r"^carpentry:", re.MULTILINE)
BEGINNING = 20_000
DIV = re.compile(r"^(?P<colons>:{3,})[ \t]*(?P<name>[a-z][\w-]*)[ \t]*:*[ \t]*$", re.MULTILINE)
BOXES = {
    "challenge": ".exercise",
    "objectives": '.callout-note title="Objectives"',
    "questions": '.callout-note title="Questions"',
    "keypoints": '.callout-note title="Key points"',
    "instructor": ".content-hidden",
    "caution": ".callout-caution",
    "hint": ".callout-hint",
    **dict.fromkeys(
        ("callout", "prereq", "discussion", "checklist", "testimonial", "spoiler"), ".callout-note"
    ),
}
"""Divs of a lesson as Quarto writes such boxes; what is for instructors is not on a reader's
page."""
FOLDERS = ("episodes", "learners")
SETUP = "learners/setup.md"
"""It stands below the text of the first page."""


class Workbench(Format):
    """A lesson, whose pages lie in `episodes/` and `learners/`."""

    name: ClassVar[str] = "workbench"
    label: ClassVar[str] = "Carpentries Workbench"
    configs: ClassVar[tuple[str, ...]] = (CONFIG,)
    endings: ClassVar[frozenset[str]] = frozenset({".md", ".rmd"})
    slugs: str = "pandoc"

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        config: Any = read_yaml(root / CONFIG) if (root / CONFIG).is_file() else {}
        self.title = text_at(config, "title")
        listed = [f"{folder}/{one}" for folder in FOLDERS for one in texts_at(config, folder)]
        self.places = {file: place for place, file in enumerate(listed)}

    @classmethod
    def is_in(cls, root: Path) -> bool:
        """By the key `carpentry` of its configuration, which others have by the same name."""
        is_own = OWN.search(beginning_of(root / CONFIG, BEGINNING) or "") is not None
        return is_own and (root / "episodes").is_dir()

    def enters(self, folder: str) -> bool:
        """Episodes, and what is for learners."""
        return folder.partition("/")[0] in FOLDERS and super().enters(folder)

    def is_page(self, file: str) -> bool:
        """The first page, and those that the configuration lists; all of a folder without a
        list."""
        path = PurePosixPath(file)
        if path.suffix.lower() not in self.endings or file == SETUP:
            return False
        if file in self.places:
            return True
        is_listed = any(one.startswith(f"{path.parts[0]}/") for one in self.places)
        return path.stem == "index" if len(path.parts) == 1 else not is_listed

    def passes_over(self, file: str) -> bool:
        """Pages on the lesson itself, and what is for instructors."""
        return True

    def markdown(self, file: str, text: str, notes: Notes) -> str:
        """Boxes, code that runs, attributes; the first page has the setup below its text."""
        front, body = split_front_matter(text)
        if PurePosixPath(file).stem == "index" and "/" not in file:
            body += self._setup()

        note = noting(self.root, self.root, file, notes)
        include = includes_of(self.root, self.root, self.root / file)
        return front + quarto_markdown(rewrite_prose(body, _with_boxes), include, note)

    def title_of(self, file: str, page: Page) -> str:
        """That of the page; the first one is called as the lesson."""
        return self.title if file.startswith("index.") and self.title else page.title

    def route_of(self, file: str, front_matter: FrontMatter) -> str:
        """All pages lie side by side."""
        stem = PurePosixPath(file).stem
        return "" if stem == "index" else f"{stem}.html"

    def order_of(self, file: str, front_matter: FrontMatter) -> Order:
        """The first page, then as the configuration lists them."""
        is_first = file.startswith("index.")
        return [(-1 if is_first else self.places.get(file, inf), False, natural(file))]

    def _setup(self) -> str:
        try:
            return "\n\n" + split_front_matter(read_within(self.root, self.root / SETUP))[1]
        except PageNotRead:
            return ""


def _with_boxes(prose: str) -> str:
    return DIV.sub(
        lambda div: f"{div['colons']} {{{BOXES.get(div['name'], '.' + div['name'])}}}", prose
    )
