"""Starlight: pages, addresses and anchors as Astro builds them, and what components show."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingestion.folder.book_folder import read_book_folder
from tests.support.node import built, node_of_wheel
from tests.support.sites import anchors_of, contents, heading_ids, page_at, prose, routes, written

BOOK = Path(__file__).parent / "books" / "starlight"
NOT_OF_THE_PAGE = {"_top", "starlight__on-this-page", "footnote-label"}


def test_every_heading_is_at_its_address_on_the_site_that_astro_builds(
    pytestconfig: pytest.Config,
) -> None:
    command = ["node_modules/astro/bin/astro.mjs", "build", "--root", "{book}"]
    cache = pytestconfig.cache.mkdir("node")
    # Astro asks for a newer Node than some machines have.
    site = built(node_of_wheel(), BOOK, cache, [*command, "--outDir", "{site}"])
    book = read_book_folder(BOOK)
    pages = {one.file.route: page_at(site, one.file.route) for one in book.files}
    built_pages = {one for one in site.rglob("*.html") if one.name != "404.html"}
    assert set(pages.values()) == built_pages
    for one in book.files:
        page = pages[one.file.route]
        assert page is not None
        ids = [anchor for anchor in heading_ids(page) if anchor not in NOT_OF_THE_PAGE]
        assert anchors_of(one) == ids


def test_what_components_show_is_read_and_their_tags_are_not() -> None:
    book = read_book_folder(BOOK)
    for sentence in (
        "A valve stops what flows.",
        "Quick to close A ball valve closes by a quarter turn.",
        "Sand scratches the seat, and then it leaks.",
        "Hot metal Wear gloves near the boiler.",
        "Brass Brass rings bend.",
        "Steel Steel rings last.",
        "seat.cad the ring",
        "The ring new fits all.",
        "Home of valves",
        "They show how far a valve is open.",
        "Twelve turns.",
    ):
        assert sentence in " ".join(prose(book).split())
    for mark in ("<Tab", "<Card", "<Badge", "import {", "Never shown", "Not yet written"):
        assert mark not in contents(book)
    assert [note for note in book.notes if note.is_lost] == []


def test_pages_stand_as_the_sidebar_has_them_and_other_languages_are_books_of_their_own(
    tmp_path: Path,
) -> None:
    config = """export default defineConfig({ integrations: [starlight({
  title: { en: 'Valves', fr: 'Vannes' },
  locales: { root: { label: 'English', lang: 'en' }, fr: { label: 'Français' } },
  sidebar: [{ label: 'Go', items: ['start/seats', { slug: 'start/index' }] }, 'stems',
    { label: 'Ref', autogenerate: { directory: 'ref' } }],
})] });"""
    pages = {
        "index.mdx": "---\ntitle: Home\n---\nHi.\n",
        "stems.md": "---\ntitle: Stems\n---\nA stem.\n",
        "start/index.md": "---\ntitle: Start\n---\nGo.\n",
        "start/seats.md": "---\ntitle: Seats\n---\nA seat.\n",
        "ref/a.md": "---\ntitle: A\nsidebar:\n  label: Last\n  order: 2\n---\nOne.\n",
        "ref/b.md": "---\ntitle: B\nsidebar:\n  order: 1\n---\nTwo.\n",
        "fr/stems.md": "---\ntitle: Tiges\n---\nUne tige.\n",
    }
    files = {f"src/content/docs/{name}": text for name, text in pages.items()}
    book = written(tmp_path, files | {"astro.config.mjs": config})
    assert book.title == "Valves"
    assert list(routes(book).values()) == [
        *("", "start/seats/", "start/", "stems/", "ref/b/", "ref/a/")
    ]
    assert [(note.kind, note.count) for note in book.notes] == [
        ("pages of other versions and languages", 1)
    ]
