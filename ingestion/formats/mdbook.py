"""mdBook: https://rust-lang.github.io/mdBook/format/index.html."""

from __future__ import annotations

import posixpath
import re
from math import inf
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar

from chains.errors import SettingError
from ingestion.dialects.admonish import with_admonish_boxes
from ingestion.dialects.alerts import with_alerts
from ingestion.dialects.apart_from_code import rewrite_prose
from ingestion.dialects.component_words import component_words
from ingestion.formats.configurations import not_read
from ingestion.formats.format import Format
from ingestion.formats.includes import Includer
from ingestion.formats.notes import Notes
from ingestion.formats.page_addresses import Order
from ingestion.formats.texts import PageNotRead, folder_within, is_file, read_within
from ingestion.markdown.front_matter import FrontMatter, load_toml
from ingestion.markdown.parser import Page, parse
from ingestion.markdown.targets import links_of

SUMMARY = "SUMMARY.md"
INCLUDE = re.compile(
    r"(?P<escaped>\\)?\{\{\s*#(?P<kind>include|rustdoc_include|playground|playpen)"
    r"[ \t]+(?P<path>[^\s:{}]+)(?::(?P<part>[^\s{}]*))?[^{}\n]*\}\}"
)
TITLE = re.compile(r"\{\{\s*#title\s+[^{}\n]*\}\}\n?")
OTHER = re.compile(r"(?<!\\)\{\{(?:\s*#[a-z]\w*[^{}\n]*|%[a-z]\w*[^{}%\n]*)\}\}")
RULE = re.compile(r"^[ \t>]*r\[[\w.-]+\][ \t]*(?:\n|\Z)", re.MULTILINE)
"""The name of a rule, as mdbook-spec has them in front of paragraphs."""
COMPONENT = re.compile(r"<[A-Z]\w*\s+[a-z][\w-]*=")
READ = {"admonish", "alerts", "index", "links", "spec", "trpl-listing"}
"""Preprocessors whose syntax is read."""
ANCHOR = re.compile(r"ANCHOR(?:_END)?:\s*(?P<name>[\w-]+)")
RUST = re.compile(r"^(?P<indent>[ \t]*)(?P<fence>`{3,}|~{3,})[ \t]*rust\b.*?\n"
                  r"(?P<code>.*?)^[ \t]*(?P=fence)", re.DOTALL | re.MULTILINE)  # fmt: skip
HIDDEN_LINE = re.compile(r"^[ \t]*#(?:[ \t].*)?(?:\n|\Z)", re.MULTILINE)


