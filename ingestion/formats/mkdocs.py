"""MkDocs and Material for MkDocs: https://squidfunk.github.io/mkdocs-material/reference/."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from math import inf
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar

from ingestion.dialects.apart_from_code import rewrite_outside_fences, rewrite_prose
from ingestion.formats.configurations import read_yaml, text_at, value_at
from ingestion.formats.format import Format
from ingestion.formats.includes import Includer
from ingestion.formats.notes import Notes
from ingestion.formats.page_addresses import Order
from ingestion.formats.sites.navigation import AWESOME, awesome_pages, nav_pages
from ingestion.formats.texts import PageNotRead, folder_within, is_file
from ingestion.markdown.front_matter import FrontMatter
from ingestion.markdown.parser import Page

SNIPPET = re.compile(
    r'(?m)^(?P<indent>[ \t]*)-+8<-+[ \t]+"(?P<path>[^"\n:]+)(?::(?P<part>[^"\n]*))?"[ \t]*$'
)
SNIPPETS = re.compile(r"^(?P<indent>[ \t]*)-+8<-+[ \t]*\n(?P<all>(?:.*\n)*?)[ \t]*-+8<-+[ \t]*$",
                      re.MULTILINE)  # fmt: skip
INCLUDE = re.compile(
    r"\{(?P<mark>[!*])[ \t]*(?P<path>[^\s!*{}]{0,400}[/.][^\s!*{}]{1,400})[^{}\n]{0,200}(?P=mark)\}"
)
"""As markdown-include and markdown-include-variants write it."""
MARKER = re.compile(
    r"(?<!-)-+8<-+[ \t]*\[[ \t]*(?P<end>start|end)[ \t]*:[ \t]*(?P<name>[\w.-]+)[ \t]*\]"
)
LINES = re.compile(r"{0}(?:,{0})*".format(r"-?\d{0,9}(?::-?\d{0,9})?"))
UNREAD = re.compile(r'^[ \t]*-+8<-+[ \t]+"(?P<path>[^"\n]*)"[ \t]*$', re.MULTILINE)
ICON = re.compile(r":(?:material|octicons|fontawesome|simple)-[\w-]+:")
ABBREVIATION = re.compile(r"^\*\[[^\]\n]+\]:.*$", re.MULTILINE)
OPTIONS = re.compile(r"^(?P<head>[ \t]*/{3,}[ \t]*[\w-]+[^\n]*\n)(?:[ \t]{4,}[\w-]+:[^\n]*\n)+",
                     re.MULTILINE)  # fmt: skip
BOX = re.compile(
    r"(?m)^(?:(?:!!!|\?\?\?\+?)[ \t]+[a-z][\w -]*(?:\"[^\"\n]*\")?|===[+!]{0,2}[ \t]+\"[^\"\n]+\")"
    r"[ \t]*\n(?:[ \t]*\n)?(?: {4}|\t)[ \t]*\S"
)
"""A box or a tab, whose text is indented."""
OBJECT = re.compile(
    r"^(?P<indent>[ \t]*):::[ \t]+[\w.:/]+[ \t]*(?:\n(?P=indent)[ \t]{2,}[^\n]*)*$", re.MULTILINE
)
"""An object of a program, which mkdocstrings describes."""
MACRO = re.compile(r"\{\{[ \t]*(?P<name>[A-Za-z_][\w.]*)[ \t]*\}\}")
MARKS = {
    "pymdownx.critic": [
        (re.compile(r"\{(?:--[^{}\n]{0,400}--|>>[^{}\n]{0,400}<<)\}"), ""),
        (re.compile(r"\{(?:\+\+|==|~~[^{}\n]{0,400}?~>)([^{}\n]{0,400}?)(?:\+\+|==|~~)\}"), r"\1"),
    ],
    "pymdownx.keys": [
        (re.compile(r"(?<![\w+])\+\+([\w-]{1,40}(?:\+[\w-]{1,40}){0,5})\+\+"), r"\1")
    ],
    "pymdownx.mark": [(re.compile(r"==(?![=\s])([^=\n]{1,400})==(?!=)"), r"\1")],
    "pymdownx.tilde": [(re.compile(r"(?<=[\w)])~([^~\s]{1,20})~(?!~)"), r"\1")],
    "pymdownx.caret": [(re.compile(r"(?<=[\w)])\^([^^\s\[\]]{1,20})\^(?!\^)"), r"^\1")],
}
"""Marks within a line, by the extension that reads them, and what they show."""
CONTENTS = re.compile(r"^\[TOC\][ \t]*$", re.MULTILINE)


class MkDocs(Format):
    """A book of MkDocs, whose pages lie in `docs_dir`."""

    name: ClassVar[str] = "mkdocs"
    label: ClassVar[str] = "MkDocs"
    configs: ClassVar[tuple[str, ...]] = ("mkdocs.yml", "mkdocs.yaml")
    syntax: ClassVar[re.Pattern[str] | None] = BOX
    endings: ClassVar[frozenset[str]] = frozenset({".md", ".markdown", ".mdown", ".mkdn", ".mkd"})

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        found = [root / name for name in self.configs if (root / name).is_file()]
        config = read_yaml(found[0]) if found else {}
        self.title = text_at(config, "site_name")
        folder = folder_within(root, root / (text_at(config, "docs_dir") or "docs"))
        is_there = found or not any(root.glob("*.md"))
        if is_there and folder is not None:
            self.folder = folder
        self.slugs = "pymdownx" if _keeps_unicode(config) else "python-markdown"
        self._is_directory = value_at(config, "use_directory_urls") is not False
        self._snippets = [root / path for path in _snippet_folders(config)]
        names = _names(value_at(config, "markdown_extensions"))
        plugins = _names(value_at(config, "plugins"))
        self._marks = [one for name in MARKS if name in names for one in MARKS[name]]
        self._values = _values(config) if "macros" in plugins else None
        self._listed: dict[str, tuple[int, str]] = {}
        nav = value_at(config, "nav")
        is_awesome = nav is None and not AWESOME.isdisjoint(plugins)
        for title, path in awesome_pages(root, self.folder) if is_awesome else nav_pages(nav):
            if path not in self._listed:
                self._listed[path] = (len(self._listed), title)
                if not is_file(self.folder / path):
                    self.notes.add("pages of nav that are not there", path)

    def enters(self, folder: str) -> bool:
        """MkDocs reads all folders but hidden ones."""
        return not PurePosixPath(folder).name.startswith(".")

    def is_page(self, file: str) -> bool:
        """Whatever its name begins with, but for a dot."""
        path = PurePosixPath(file)
        return path.suffix.lower() in self.endings and not path.name.startswith(".")

    def markdown(self, file: str, text: str, notes: Notes) -> str:
        """Put in snippets; take out icons, abbreviations, and options of blocks."""
        text = SNIPPETS.sub(_one_by_one, text)
        text = Includer(self.root, file, notes, SNIPPET, self._snippet, _taken).fill(text)
        text = Includer(self.root, file, notes, INCLUDE, self._included, _all).fill(text)
        for left in UNREAD.finditer(text):
            notes.add("snippets that are not files", f"{file}: {left['path']}")
        text = OBJECT.sub(lambda found: _left_out(found, file, notes), text)
        if self._values is not None:
            text = MACRO.sub(lambda found: self._value(found, file, notes), text)
        text = MARKER.sub("", UNREAD.sub("", text)).replace(";--8<--", "--8<--")
        text = rewrite_outside_fences(text, lambda part: OPTIONS.sub(r"\g<head>\n", part))
        return rewrite_prose(text, lambda prose: _without_marks(prose, self._marks))

    def _value(self, found: re.Match[str], file: str, notes: Notes) -> str:
        """What stands on the page for a macro."""
        value = (self._values or {}).get(found["name"])
        if value is None:
            notes.add("macros that only a program knows", f"{file}: {found[0]}")
        return found[0] if value is None else value

    def title_of(self, file: str, page: Page) -> str:
        """As the nav has it."""
        return self._listed.get(self.below(file), (0, ""))[1] or page.title

    def route_of(self, file: str, front_matter: FrontMatter) -> str:
        """`a/b.md` is at a/b/, or at a/b.html; index and README are their folder's page."""
        path = PurePosixPath(self.below(file))
        is_folder = path.stem in ("index", "README")
        if self._is_directory:
            place = (path.parent if is_folder else path.with_suffix("")).as_posix()
            return "" if place == "." else f"{place}/"
        return (path.parent / ("index.html" if is_folder else f"{path.stem}.html")).as_posix()

    def order_of(self, file: str, front_matter: FrontMatter) -> Order:
        """As in the nav; then what it does not list."""
        place = self._listed.get(self.below(file), (inf, ""))[0]
        return [(place, False, []), *super().order_of(file, front_matter)]

    def _included(self, match: re.Match[str], folder: Path) -> Path:
        path = match["path"].strip()
        places = [folder / path, self.folder / path, self.root / path]
        return next((place for place in places if is_file(place)), places[0])

    def _snippet(self, match: re.Match[str], folder: Path) -> Path:
        places = [base / match["path"].strip() for base in self._snippets]
        return next((place for place in places if is_file(place)), places[0])


