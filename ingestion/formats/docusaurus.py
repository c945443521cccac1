"""Docusaurus: https://docusaurus.io/docs/docs-introduction."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from math import isfinite
from pathlib import Path, PurePosixPath
from typing import ClassVar

from chains.errors import SettingError
from ingestion.dialects.apart_from_code import rewrite_prose
from ingestion.dialects.boxes import code_block
from ingestion.dialects.component_words import component_words
from ingestion.dialects.indented_text import without_indented_code
from ingestion.formats.configurations import read_yaml, value_at
from ingestion.formats.format import Format
from ingestion.formats.includes import Includer
from ingestion.formats.javascript import without_comments
from ingestion.formats.notes import Notes
from ingestion.formats.page_addresses import Order, document_id, reading_order, route_of
from ingestion.formats.sidebars import Sidebars, read_sidebars
from ingestion.formats.sites.partials import components_left, with_marks
from ingestion.formats.texts import PageNotRead, folder_within, is_file, read_within
from ingestion.markdown.front_matter import FrontMatter, read_front_matter, split_front_matter
from ingestion.markdown.parser import Page

TITLE = re.compile(r"^\s*title:\s*(?P<quote>['\"`])(?P<title>[^'\"`\n]+)(?P=quote)", re.MULTILINE)
PLUGIN = re.compile(
    r"plugin-content-docs['\"]\s*,\s*\{[^{}]*?\bpath:\s*['\"`](?P<folder>[^'\"`\n]+)"
)
PARTIAL = re.compile(r"\{\{partial (?P<path>[^{}\n]+)\}\}")
IMAGE = re.compile(r"(?P<before>!\[[^\]\n]*\]\()/(?P<path>[^\s)#?]+)")
PLAIN_NAMES = re.compile(r"\bnumberPrefixParser:\s*false\b")
SIDEBARS = re.compile(r"\bsidebarPath:\s*(?:require\.resolve\(\s*)?['\"`](?P<path>[^'\"`\n]+)")
FOLDER = re.compile(r"\bdocs:\s*\{[^{}]*?\bpath:\s*['\"`](?P<folder>[^'\"`\n]+)")
IS_LAST = re.compile(r"\blastVersion:\s*['\"`]current['\"`]")
HIDES_CURRENT = re.compile(r"\bincludeCurrentVersion:\s*false\b")
CURRENT_PATH = re.compile(r"\bcurrent:\s*\{[^{}]*?\bpath:\s*['\"`](?P<path>[^'\"`\n]*)")
ENDINGS = ("js", "ts", "cjs", "mjs", "json")
CATEGORIES = ("_category_.json", "_category_.yml", "_category_.yaml")
LONGEST_CATEGORY, MOST_CATEGORIES = 3_000, 1_000
"""Characters of a `_category_` file, and how many are read: together at most half a minute."""


class Docusaurus(Format):
    """A Docusaurus site, whose pages lie in `docs/`."""

    name: ClassVar[str] = "docusaurus"
    label: ClassVar[str] = "Docusaurus"
    has_definitions: ClassVar[bool] = False
    configs: ClassVar[tuple[str, ...]] = ("docusaurus.config.*",)
    titles_have_anchors: ClassVar[bool] = False

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        config = self._config()
        found = TITLE.search(config)
        self.title = found["title"].strip() if found else ""
        self.numbered = not PLAIN_NAMES.search(config)
        place = FOLDER.search(config)
        self._find_version(config, place["folder"].strip("./") if place else "docs")
        self._sidebars = self._read_sidebars(config)
        self._positions: dict[str, float | None] = {}
        self._categories = 0
        self._note_others(config)

    def _config(self) -> str:
        for path in sorted(self.root.glob(self.configs[0]))[:1]:
            try:
                return without_comments(read_within(self.root, path))
            except PageNotRead:
                return ""
        return ""

    def _find_version(self, config: str, folder: str) -> None:
        """Which version of the pages is read: the current one, if the site shows it. Beside others
        it has an address of its own."""
        self._below, self._version = "", ""
        versions = self._versions()
        if versions and HIDES_CURRENT.search(config):
            self._version, folder = versions[0], f"versioned_docs/version-{versions[0]}"
        elif versions and not IS_LAST.search(config):
            own = CURRENT_PATH.search(config)
            self._below = f"{own['path'].strip('/') if own else 'next'}/"
        self.folder = folder_within(self.root, self.root / folder) or self.folder

    def _note_others(self, config: str) -> None:
        """Pages of other versions, languages and docs plugins: each is a book of its own."""
        for match in PLUGIN.finditer(config):
            other = folder_within(self.root, self.root / match["folder"])
            pages = sum(1 for one in other.rglob("*.md*")) if other and other != self.folder else 0
            if pages:
                kind = "pages of other docs plugins"
                self.notes.add(kind, f"{match['folder']}/ ({pages:,})", count=pages, is_lost=False)
        for place in (*self.root.glob("versioned_docs/*"), *self.root.glob("i18n/*")):
            pages = sum(1 for one in place.rglob("*.md*") if one.suffix in self.endings)
            if pages and place != self.folder:
                kind = "pages of other versions and languages"
                name = place.relative_to(self.root).as_posix()
                self.notes.add(kind, f"{name}/ ({pages:,})", count=pages, is_lost=False)

    def _versions(self) -> list[str]:
        """The names of the released versions, the last one first."""
        path = self.root / "versions.json"
        names = read_yaml(path) if path.is_file() else []
        names = [one for one in names if isinstance(one, str)] if isinstance(names, list) else []
        return [one for one in names if (self.root / f"versioned_docs/version-{one}").is_dir()]

    def _read_sidebars(self, config: str) -> Sidebars:
        named = SIDEBARS.search(config)
        paths = [named["path"]] if named else [f"sidebars.{ending}" for ending in ENDINGS]
        if self._version:
            paths = [f"versioned_sidebars/version-{self._version}-sidebars.json"]
        path = next((self.root / one for one in paths if is_file(self.root / one)), None)
        if path is None:
            return Sidebars()
        try:
            found = read_sidebars(self.root, path)
        except PageNotRead as error:
            self.notes.add("sidebars that cannot be read", f"{path.name} {error}", is_lost=False)
            return Sidebars()
        for one in found.unread:
            self.notes.add("items of sidebars that only a program knows", one, is_lost=False)
        return found

    def passes_over(self, file: str) -> bool:
        """Names that begin with `_` are partials, which go in where they are imported."""
        return PurePosixPath(file).name.startswith("_")

    def markdown(self, file: str, text: str, notes: Notes) -> str:
        """Put in partials, write out what components show, and find images in `static/`."""
        _check_id(text)
        marked = with_marks(self.root, text, (self.root / file).parent)
        for name in components_left(marked):
            notes.add("components that only a program shows", f"{file}: <{name}>", is_lost=False)
        includer = Includer(self.root, file, notes, PARTIAL, self._place, self._partial)
        filled = component_words(includer.fill(marked))
        if not file.endswith(".mdx"):
            front, body = split_front_matter(filled)
            filled = front + without_indented_code(body)  # all pages are MDX
        return rewrite_prose(filled, lambda prose: IMAGE.sub(self._image, prose))

    def is_published(self, file: str, front_matter: FrontMatter) -> bool:
        """Unlisted pages are left out like drafts: the site's own search has none of them."""
        return super().is_published(file, front_matter) and not front_matter.is_true("unlisted")

    def title_of(self, file: str, page: Page) -> str:
        """That of the page; of one that has none, what its sidebar calls it."""
        return page.title or self._sidebars.labels.get(self._id(file, page.front_matter), "")

    def route_of(self, file: str, front_matter: FrontMatter) -> str:
        """Below the address of its version."""
        route = route_of(self.below(file), front_matter, numbered=self.numbered)
        return (self._below + route).strip("/")

    def order_of(self, file: str, front_matter: FrontMatter) -> Order:
        """By the sidebars; where these leave it to folders, by positions in `_category_` files,
        too."""
        id_ = self._id(file, front_matter)
        place = self._sidebars.place_of(id_, PurePosixPath(self.below(file)).parent.as_posix())
        return [(place, False, []), *self._by_positions(file, front_matter)]

    def names_in_vain(self, pages: Mapping[str, FrontMatter]) -> Iterator[str]:
        """Documents of the sidebars."""
        there = {self._id(file, front_matter) for file, front_matter in pages.items()}
        for id_ in self._sidebars.named:
            paths = (self.folder / f"{id_}{ending}" for ending in (".md", ".mdx"))
            if id_ not in there and not any(map(is_file, paths)):
                yield id_

    def _id(self, file: str, front_matter: FrontMatter) -> str:
        return document_id(self.below(file), front_matter, numbered=self.numbered)

    def _by_positions(self, file: str, front_matter: FrontMatter) -> Order:
        order = reading_order(self.below(file), front_matter, numbered=self.numbered)
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
                self._categories += 1
                if self._categories > MOST_CATEGORIES:
                    self.notes.add("_category_ files beyond the limit", f"{folder}/{name}")
                    return None
                try:
                    position = value_at(read_yaml(path, LONGEST_CATEGORY), "position")
                except SettingError as error:
                    self.notes.add("_category_ files that cannot be read", str(error))
                    return None
                is_place = isinstance(position, int | float) and isfinite(position)
                return float(position) if is_place else None
        return None

    def _place(self, match: re.Match[str], _folder: Path) -> Path:
        return self.root / match["path"]

    def _partial(self, match: re.Match[str], text: str) -> str:
        if not match["path"].endswith((".md", ".mdx")):
            language = PurePosixPath(match["path"]).suffix[1:]
            return "\n" + "\n".join(code_block(text.rstrip("\n").split("\n"), language)) + "\n"
        _, body = split_front_matter(text)
        return "\n" + with_marks(self.root, body, (self.root / match["path"]).parent).strip() + "\n"

    def _image(self, match: re.Match[str]) -> str:
        is_static = is_file(self.root / "static" / match["path"])
        return f"{match['before']}/static/{match['path']}" if is_static else match[0]


def _check_id(text: str) -> None:
    """Raise PageNotRead for an id that ends a build of Docusaurus, too."""
    front, _ = split_front_matter(text)
    id_ = read_front_matter(front).id
    if "/" in id_:
        fix = "leave the slash out of `id`; a path stands in `slug`"
        raise PageNotRead(f"has the id {id_!r}, and Docusaurus takes none with a slash; {fix}")