class MdBook(Format):
    """A book of mdBook: SUMMARY.md says which pages there are, in which order."""

    name: ClassVar[str] = "mdbook"
    label: ClassVar[str] = "mdBook"
    configs: ClassVar[tuple[str, ...]] = ("book.toml", SUMMARY)
    endings: ClassVar[frozenset[str]] = frozenset({".md"})

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        config = _config(root)
        book = config.get("book")
        book = book if isinstance(book, dict) else {}
        title, source = book.get("title"), book.get("src", "src" if config else ".")
        self.title = title if isinstance(title, str) else ""
        self.folder = folder_within(root, root / str(source)) or self.folder
        self.listed: dict[str, tuple[int, str]] = {}
        """The place and the title of each page that SUMMARY.md names, by its path below the
        folder of the pages."""
        preprocessors = config.get("preprocessor")
        self._preprocessors = set(preprocessors) if isinstance(preprocessors, dict) else set()
        for one in sorted(self._preprocessors - READ):
            self.notes.add("preprocessors that are not run", one, is_lost=False)
        self._read_summary()
        self._publishes_all = not config
        self.slugs = "mdbook" if _is_smart(config) else "mdbook-plain"

    def is_page(self, file: str) -> bool:
        """With a book.toml, mdBook publishes what SUMMARY.md lists and nothing else."""
        below = self.below(file)
        if below in self.listed:
            return True
        return (self._publishes_all or not self.listed) and super().is_page(file)

    def passes_over(self, file: str) -> bool:
        """What SUMMARY.md does not list is not on the site either."""
        return not self.is_contents(file)

    def is_contents(self, file: str) -> bool:
        """SUMMARY.md at the top."""
        return self.below(file) == SUMMARY

    def enters(self, folder: str) -> bool:
        """A folder is entered if a listed page lies in it, whatever its name."""
        prefix = self.below(folder) + "/"
        return super().enters(folder) or any(page.startswith(prefix) for page in self.listed)

    def markdown(self, file: str, text: str, notes: Notes) -> str:
        """Put in what is included, and take out the lines that mdBook does not show."""
        includer = Includer(self.root, file, notes, INCLUDE, _place, _taken)
        text = TITLE.sub("", includer.fill(_without_escaped(text)))
        for left in OTHER.findall(text):
            notes.add("helpers of mdBook that are not known", f"{file}: {left}")
        text = OTHER.sub("", text).replace("\0", "{{#")
        text = RUST.sub(_without_hidden_lines, text)
        if "spec" in self._preprocessors:
            text = rewrite_prose(text, lambda prose: RULE.sub("", prose))
        if COMPONENT.search(text):
            text = component_words(text)
        return with_alerts(with_admonish_boxes(text))

    def title_of(self, file: str, page: Page) -> str:
        """As SUMMARY.md has it."""
        _, title = self.listed.get(self.below(file), (0, ""))
        return title or page.title

    def route_of(self, file: str, front_matter: FrontMatter) -> str:
        """`foo.md` is at foo.html, and README.md at index.html."""
        path = PurePosixPath(self.below(file))
        name = "index" if path.name.lower() == "readme.md" else path.stem
        return (path.parent / f"{name}.html").as_posix()

    def order_of(self, file: str, front_matter: FrontMatter) -> Order:
        """As in SUMMARY.md; then what it does not list."""
        place, _ = self.listed.get(self.below(file), (inf, ""))
        return [(place, False, []), *super().order_of(file, front_matter)]

    def _read_summary(self) -> None:
        summary = self.folder / SUMMARY
        try:
            text = read_within(self.root, summary)
        except PageNotRead as error:
            if summary.exists():
                raise SettingError(f"{summary} {error}.") from error
            self.notes.add("tables of contents not found", SUMMARY)
            return
        for title, address in links_of(parse(text).tokens):
            path = posixpath.normpath(address.split("#")[0]) if address else ""
            if not path.endswith(".md") or path in self.listed:
                continue
            self.listed[path] = (len(self.listed), title)
            if not is_file(self.folder / path):
                self.notes.add("pages of SUMMARY.md that are not there", path)


def _config(root: Path) -> dict[str, Any]:
    path = root / "book.toml"
    if not path.exists():
        return {}
    try:
        return load_toml(read_within(root, path)) or {"book": {}}
    except PageNotRead as error:
        raise SettingError(f"book.toml {error}.") from error
    except (ValueError, RecursionError) as error:
        raise not_read("book.toml", "TOML", error) from error


def _is_smart(config: dict[str, Any]) -> bool:
    """Whether quotes and dashes are made typographic, as they are by default."""
    output = config.get("output")
    html = output.get("html") if isinstance(output, dict) else None
    return not isinstance(html, dict) or html.get("smart-punctuation") is not False


def _without_escaped(text: str) -> str:
    return re.sub(r"\\\{\{\s*#", "\0", text)


def _place(match: re.Match[str], folder: Path) -> Path:
    return folder / match["path"]


def _taken(match: re.Match[str], text: str) -> str:
    """The lines that an include asks for; those of ANCHOR comments are never among them."""
    part, lines = match["part"] or "", text.split("\n")
    if lines and not lines[-1]:
        lines.pop()
    if part and not re.fullmatch(r"\d{0,9}(?::\d{0,9})?", part):
        lines = _anchored(lines, part)
    elif part:
        first, colon, last = part.partition(":")
        start = int(first or 1)
        end = int(last) if last else (len(lines) if colon else start)
        lines = lines[max(start - 1, 0) : end]
    shown = "\n".join(line for line in lines if not ANCHOR.search(line))
    return f"```rust\n{shown}\n```" if match["kind"].startswith("play") else shown


def _anchored(lines: list[str], name: str) -> list[str]:
    kept, is_inside = [], False
    for line in lines:
        match = ANCHOR.search(line)
        if match and match["name"] == name:
            is_inside = not match[0].startswith("ANCHOR_END")
        elif is_inside:
            kept.append(line)
    if not kept:
        raise PageNotRead("lacks that anchor")
    return kept


def _without_hidden_lines(match: re.Match[str]) -> str:
    """A block of Rust without the lines that begin with a hash and a blank."""
    start = match.start("code") - match.start()
    code = HIDDEN_LINE.sub("", match["code"])
    code = re.sub(r"^([ \t]*)##", r"\1#", code, flags=re.MULTILINE)
    return match[0][:start] + code + match[0][match.end("code") - match.start() :]
