"""Built sites: pages, order and addresses, by folder or by sitemap.xml."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingestion.folder.book_folder import BookFolder, read_book_folder
from tests.ingestion.makes.test_sphinx import BOOK, PROGRAMS
from tests.support.python_programs import built, environment
from tests.support.sites import contents, dead_addresses, prose

PAGE = "<title>{0} | My site</title><main><h1 id='top'>{0}</h1><p>About {0}, in some words.</p>"


def written(root: Path, *names: str, **files: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(PAGE.format(name), "utf-8")
    for name, text in files.items():
        (root / name.replace("_", ".")).write_text(text, "utf-8")
    return root


def routes(book: BookFolder) -> list[str]:
    return [one.file.route for one in book.files]


def test_a_site_that_sphinx_built_is_read_like_its_sources(pytestconfig: pytest.Config) -> None:
    cache = pytestconfig.cache.mkdir("python")
    sphinx = environment(cache, *PROGRAMS)
    command = [str(sphinx / "sphinx-build"), "-q", "-b", "html", "{book}", "{site}"]
    site = built(cache, BOOK, command)
    book = read_book_folder(site)
    assert (book.format, book.title) == ("HTML", "Springs and Dampers")
    assert routes(book)[:3] == ["", "springs.html", "guide/dampers.html"]
    assert dead_addresses(book, site) == []
    text = prose(book)
    for sentence in ("Thin wire is soft.", "Half as stiff as one.", "Steel wire is drawn cold."):
        assert sentence in text
    assert "F = -k x" in contents(book)
    assert "def work(k, x):" in contents(book)
    assert "never shown" not in contents(book)
    kinds = {chunk.kind for one in book.files for chunk in one.chunks if "Half as" in chunk.content}
    assert kinds == {"solution"}


def test_the_sitemap_says_which_pages_and_in_which_order(tmp_path: Path) -> None:
    urls = ("book/b/", "book/a.html", "book/gone.html", "book/")
    locations = "".join(f"<url><loc>https://my.example/{url}</loc></url>" for url in urls)
    foreign = "<url><loc>https://other.example/a.html</loc></url>"
    root = written(
        tmp_path,
        *("index.html", "a.html", "b/index.html", "c.html", "404.html"),
        sitemap_xml=f"<urlset>{locations}{foreign}</urlset>",
    )
    for path in (root, root / "sitemap.xml"):
        book = read_book_folder(path)
        assert routes(book) == ["", "b/", "a.html"]
        assert "addresses of the sitemap on other hosts" in {note.kind for note in book.notes}


def test_without_a_sitemap_the_first_page_gives_the_order(tmp_path: Path) -> None:
    root = written(tmp_path, "c.html", "a.html", "b/d.html", "404.html", "search.html")
    links = "<nav><a href='c.html'>C</a><a href=\"./b/d.html#x\">D</a></nav>"
    (root / "index.html").write_text(links + PAGE.format("Start"), "utf-8")
    assert routes(read_book_folder(root)) == ["", "c.html", "b/d.html", "a.html"]


def test_a_heading_without_an_id_has_no_anchor(tmp_path: Path) -> None:
    text = PAGE.format("A") + "<h2>One</h2><p>First text.</p><h2>Two</h2><p>Second text.</p>"
    (tmp_path / "index.html").write_text(text, "utf-8")
    book = read_book_folder(tmp_path)
    assert [section.anchor for section in book.files[0].file.sections] == ["top", "", ""]


SITEMAPS = ("", "<loc>", "<loc>http://[</loc>" * 1_000, "\x00", "<!DOCTYPE")


@pytest.mark.parametrize("sitemap", SITEMAPS)
def test_a_sitemap_that_says_nothing_is_passed_over(tmp_path: Path, sitemap: str) -> None:
    root = written(tmp_path, "index.html", sitemap_xml=sitemap)
    assert routes(read_book_folder(root)) == [""]
