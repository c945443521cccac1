"""Starlight: https://starlight.astro.build."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import inf
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar

from ingestion.formats.configurations import text_at
from ingestion.formats.format import Format
from ingestion.formats.javascript import object_in, other_languages, value_of
from ingestion.formats.landing_pages import config_of, landing_text, note_languages, title_in
from ingestion.formats.notes import Notes
from ingestion.formats.page_addresses import Order, natural
from ingestion.formats.texts import PageNotRead, beginning_of
from ingestion.markdown.front_matter import FrontMatter, split_front_matter

ORDER = re.compile(r"^sidebar:[ \t]*\n(?:[ \t]+[^\n]*\n)*?[ \t]+order:[ \t]*(-?\d+)", re.MULTILINE)
BEGINNING = 4_000
"""Characters of a page that hold its front matter."""
DEEPEST = 20


class Starlight(Format):
    """An Astro site with Starlight, whose pages lie in `src/content/docs/`."""

    name: ClassVar[str] = "starlight"
    label: ClassVar[str] = "Starlight"
    has_definitions: ClassVar[bool] = False
    configs: ClassVar[tuple[str, ...]] = ("astro.config.*",)
    endings: ClassVar[frozenset[str]] = frozenset({".md", ".mdx", ".markdown"})
    slugs: str = "starlight"

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        if (root / "src" / "content" / "docs").is_dir():
            self.folder = root / "src" / "content" / "docs"
        config = config_of(root, root, self.configs[0])
        self.title = title_in(config)
        self.languages = other_languages(config)
        note_languages(self.notes, self.folder, self.languages)
        self.items = self._items(config)

    def _items(self, config: str) -> list[str]:
        """What the sidebar names, from top to bottom; folders with a slash at their end."""
        written = value_of(config, "sidebar")
        try:
            return list(_named(object_in(f"{{sidebar: {written}}}"))) if written else []
        except PageNotRead as error:
            self.notes.add("sidebars that cannot be read", str(error), is_lost=False)
            return []

    def enters(self, folder: str) -> bool:
        """Not those of other languages."""
        return super().enters(folder) and self.below(folder) not in self.languages

    def passes_over(self, file: str) -> bool:
        """Other languages."""
        return self.below(file).partition("/")[0] in self.languages

    def markdown(self, file: str, text: str, notes: Notes) -> str:
        """What components show, and the line below the title of a landing page."""
        front, body = split_front_matter(super().markdown(file, text, notes))
        return front + landing_text(front) + body

    def route_of(self, file: str, front_matter: FrontMatter) -> str:
        """`a/B c.md` is at a/b-c/, as its words in lower case; `slug` wins."""
        path = PurePosixPath(self.below(file))
        parts = [*path.parent.parts, *([] if path.stem == "index" else [path.stem])]
        place = front_matter.slug.strip("/") or "/".join(map(_slug, parts))
        return f"{place}/" if place else ""

    def order_of(self, file: str, front_matter: FrontMatter) -> Order:
        """By the sidebar; in a folder of it, by `sidebar.order`."""
        place = self.route_of(file, front_matter)
        order = ORDER.search(beginning_of(self.root / file, BEGINNING) or "")
        number = float(order[1]) if order else inf
        return [(self._place(place), False, []), (number, False, natural(place))]

    def _place(self, route: str) -> float:
        """That of the page, or of the closest folder that it is in; behind all others else."""
        if not route:
            return -1
        around = [route, *(f"{one}/" for one in map(str, PurePosixPath(route).parents))]
        found = [
            self.items.index(one)
            for name in around
            for one in (name.rstrip("/"), name)
            if one in self.items and (name == route or one.endswith("/"))
        ]
        return found[0] if found else inf


def _named(value: Any, depth: int = 0) -> Iterator[str]:
    if depth > DEEPEST:
        return
    if isinstance(value, str):
        yield value.strip("/").removesuffix("/index")
    elif isinstance(value, list):
        for one in value:
            yield from _named(one, depth + 1)
    elif isinstance(value, dict):
        for key in ("slug", "link"):
            yield from _named(value.get(key), depth + 1)
        if folder := text_at(value, "autogenerate", "directory"):
            yield folder.strip("/") + "/"
        for key in ("sidebar", "items"):
            yield from _named(value.get(key), depth + 1)


def _slug(part: str) -> str:
    return re.sub(r"[^\w\- ]", "", part.lower()).replace(" ", "-")