def _names(listed: Any) -> set[str]:
    """The names in a list, where one with options is a map, or in a map."""
    given = listed if isinstance(listed, list | dict) else ()
    return {str(next(iter(one), "") if isinstance(one, dict) else one) for one in given}


def _values(config: Any) -> dict[str, str]:
    """The values that macros name, such as those of `extra`."""
    values = dict(_flat("", value_at(config, "extra")))
    return values | {f"config.{key}": value for key, value in _flat("", config)}


def _flat(prefix: str, values: Any, depth: int = 0) -> Iterator[tuple[str, str]]:
    if isinstance(values, dict) and depth < 5:
        for key, value in list(values.items())[:1000]:
            yield from _flat(f"{prefix}.{key}" if prefix else str(key), value, depth + 1)
    elif isinstance(values, str | int | float):
        yield prefix, str(values)


def _left_out(found: re.Match[str], file: str, notes: Notes) -> str:
    notes.add("objects that mkdocstrings describes", f"{file}: {found[0].strip().splitlines()[0]}")
    return ""


def _extension(config: Any, name: str) -> Any:
    """The options of an extension of Python-Markdown."""
    extensions = value_at(config, "markdown_extensions")
    if isinstance(extensions, dict):
        return extensions.get(name)
    named = extensions if isinstance(extensions, list) else []
    maps = [one for one in named if isinstance(one, dict)]
    return next((one[name] for one in maps if name in one), None)


