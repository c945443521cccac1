"""Docusaurus: https://docusaurus.io/docs/docs-introduction."""

from __future__ import annotations

import os
import re
from pathlib import Path, PurePosixPath
from typing import ClassVar

from chains.errors import SettingError
from ingestion.dialects.apart_from_code import rewrite_prose
from ingestion.formats.configurations import read_yaml, value_at
from ingestion.formats.format import Format
from ingestion.formats.includes import Includer
from ingestion.formats.notes import Notes
from ingestion.formats.page_addresses import Order
from ingestion.formats.texts import PageNotRead, is_file, read_within
from ingestion.markdown.front_matter import FrontMatter, split_front_matter

TITLE = re.compile(r"^\s*title:\s*(?P<quote>['\"`])(?P<title>[^'\"`\n]+)(?P=quote)", re.MULTILINE)
IMPORT = re.compile(
    r"^import\s+(?P<name>[A-Z]\w*)\s+from\s+['\"](?P<path>[^'\"\n]+\.mdx?)['\"];?[ \t]*$",
    re.MULTILINE,
)
PARTIAL = re.compile(r"\{\{partial (?P<path>[^{}\n]+)\}\}")
TAB = re.compile(r"^(?P<indent>[ \t]*)<TabItem\b(?P<attributes>[^>]*)>[ \t]*$", re.MULTILINE)
LABEL = re.compile(r"\b(?P<key>label|value)=(?:\{?['\"`])(?P<text>[^'\"`]+)")
IMAGE = re.compile(r"(?P<before>!\[[^\]\n]*\]\()/(?P<path>[^\s)#?]+)")
CATEGORIES = ("_category_.json", "_category_.yml", "_category_.yaml")


class Docusaurus(Format):
    """A Docusaurus site, whose pages lie in `docs/`."""

    name: ClassVar[str] = "docusaurus"
    label: ClassVar[str] = "Docusaurus"
    configs: ClassVar[tuple[str, ...]] = ("docusaurus.config.*",)
    titles_have_anchors: ClassVar[bool] = False

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        if (root / "docs").is_dir():
            self.folder = root / "docs"
        self._positions: dict[str, float | None] = {}
        for config in sorted(root.glob(self.configs[0]))[:1]:
            try:
                found = TITLE.search(read_within(root, config))
            except PageNotRead:
                continue
            self.title = found["title"].strip() if found else ""

    def passes_over(self, file: str) -> bool:
        """Names that begin with `_` are partials, which go in where they are imported."""
        return PurePosixPath(file).name.startswith("_")

    def markdown(self, file: str, text: str, notes: Notes) -> str:
        """Put in partials, write out the labels of tabs, and find images in `static/`."""
        marked = self._with_marks(text, (self.root / file).parent)
        includer = Includer(self.root, file, notes, PARTIAL, self._place, self._partial)
        return rewrite_prose(includer.fill(marked), self._rewritten)

    def is_published(self, file: str, front_matter: FrontMatter) -> bool:
        """Unlisted pages are left out like drafts: the site's own search has none of them."""
        return super().is_published(file, front_matter) and not front_matter.is_true("unlisted")

    def order_of(self, file: str, front_matter: FrontMatter) -> Order:
        """By the positions in `_category_` files, too."""
        order = super().order_of(file, front_matter)
        folders = [path.as_posix() for path in PurePosixPath(self.below(file)).parents][-2::-1]
        for place, folder in enumerate(folders):
            position = self._position(folder)
            if position is not None:
                order[place] = (position, True, order[place][2])
        return order

    def _position(self, folder: str) -> float | None:
        if folder not in self._positions:
            self._positions[folder] = self._read_position(folder)
        return self._positions[folder]

    def _read_position(self, folder: str) -> float | None:
        for name in CATEGORIES:
            path = self.folder / folder / name
            if path.is_file() and path.resolve().is_relative_to(self.root):
                try:
                    position = value_at(read_yaml(path), "position")
                except SettingError as error:
                    self.notes.add("_category_ files that cannot be read", str(error))
                    return None
                return float(position) if isinstance(position, int | float) else None
        return None

    def _with_marks(self, text: str, folder: Path) -> str:
        """The text with the paths of partials in place of their tags."""
        for match in IMPORT.finditer(text):
            path = match["path"]
            is_alias = path.startswith("@site/")
            place = self.root / path.removeprefix("@site/") if is_alias else folder / path
            shown = os.path.relpath(place, self.root).replace(os.sep, "/")
            tag = re.compile(rf"<{match['name']}\b[^<>]*/>")
            mark = f"{{{{partial {shown}}}}}".replace("\\", r"\\")
            text = tag.sub(mark, text)
        return text

    def _place(self, match: re.Match[str], _folder: Path) -> Path:
        return self.root / match["path"]

    def _partial(self, match: re.Match[str], text: str) -> str:
        _, body = split_front_matter(text)
        return "\n" + self._with_marks(body, (self.root / match["path"]).parent).strip() + "\n"

    def _rewritten(self, text: str) -> str:
        return IMAGE.sub(self._image, TAB.sub(_with_label, text))

    def _image(self, match: re.Match[str]) -> str:
        is_static = is_file(self.root / "static" / match["path"])
        return f"{match['before']}/static/{match['path']}" if is_static else match[0]


def _with_label(match: re.Match[str]) -> str:
    labels = {one["key"]: one["text"] for one in LABEL.finditer(match["attributes"])}
    label = labels.get("label") or labels.get("value")
    return f"{match[0]}\n\n{match['indent']}**{label}**\n" if label else match[0]
