"""How an author has a book published: its title, and how the addresses of its pages end."""

from __future__ import annotations

from pathlib import Path

import pytest

from chains.embeddings.provider import open_embeddings
from chains.index.book import Book
from chains.index.records import read_book
from chains.index.store import open_store
from chains.page_urls import UrlStyle
from ingestion.indexer import ingest
from quart_app.settings import WebSettings
from tests.conftest import settings_of

SITE = "https://robots.example/docs/"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "robots"
    (root / "motion").mkdir(parents=True)
    (root / "index.md").write_text("# Robots\n\nRobots move.\n")
    (root / "motion" / "index.md").write_text("# Motion\n\nLegs move a robot.\n")
    (root / "motion" / "gait.md").write_text("# Gait\n\nA gait is a pattern of steps.\n")
    return root


@pytest.fixture
def settings(tmp_path: Path) -> WebSettings:
    return settings_of(tmp_path / "data")


def book_in(settings: WebSettings) -> Book:
    with open_store(settings, open_embeddings(settings)) as store:
        return read_book(store)


def urls(book: Book) -> list[str]:
    """Behind the site's address."""
    return [book.url(file).removeprefix(book.base_url) for file in book.files.values()]


@pytest.mark.parametrize(
    ("style", "ends"),
    [
        ("", ["", "motion", "motion/gait"]),
        ("clean", ["", "motion", "motion/gait"]),
        ("directory", ["", "motion/", "motion/gait/"]),
        ("html", ["", "motion/index.html", "motion/gait.html"]),
    ],
)
def test_addresses_end_as_the_author_says(
    root: Path, settings: WebSettings, style: UrlStyle, ends: list[str]
) -> None:
    ingest(root, settings, base_url=SITE, url_style=style)
    assert urls(book_in(settings)) == ends


def test_what_the_author_gave_is_kept_until_something_else_is_given(
    root: Path, settings: WebSettings
) -> None:
    ingest(root, settings, base_url=SITE, url_style="html", title=" A book of robots ")
    (root / "arm.md").write_text("# Arm\n\nAn arm reaches.\n")
    again = ingest(root, settings)
    book = book_in(settings)
    assert (book.title, book.url_style, book.base_url) == ("A book of robots", "html", SITE)
    assert again.title == "A book of robots"
    last = ingest(root, settings, title="", url_style="")
    assert (last.embedded, last.has_written) == (0, True)
    book = book_in(settings)
    assert (book.title, book.url_style, book.base_url) == ("Robots", "", SITE)


def test_on_our_own_site_addresses_are_as_the_pages_there_have_them(
    root: Path, settings: WebSettings
) -> None:
    ingest(root, settings, url_style="html")
    book = book_in(settings)
    assert book.base_url == "/book/"
    assert urls(book) == ["", "motion", "motion/gait"]