def _keeps_unicode(config: Any) -> bool:
    """Whether anchors come from pymdownx.slugs, which is named by a tag that YAML does not know."""
    options = _extension(config, "toc")
    return isinstance(options, dict) and "slugify" in options


def _snippet_folders(config: Any) -> list[str]:
    base = value_at(_extension(config, "pymdownx.snippets"), "base_path")
    paths = base if isinstance(base, list) else [base]
    return [path for path in paths if isinstance(path, str)] or ["."]


def _all(_match: re.Match[str], text: str) -> str:
    return text.removesuffix("\n")


def _one_by_one(match: re.Match[str]) -> str:
    """The paths between two lines of scissors, each as a snippet of its own."""
    paths = [line.strip() for line in match["all"].splitlines()]
    return "\n".join(f'{match["indent"]}--8<-- "{path}"' if path else "" for path in paths)


def _taken(match: re.Match[str], text: str) -> str:
    """The lines that a snippet asks for, indented as it is."""
    lines, part = text.removesuffix("\n").split("\n"), (match["part"] or "").strip()
    if part and LINES.fullmatch(part):
        lines = [line for one in part.split(",") for line in _between(lines, one)]
    elif part:
        lines = _section(lines, part)
    return "\n".join(match["indent"] + line if line else "" for line in lines)


def _between(lines: list[str], numbers: str) -> list[str]:
    first, colon, last = numbers.partition(":")
    start = int(first or 1)
    end = (int(last) if last else len(lines)) if colon else start
    start, end = (len(lines) + 1 + one if one < 0 else one for one in (start, end))
    return lines[max(start - 1, 0) : max(end, 0)]


def _section(lines: list[str], name: str) -> list[str]:
    kept, is_inside, is_found = [], False, False
    for line in lines:
        match = MARKER.search(line)
        if match and match["name"] == name:
            is_inside = match["end"] == "start"
            is_found = True
        elif is_inside:
            kept.append(line)
    if not is_found:
        raise PageNotRead("lacks that section")
    return kept


def _without_marks(text: str, marks: Sequence[tuple[re.Pattern[str], str]]) -> str:
    for mark, shown in marks:
        text = mark.sub(shown, text)
    return CONTENTS.sub("", ABBREVIATION.sub("", ICON.sub("", text)))
