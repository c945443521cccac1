"""VitePress and Starlight: https://vitepress.dev/guide/markdown and https://starlight.astro.build."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from typing import ClassVar

from ingestion.formats.format import Format
from ingestion.formats.includes import Includer
from ingestion.formats.notes import Notes
from ingestion.formats.texts import PageNotRead, read_within
from ingestion.markdown.front_matter import FrontMatter

TITLE = re.compile(r"\btitle:\s*(?P<quote>['\"`])(?P<title>[^'\"`\n]+)(?P=quote)")
INCLUDE = re.compile(
    r"<!--[ \t]*@include:[ \t]*(?P<path>[^\s{}]+?)(?:\{(?P<part>\d*,\d*|\d+)\})?[ \t]*-->"
)
SNIPPET = re.compile(r"^(?P<indent>[ \t]*)<<<[ \t]*(?P<path>@?[^\s{}#\[]+)[^\n]*$", re.MULTILINE)


class VitePress(Format):
    """A VitePress site: its configuration lies in `.vitepress/`, at the top or in `docs/`."""

    name: ClassVar[str] = "vitepress"
    label: ClassVar[str] = "VitePress"
    configs: ClassVar[tuple[str, ...]] = (".vitepress/config.*", "docs/.vitepress/config.*")
    endings: ClassVar[frozenset[str]] = frozenset({".md"})
    slugs: str = "vitepress"

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        if (root / "docs" / ".vitepress").is_dir():
            self.folder = root / "docs"
        self.title = _title(root, self.folder / ".vitepress", "config.*")

    def enters(self, folder: str) -> bool:
        """VitePress reads folders that begin with `_`, too."""
        name = PurePosixPath(folder).name
        return not name.startswith(".") and name != "node_modules"

    def is_page(self, file: str) -> bool:
        """Whatever its name begins with, but for a dot."""
        path = PurePosixPath(file)
        return path.suffix.lower() in self.endings and not path.name.startswith(".")

    def markdown(self, file: str, text: str, notes: Notes) -> str:
        """Put in other pages and code."""
        text = Includer(self.root, file, notes, INCLUDE, self._place, _lines).fill(text)
        return Includer(self.root, file, notes, SNIPPET, self._place, _code).fill(text)

    def route_of(self, file: str, front_matter: FrontMatter) -> str:
        """`a/b.md` is at a/b.html; index.md is its folder's page."""
        path = PurePosixPath(self.below(file))
        if path.stem == "index":
            return "" if path.parent.name == "" else f"{path.parent.as_posix()}/"
        return path.with_suffix(".html").as_posix()

    def _place(self, match: re.Match[str], folder: Path) -> Path:
        path = match["path"]
        return self.folder / path[1:].lstrip("/") if path.startswith("@") else folder / path


class Starlight(Format):
    """An Astro site with Starlight, whose pages lie in `src/content/docs/`."""

    name: ClassVar[str] = "starlight"
    label: ClassVar[str] = "Starlight"
    configs: ClassVar[tuple[str, ...]] = ("astro.config.*",)
    endings: ClassVar[frozenset[str]] = frozenset({".md", ".mdx", ".markdown"})

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        if (root / "src" / "content" / "docs").is_dir():
            self.folder = root / "src" / "content" / "docs"
        self.title = _title(root, root, self.configs[0])

    def route_of(self, file: str, front_matter: FrontMatter) -> str:
        """`a/B c.md` is at a/b-c/, as its words in lower case; `slug` wins."""
        path = PurePosixPath(self.below(file))
        parts = [*path.parent.parts, *([] if path.stem == "index" else [path.stem])]
        place = front_matter.slug.strip("/") or "/".join(map(_slug, parts))
        return f"{place}/" if place else ""


def _title(root: Path, folder: Path, config: str) -> str:
    for path in sorted(folder.glob(config))[:1]:
        try:
            found = TITLE.search(read_within(root, path))
        except PageNotRead:
            return ""
        return found["title"].strip() if found else ""
    return ""


def _slug(part: str) -> str:
    return re.sub(r"[^\w\- ]", "", part.lower()).replace(" ", "-")


def _lines(match: re.Match[str], text: str) -> str:
    part, lines = match["part"] or "", text.split("\n")
    first, comma, last = part.partition(",")
    start = int(first or 1)
    end = int(last) if last else (len(lines) if comma or not part else start)
    return "\n".join(lines[max(start - 1, 0) : end])


def _code(match: re.Match[str], text: str) -> str:
    fence = "`" * max(
        3, 1 + max((len(one) for one in re.findall(r"^`+", text, re.MULTILINE)), default=2)
    )
    language = PurePosixPath(match["path"]).suffix[1:]
    lines = [f"{fence}{language}", *text.rstrip("\n").split("\n"), fence]
    return "\n".join(match["indent"] + line for line in lines)
