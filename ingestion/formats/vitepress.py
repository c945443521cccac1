"""VitePress: https://vitepress.dev/guide/markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path, PurePosixPath
from typing import ClassVar

from ingestion.dialects.alerts import with_alerts
from ingestion.dialects.apart_from_code import rewrite_prose
from ingestion.dialects.component_words import component_words
from ingestion.formats.format import Format
from ingestion.formats.includes import Includer
from ingestion.formats.javascript import other_languages
from ingestion.formats.landing_pages import config_of, landing_text, note_languages, title_in
from ingestion.formats.notes import Notes
from ingestion.formats.texts import PageNotRead, folder_within
from ingestion.markdown.front_matter import FrontMatter, read_front_matter, split_front_matter
from ingestion.markdown.parser import Page

SOURCE = re.compile(r"\bsrcDir:\s*['\"`](?P<folder>[^'\"`\n]+)['\"`]")
CLEAN = re.compile(r"\bcleanUrls:\s*true\b")
REWRITES = re.compile(r"\brewrites:\s*\{(?P<pairs>[^{}]*)\}")
PAIR = re.compile(r"['\"`](?P<file>[^'\"`\n]+)['\"`]\s*:\s*['\"`](?P<shown>[^'\"`\n]+)['\"`]")
PARAMETER = re.compile(r":([A-Za-z_]\w*)(\(\.\*\)|[*+])?")
"""A part of a path that a rewrite keeps."""
MOST = 4
"""Of these in a rewrite."""
INCLUDE = re.compile(
    r"<!--[ \t]*@include:[ \t]*(?P<path>[^\s{}#]+?)(?:#(?P<region>[\w-]+))?"
    r"(?:\{(?P<part>\d{0,9},\d{0,9}|\d{1,9})\})?[ \t]*-->"
)
SNIPPET = re.compile(
    r"^(?P<indent>[ \t]*)<<<[ \t]*(?P<path>@?[^\s{}#\[]+)(?:#(?P<region>[\w-]+))?[^\n]*$",
    re.MULTILINE,
)
MARKER = re.compile(
    r"[ \t]*(?:(?://|/\*|<!--|--|::|rem\b|')[ \t]*#?|#)(?:pragma )?[ \t]*(?P<end>end)?region\b"
    r"(?P<name>[ \t]+[\w-]+)?[^\n]*",
    re.IGNORECASE,
)
"""A line where a region of a file begins or ends."""
EXCLUDED = re.compile(r"\bsrcExclude:\s*\[(?P<all>[^\]]*)\]")
STRING = re.compile(r"['\"`]([^'\"`\n]+)['\"`]")
MOST_STARS = 6
"""Of a glob; each multiplies the ways in which a path may fit."""
GLOB = re.compile(r"\*\*/|\*\*|\*|\?")
VALUE = re.compile(r"\{\{[ \t]*\$frontmatter\.(?P<key>[\w-]{1,99})[ \t]*\}\}")
HEADING = re.compile(r"^ {0,3}#{1,6}[ \t].*$", re.MULTILINE)
CONTENTS = re.compile(r"^\[\[toc\]\][ \t]*$", re.IGNORECASE | re.MULTILINE)


class VitePress(Format):
    """A VitePress site: its configuration lies in `.vitepress/`, at the top or in `docs/`."""

    name: ClassVar[str] = "vitepress"
    label: ClassVar[str] = "VitePress"
    has_definitions: ClassVar[bool] = False
    configs: ClassVar[tuple[str, ...]] = (".vitepress/config.*", "docs/.vitepress/config.*")
    endings: ClassVar[frozenset[str]] = frozenset({".md"})
    slugs: str = "vitepress"

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        home = root / "docs" if (root / "docs" / ".vitepress").is_dir() else root
        config = config_of(root, home / ".vitepress", "config.*")
        self.title = title_in(config)
        source = SOURCE.search(config)
        self.folder = (source and folder_within(root, home / source["folder"])) or home
        self.ending = "" if CLEAN.search(config) else ".html"
        self.rewrites = tuple(_rewrites(config))
        excluded = EXCLUDED.search(config)
        globs = STRING.findall(excluded["all"]) if excluded else []
        self.languages = other_languages(config)
        note_languages(self.notes, self.folder, self.languages)
        self.excluded = [_glob(one) for one in globs if one.count("*") <= MOST_STARS]

    def enters(self, folder: str) -> bool:
        """VitePress reads folders that begin with `_`, too."""
        name = PurePosixPath(folder).name
        is_other = self.below(folder) in self.languages
        return not (name.startswith(".") or name == "node_modules" or is_other)

    def is_page(self, file: str) -> bool:
        """Whatever its name begins with, but for a dot."""
        path = PurePosixPath(file)
        is_named_so = path.suffix.lower() in self.endings and not path.name.startswith(".")
        return is_named_so and not self.passes_over(file)

    def passes_over(self, file: str) -> bool:
        """What `srcExclude` names, and other languages."""
        if self.below(file).partition("/")[0] in self.languages:
            return True
        return any(re.fullmatch(one, self.below(file)) for one in self.excluded)

    def markdown(self, file: str, text: str, notes: Notes) -> str:
        """Put in other pages and code."""
        text = Includer(self.root, file, notes, INCLUDE, self._place, _lines).fill(text)
        text = Includer(self.root, file, notes, SNIPPET, self._place, _code).fill(text)
        front, body = split_front_matter(rewrite_prose(text, partial(CONTENTS.sub, "")))
        if "$frontmatter" in body:
            values = read_front_matter(front).values
            body = VALUE.sub(lambda found: values.get(found["key"], found[0]), body)
        # A badge in a heading is no part of its anchor.
        masked = HEADING.sub(lambda line: line[0].replace("<", "\0"), body)
        shown = component_words(masked).replace("\0", "<")
        return front + landing_text(front) + with_alerts(shown)

    def title_of(self, file: str, page: Page) -> str:
        """That of the page; the first page of a folder without one is called as the site."""
        return page.title or (self.title if self.below(file) == "index.md" else "")

    def route_of(self, file: str, front_matter: FrontMatter) -> str:
        """`a/b.md` is at a/b.html, or a/b with clean addresses; index.md is its folder's page."""
        below = self.below(file)
        fit = ((re.fullmatch(pattern, below), shown) for pattern, shown in self.rewrites)
        path = PurePosixPath(next((_filled(shown, one) for one, shown in fit if one), below))
        if path.stem == "index":
            return "" if path.parent.name == "" else f"{path.parent.as_posix()}/"
        return path.with_suffix(self.ending).as_posix()

    def _place(self, match: re.Match[str], folder: Path) -> Path:
        path = match["path"]
        return self.folder / path[1:].lstrip("/") if path.startswith("@") else folder / path


