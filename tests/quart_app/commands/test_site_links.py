"""`scholiast links`: the addresses of a book against a built site."""

from __future__ import annotations

from pathlib import Path

from chains.index.book import Book, File, Section
from quart_app.commands.site_links import check_links
from tests.support.commands import run


def book(*files: File) -> Book:
    named = {file.file: file for file in files}
    return Book("A", "/a", "https://a.example/", "minilm", 384, "v", files=named)


def page(route: str, *anchors: str) -> File:
    sections = tuple(Section((name,), 0, name, 0, 1) for name in anchors)
    return File(f"{route}.md", "A", route, sections)


def test_addresses_are_found_by_directory_by_file_and_without_an_ending(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "index.html").write_text('<h1 id="top">A</h1><h2 id=two>B</h2>')
    (tmp_path / "b.html").write_text("<h2 id='&uuml;ber'>B</h2>")
    files = page("a/", "top", "two"), page("b", "über"), page("b.html", "")
    assert check_links(book(*files), tmp_path).dead == ()


def test_missing_pages_and_anchors_are_named_with_the_share(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text('<h2 id="here">A</h2>')
    found = check_links(book(page("a", "here", "gone"), page("../out", "x")), tmp_path)
    assert found.total == 3
    assert found.dead == ("https://a.example/a#gone", "https://a.example/../out#x")
    assert round(found.share, 2) == 0.33


def test_the_command_checks_an_ingested_book_against_its_site(tmp_path: Path, alone: Path) -> None:
    root, site = tmp_path / "book", tmp_path / "site"
    root.mkdir()
    (root / "gait.md").write_text("# Gait\n\nA gait repeats.\n\n## Steps {#steps}\n\nTwo.\n")
    assert run("ingest", str(root), "--base-url", "https://a.example/").exit_code == 0
    (site / "gait").mkdir(parents=True)
    page = site / "gait" / "index.html"
    page.write_text('<h1 id="gait">Gait</h1><h2 id="steps">Steps</h2>')
    good = run("links", "--site", str(site))
    assert (good.exit_code, good.output) == (0, "2 of 2 addresses are on the site (100.0%).\n")
    page.write_text('<h1 id="gait">Gait</h1><h2 id="strides">Steps</h2>')
    bad = run("links", "--site", str(site))
    assert bad.exit_code == 1
    assert "1 of 2 addresses are on the site (50.0%)." in bad.output
    assert "not there: https://a.example/gait#steps" in bad.output
