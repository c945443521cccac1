"""Hugo: https://gohugo.io/content-management/"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from math import inf
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar

from ingestion.dialects.alerts import with_alerts
from ingestion.dialects.apart_from_code import without_gaps
from ingestion.dialects.boxes import code_block
from ingestion.dialects.kramdown import without_attribute_lists
from ingestion.dialects.shortcodes import without_shortcodes
from ingestion.formats.configurations import text_at, value_at
from ingestion.formats.format import Format
from ingestion.formats.includes import Includer
from ingestion.formats.landing_pages import note_languages
from ingestion.formats.notes import Notes
from ingestion.formats.page_addresses import Order, natural
from ingestion.formats.sites.hugo_config import ENDINGS, NAMES, content_folders, read_config
from ingestion.formats.sites.permalinks import filled, pattern_of
from ingestion.formats.texts import beginning_of, folder_within, is_file
from ingestion.markdown.front_matter import FrontMatter, split_front_matter

WEIGHT = re.compile(r"^weight\s*[:=]\s*(-?\d+)", re.MULTILINE)
SUMMARY = re.compile(r"^[ \t]*<!--[ \t]*more[ \t]*-->[ \t]*$", re.MULTILINE)
INCLUDE = re.compile(
    r"\{\{[<%]\s*(?:readfile|include|include-file|include-md|includemd|import)\s+"
    r"(?:(?:file|path|src)\s*=\s*)?\"?(?P<path>[\w./ -]{1,200}\.\w{1,10})\"?"
    r"(?:\s[^{}\n]{0,200})?[>%]\}\}"
)
"""Shortcodes that themes call so put a file in."""
JSON = re.compile(r"\{[ \t]*\n.*?^\}[ \t]*\n", re.DOTALL | re.MULTILINE)


class Hugo(Format):
    """A site of Hugo, whose pages lie in `content/`."""

    name: ClassVar[str] = "hugo"
    label: ClassVar[str] = "Hugo"
    configs: ClassVar[tuple[str, ...]] = (
        *(f"hugo.{ending}" for ending in ENDINGS),
        *(f"config/_default/{name}.{ending}" for name in NAMES for ending in ENDINGS),
        *(f"config/_default/languages.{ending}" for ending in ENDINGS),
    )
    endings: ClassVar[frozenset[str]] = frozenset({".md", ".markdown"})
    slugs: str = "goldmark"

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        config = read_config(root)
        self.title = text_at(config, "title")
        self.is_ugly = value_at(config, "uglyurls") is True or value_at(config, "uglyURLs") is True
        self.keeps_case = value_at(config, "disablePathToLower") is True
        self.permalinks = value_at(config, "permalinks")
        self.slugs = _slugs(config)
        params = value_at(config, "params")
        given = params.items() if isinstance(params, dict) else ()
        self.values = {str(k): str(v) for k, v in given if isinstance(v, str | int | float)}
        content, self.language, others = content_folders(config)
        if folder_within(root, root / content) is not None:
            self.folder = root / content
        self.others = others
        note_languages(self.notes, root, [folder for folder in others.values() if folder])

    @classmethod
    def is_in(cls, root: Path) -> bool:
        """By its configuration, or by a page of the folder itself. A configuration of before
        version 0.110 has a name that others use, too."""
        if super().is_in(root) or (root / "_index.md").is_file():
            return True
        is_old = any((root / f"config.{ending}").is_file() for ending in ENDINGS)
        return is_old and (root / "content").is_dir()

    def enters(self, folder: str) -> bool:
        """All but what is hidden, and other languages: `_` has no meaning for folders."""
        is_other = folder in self.others.values()
        return not (is_other or PurePosixPath(folder).name.startswith("."))

    def is_page(self, file: str) -> bool:
        """Sections (`_index.md`), pages, and bundles (`index.md`), but not what lies in these."""
        path = PurePosixPath(file)
        if path.suffix.lower() not in self.endings or path.name.startswith("."):
            return False
        if self.passes_over(file):
            return False
        if self._path(file).stem in ("index", "_index"):
            return True
        around = [one for one in path.parents if one.as_posix() != "."]
        return not any((self.root / one / "index.md").is_file() for one in around)

    def passes_over(self, file: str) -> bool:
        """What is in another language, by its folder or by its name, such as `a.fr.md`."""
        is_below = any(one and file.startswith(f"{one}/") for one in self.others.values())
        name = PurePosixPath(PurePosixPath(file).stem)
        return is_below or file in self.others.values() or name.suffix[1:] in self.others

    def _path(self, file: str) -> PurePosixPath:
        """Where a page lies below the folder of the pages, without the default language in its
        name."""
        path = PurePosixPath(self.below(file))
        return path.with_name(path.stem.removesuffix(f".{self.language}") + path.suffix)

    def markdown(self, file: str, text: str, notes: Notes) -> str:
        """Shortcodes are left out, alerts become admonitions; front matter of JSON becomes YAML."""
        front, body = split_front_matter(text.lstrip("\n"))
        if not front and (match := JSON.match(body)):
            front, body = _yaml_of(match[0]), body[match.end() :]

        def note(kind: str, example: str) -> None:
            notes.add(kind, f"{file}: {example}")

        body = Includer(self.root, file, notes, INCLUDE, self._place, _taken).fill(body)
        shown = without_shortcodes(SUMMARY.sub("", body), note, self.values)
        return front + without_gaps(with_alerts(without_attribute_lists(_as_kramdown(shown))))

    def _place(self, match: re.Match[str], folder: Path) -> Path:
        """Where a file lies that a shortcode puts in: beside the page, or from the top."""
        path = match["path"]
        tops = (self.folder, self.root, self.root / "assets")
        places = [folder / path] if path[0] != "/" else []
        places += [top / path.lstrip("/") for top in tops]
        return next((place for place in places if is_file(place)), places[0])

    def is_published(self, file: str, front_matter: FrontMatter) -> bool:
        """Drafts are not, nor what is never rendered."""
        return not (front_matter.is_draft or front_matter.is_true("headless"))

    def route_of(self, file: str, front_matter: FrontMatter) -> str:
        """By `url`, else below its section, with a slash at its end unless addresses are ugly."""
        if url := front_matter.values.get("url", ""):
            return url.strip().lstrip("/")
        path = self._path(file)
        is_section = path.stem == "_index"
        parts = (
            path.parts[:-1] if path.stem in ("index", "_index") else (*path.parts[:-1], path.stem)
        )
        route = "/".join(
            map(self._written, self._parts(parts, front_matter, is_section=is_section))
        )
        if not route:
            return ""
        return f"{route}.html" if self.is_ugly and not is_section else f"{route}/"

    def _parts(
        self, parts: Sequence[str], front_matter: FrontMatter, *, is_section: bool
    ) -> Sequence[str]:
        """The parts of an address: by the permalinks of the configuration, else by `slug`."""
        if not parts:
            return parts
        if pattern := pattern_of(self.permalinks, parts[0], is_page=not is_section):
            around = parts if is_section else parts[:-1]
            sections = [
                one
                for depth, one in enumerate(around, 1)
                if depth == 1 or self.folder.joinpath(*around[:depth], "_index.md").is_file()
            ]
            return filled(pattern, sections, parts[-1], front_matter)
        return (*parts[:-1], front_matter.slug) if front_matter.slug and not is_section else parts

    def order_of(self, file: str, front_matter: FrontMatter) -> Order:
        """By `weight`, then by title; a section before its pages."""
        path = self._path(file)
        parts = path.parts[:-1] if path.stem in ("index", "_index") else path.parts
        keys: Order = [
            (self._weight(parts[:depth]), False, natural(parts[depth - 1]))
            for depth in range(1, len(parts))
        ]
        weight = front_matter.values.get("weight", "")
        number = float(weight) if re.fullmatch(r"-?\d+", weight) and weight != "0" else inf
        return [*keys, (number, False, natural(parts[-1]))] if parts else [(-inf, False, [])]

    def _weight(self, parts: tuple[str, ...]) -> float:
        """That of a section."""
        path = self.folder.joinpath(*parts, "_index.md")
        match = WEIGHT.search(beginning_of(path, 5_000) or "")
        return float(match[1]) if match else inf

    def _written(self, part: str) -> str:
        """A name as it is written in addresses."""
        name = re.sub(r"\s+", "-", part.strip())
        name = re.sub(r"[^\w.+~%#/\\@&=$,!*'()-]", "", name)
        return name if self.keeps_case else name.lower()


def _taken(match: re.Match[str], text: str) -> str:
    """The text of a page; what is none is code."""
    if match["path"].endswith((".md", ".markdown", ".html")):
        return split_front_matter(text)[1]
    language = PurePosixPath(match["path"]).suffix[1:]
    return "\n" + "\n".join(code_block(text.rstrip("\n").split("\n"), language)) + "\n"


def _slugs(config: Any) -> str:
    """How headings get their anchors: the name of a rule."""
    parser = value_at(config, "markup", "goldmark", "parser")
    chosen = text_at(parser, "autoHeadingIDType") or text_at(parser, "autoIDType")
    typographer = value_at(config, "markup", "goldmark", "extensions", "typographer")
    is_off = typographer is False or value_at(typographer, "disable") is True
    other = {"github-ascii": "goldmark-ascii", "blackfriday": "blackfriday"}
    return other.get(chosen, "goldmark-plain" if is_off else "goldmark")


def _as_kramdown(text: str) -> str:
    """Attributes of blocks, `{class="x"}` below one, as kramdown writes them."""
    return re.sub(r"^\{((?:[.#][\w-]|\w+=)[^{}\n]*)\}[ \t]*$", r"{:\1}", text, flags=re.MULTILINE)


def _yaml_of(front: str) -> str:
    try:
        json.loads(front)
    except (ValueError, RecursionError):
        return ""
    return f"---\n{front}---\n"  # JSON is YAML