def _rewrites(config: str) -> Iterator[tuple[str, str]]:
    """Patterns of files, as regular expressions, and what stands for their paths."""
    block = REWRITES.search(config)
    for pair in PAIR.finditer(block["pairs"]) if block else ():
        written = re.escape(pair["file"]).replace(r"\(\.\*\)", "(.*)")
        parts = PARAMETER.split(re.sub(r"(:[A-Za-z_]\w*)\\([*+])", r"\1\2", written))
        names = parts[1::3]
        filled = {one[1] for one in PARAMETER.finditer(pair["shown"])}
        if len(set(names)) < len(names) or not filled <= set(names):
            continue
        if len(names) > MOST or sum(map(bool, parts[2::3])) > 1:
            continue
        pattern = parts[0]
        for name, rest, after in zip(names, parts[2::3], parts[3::3], strict=True):
            pattern += f"(?P<{name}>{'.*' if rest else '[^/]+'}){after}"
        yield pattern, pair["shown"]


def _filled(shown: str, found: re.Match[str]) -> str:
    """The path that a rewrite gives a file."""
    values = found.groupdict()
    return PARAMETER.sub(lambda one: values.get(one[1], one[0]), shown)


def _glob(pattern: str) -> str:
    """A glob as a regular expression for paths."""
    shown, at = "", 0
    for wild in GLOB.finditer(pattern):
        shown += re.escape(pattern[at : wild.start()])
        shown += {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}[wild[0]]
        at = wild.end()
    return shown + re.escape(pattern[at:])


def _region(text: str, name: str | None) -> list[str]:
    """The lines of a region of a file, without its marks; of all of it where no region is named."""
    lines = text.split("\n")
    if name is None:
        return lines
    kept, depth = [], 0
    for line in lines:
        mark = MARKER.fullmatch(line)
        if depth and mark:
            depth += -1 if mark["end"] else 1
            if not depth:
                break
        elif depth:
            kept.append(line)
        elif mark and not mark["end"] and (mark["name"] or "").strip() == name:
            depth = 1
    if not depth and not kept:
        raise PageNotRead("lacks that region")
    return kept


def _lines(match: re.Match[str], text: str) -> str:
    part, lines = match["part"] or "", _region(text, match["region"])
    first, comma, last = part.partition(",")
    start = int(first or 1)
    end = int(last) if last else (len(lines) if comma or not part else start)
    return "\n".join(lines[max(start - 1, 0) : end])


def _code(match: re.Match[str], text: str) -> str:
    text = "\n".join(_region(text, match["region"]))
    fence = "`" * max(
        3, 1 + max((len(one) for one in re.findall(r"^`+", text, re.MULTILINE)), default=2)
    )
    language = PurePosixPath(match["path"]).suffix[1:]
    lines = [f"{fence}{language}", *text.rstrip("\n").split("\n"), fence]
    return "\n".join(match["indent"] + line for line in lines)
