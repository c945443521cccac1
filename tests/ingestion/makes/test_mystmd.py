"""mystmd: pages, addresses, anchors and words as the real program writes them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ingestion.folder.book_folder import BookFolder, read_book_folder
from tests.support.node import built, find_node
from tests.support.sites import anchors_of, contents, prose, written

BOOK = Path(__file__).parent / "books" / "mystmd"
NO_WORDS = {
    "captionNumber",
    "math",
    "inlineMath",
    "code",
    "cite",
    "solution",
    "crossReference",
    "mystRole",
    "role",
}
WORD = re.compile(r"[^\W\d_]{3,}")


@pytest.fixture
def pages(pytestconfig: pytest.Config) -> dict[str, Any]:
    """What mystmd wrote of each page, by its address."""
    # It builds in the folder of the book, so that is what is kept.
    script = (
        "const [book, site] = process.argv.slice(1), fs = require('fs');"
        "require('child_process').execFileSync(process.execPath,"
        " [require.resolve('mystmd/dist/myst.cjs', {paths: [book]}), 'build', '--site'],"
        " {cwd: book}); fs.cpSync(book + '/_build/site', site, {recursive: true});"
    )
    cache = pytestconfig.cache.mkdir("node")
    site = built(
        find_node(),
        BOOK,
        cache,
        ["-e", script.replace("{", "{{").replace("}", "}}"), "{book}", "{site}"],
    )
    listed = json.loads((site / "myst.xref.json").read_text("utf-8"))["references"]
    return {
        one["url"].strip("/"): json.loads((site / one["data"].strip("/")).read_text("utf-8"))
        for one in listed
        if one["kind"] == "page"
    }


def test_every_heading_is_at_its_address_on_the_site_that_mystmd_builds(
    pages: dict[str, Any],
) -> None:
    book = read_book_folder(BOOK)
    assert [one.file.route for one in book.files] == list(pages)
    for one in book.files:
        headings = (node for node in nodes(pages[one.file.route]["mdast"]) if is_heading(node))
        assert anchors_of(one) == [node["html_id"] for node in headings]


def test_every_word_that_mystmd_shows_is_read(pages: dict[str, Any]) -> None:
    book = read_book_folder(BOOK)
    read = set(WORD.findall(contents(book))) | headings(book)
    shown = " ".join(text for page in pages.values() for text in texts(page["mdast"]))
    assert set(WORD.findall(shown)) - read == set()
    assert "as Lilienthal (1889) measured; others agree." in prose(book)
    assert "Chord: How wide a wing is from its front to its back." in prose(book)
    assert "Never shown" not in contents(book)


def headings(book: BookFolder) -> set[str]:
    sections = (section for one in book.files for section in one.file.sections)
    return {word for section in sections for word in WORD.findall(" ".join(section.path))}


def is_heading(node: dict[str, Any]) -> bool:
    return node.get("type") == "heading"


def nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("children", ()):
        yield from nodes(child)


def texts(node: dict[str, Any]) -> Iterator[str]:
    if node.get("type") in NO_WORDS or node.get("visibility") == "remove":
        return
    if node.get("type") == "text":
        yield node["value"]
    for child in node.get("children", ()):
        yield from texts(child)


def test_values_in_double_braces_are_counted_and_stay(tmp_path: Path) -> None:
    page = "# Pumps\n\nVersion {{ version }} of $x^{{ab}}$ and `{{ code }}`.\n"
    book = written(tmp_path, {"myst.yml": "project: {}\n", "pumps.md": page})
    assert [(note.kind, note.count, note.examples) for note in book.notes] == [
        ("substitutions without a value", 1, ("pumps.md: {{ version }}",))
    ]
    assert "Version {{ version }} of" in contents(book)
