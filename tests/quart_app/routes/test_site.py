"""The reader's site, over a real index."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from html import unescape
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote

import pytest
from quart import Quart
from quart.typing import TestClientProtocol as Client

from chains.answering.relevance import gate_facts
from ingestion.indexer import ingest
from quart_app import create_app
from quart_app.pages.figure_files import LARGEST
from quart_app.services import Services, open_services
from quart_app.settings import WebSettings
from tests.conftest import settings_of

PIXEL = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@asynccontextmanager
async def opened(settings: WebSettings) -> AsyncIterator[tuple[Client, Services]]:
    """A client of the real app, and what it works with."""
    async with open_services(settings) as services:
        app = create_app(lambda: nullcontext(services))
        async with app.test_app():
            yield app.test_client(), services


async def read(client: Client, path: str) -> str:
    """The body of a page that must be there."""
    response = await client.get(path)
    assert response.status_code == 200, path
    return await response.get_data(as_text=True)


async def test_the_contents_lead_to_every_chapter(example: WebSettings) -> None:
    async with opened(example) as (client, services):
        book = services.library.book()
        contents = await read(client, "/")
        assert f"<h1>{book.title}</h1>" in unescape(contents)
        for file in book.files.values():
            assert f'<a href="/book/{file.route}">{file.title}</a>' in unescape(contents)
            assert f"<title>{file.title} – {book.title}" in unescape(
                await read(client, f"/book/{file.route}")
            )


async def test_every_section_of_the_index_is_an_anchor_of_its_page_once(
    example: WebSettings,
) -> None:
    async with opened(example) as (client, services):
        for file in services.library.book().files.values():
            page = await read(client, f"/book/{file.route}")
            for anchor in {section.anchor for section in file.sections} - {""}:
                assert page.count(f' id="{anchor}"') == 1, f"{file.file}#{anchor}"


async def test_every_link_on_every_page_leads_somewhere(example: WebSettings) -> None:
    async with opened(example) as (client, services):
        pages = {"/": await read(client, "/")}
        for file in services.library.book().files.values():
            pages[f"/book/{file.route}"] = await read(client, f"/book/{file.route}")
        for page, html in list(pages.items()):
            for target in map(unescape, re.findall(r'(?:href|src)="(?!https?:)([^"]*)"', html)):
                path, _, anchor = target.partition("#")
                if (path or page) not in pages:
                    pages[path] = await read(client, path)
                assert not anchor or f' id="{anchor}"' in pages[path or page], f"{page}: {target}"


async def test_pages_turn_in_reading_order(example: WebSettings) -> None:
    async with opened(example) as (client, services):
        routes = [file.route for file in services.library.book().files.values()]
        for here, after in pairwise(routes):
            assert f'<a rel="next" href="/book/{after}">' in await read(client, f"/book/{here}")
            assert f'<a rel="prev" href="/book/{here}">' in await read(client, f"/book/{after}")


async def test_the_sidebar_lists_the_chapters_and_marks_the_present_one(
    example: WebSettings,
) -> None:
    async with opened(example) as (client, services):
        files = list(services.library.book().files.values())
        page = unescape(await read(client, f"/book/{files[3].route}"))
        beside = page[page.index('id="sidebar"') : page.index("<main")]
        listed = re.findall(r'<a href="/book/([^"#]*)"( aria-current="page")?>', beside)
        assert [route for route, _ in listed] == [file.route for file in files]
        assert [route for route, mark in listed if mark] == [files[3].route]
        anchors = [section.anchor for section in files[3].sections if len(section.path) > 1]
        assert re.findall(r'<a href="#([^"]*)">', beside) == anchors


async def test_the_page_is_in_the_language_of_its_book(tmp_path: Path) -> None:
    (tmp_path / "book").mkdir()
    text = "# الروبوت\n\nالروبوت آلة تمشي على قدمين، وتحفظ توازنها حين تمشي على الأرض.\n"
    (tmp_path / "book" / "one.md").write_text(text, "utf-8")
    settings = settings_of(tmp_path / "data")
    ingest(tmp_path / "book", settings)
    async with opened(settings) as (client, _):
        assert '<html lang="ar" dir="rtl">' in await read(client, "/book/one")
        assert "في هذا الفصل" not in await read(client, "/book/one")
        missing = await client.get("/book/two")
        assert "لا توجد صفحة كهذه" in await missing.get_data(as_text=True)


async def test_pages_run_under_a_strict_policy(example: WebSettings) -> None:
    async with opened(example) as (client, services):
        route = next(iter(services.library.book().files.values())).route
        for path in ("/", f"/book/{route}", "/no/such/page"):
            response = await client.get(path)
            html = await response.get_data(as_text=True)
            policy = response.headers["Content-Security-Policy"]
            assert {"default-src 'none'", "frame-ancestors 'none'"} <= set(policy.split("; "))
            assert {"base-uri 'none'", "form-action 'self'"} <= set(policy.split("; "))
            assert "unsafe" not in policy
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            assert response.headers["Referrer-Policy"] == "same-origin"
            assert not re.search(r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son\w+=", html)


async def test_an_unknown_address_leads_back_to_the_contents(example: WebSettings) -> None:
    async with opened(example) as (client, _):
        too_long = "a" * 300  # for a name in a folder
        for path in (
            "/book/no-such-chapter",
            "/nowhere",
            "/static/none.css",
            f"/static/{too_long}",
            f"/figures/{too_long}.png",
        ):
            response = await client.get(path)
            assert response.status_code == 404
            assert '<a href="/">Back to the contents' in await response.get_data(as_text=True)


async def test_the_page_says_what_answers(example: WebSettings) -> None:
    async with opened(example) as (client, _):
        assert "Quoted from the book, no language model connected" in await read(client, "/")


async def test_readiness_names_book_and_model(example: WebSettings) -> None:
    async with opened(example) as (client, services):
        response = await client.get("/readyz")
        book = services.library.book()
        assert response.status_code == 200
        assert await response.get_json() == {
            "status": "ready",
            "book": {
                "title": book.title,
                "base_url": "/book/",
                "index_version": book.version,
                "files": len(book.files),
                "sections": sum(len(file.sections) for file in book.files.values()),
                "chunks": book.scope.vocabulary.chunks,
                "gate": gate_facts(book.scope, "even"),
            },
            "model": "quotes",
            "limits": [],
        }


@pytest.mark.parametrize("name", ["site.css", "icon.svg"])
async def test_static_files_have_types_that_browsers_accept(closed_app: Quart, name: str) -> None:
    types = {"css": "text/css", "svg": "image/svg+xml"}
    response = await closed_app.test_client().get(f"/static/{name}")
    assert response.status_code == 200
    assert response.mimetype == types[name.rpartition(".")[2]]


@pytest.mark.parametrize("name", ["a" * 1000, "a/" * 3000, "é" * 200])
async def test_a_name_that_no_file_can_have_is_not_found(closed_app: Quart, name: str) -> None:
    assert (await closed_app.test_client().get(f"/static/{name}")).status_code == 404


async def test_before_its_services_are_open_the_server_is_alive_but_not_ready(
    closed_app: Quart,
) -> None:
    client = closed_app.test_client()
    assert (await client.get("/healthz")).status_code == 200
    for path in ("/readyz", "/", "/book/a", "/figures/a.png"):
        response = await client.get(path)
        assert response.status_code == 503
        assert "starting" in await response.get_data(as_text=True)


async def test_a_page_and_a_figure_may_have_any_name_that_files_have(tmp_path: Path) -> None:
    book, name = tmp_path / "book", "a\nb\x1b%2e #?"
    book.mkdir()
    (book / f"{name}.md").write_text("# One\n\nWords of the page.\n", "utf-8")
    (book / f"{name}.svg").write_text(PIXEL, "utf-8")
    settings = settings_of(tmp_path / "data")
    ingest(book, settings)
    async with opened(settings) as (client, services):
        [page] = services.library.book().files.values()
        assert "Words of the page." in await read(client, f"/book/{quote(page.route)}")
        assert (await client.get(f"/figures/{quote(name)}.svg")).status_code == 200


async def test_figures_come_from_the_books_folder_and_cannot_script(
    example: WebSettings, tmp_path: Path
) -> None:
    book = tmp_path / "book"
    (book / "img").mkdir(parents=True)
    (book / "one.md").write_text("# One\n\n![Arm](img/arm%20one.svg)\n", "utf-8")
    (book / "img" / "arm one.svg").write_text(PIXEL, "utf-8")
    (book / "img" / "notes.txt").write_text("secret", "utf-8")
    (tmp_path / "outside.svg").write_text(PIXEL, "utf-8")
    (book / "img" / "link.svg").symlink_to(tmp_path / "outside.svg")
    (book / "img" / "itself.svg").symlink_to("itself.svg")
    settings = settings_of(tmp_path / "data")
    ingest(book, settings)
    async with opened(settings) as (client, services):
        file = services.library.book().files["one.md"]
        assert 'src="/figures/img/arm%20one.svg"' in await read(client, f"/book/{file.route}")
        figure = await client.get("/figures/img/arm%20one.svg")
        assert (figure.status_code, figure.mimetype) == (200, "image/svg+xml")
        assert "default-src 'none'" in figure.headers["Content-Security-Policy"]
        assert "sandbox" in figure.headers["Content-Security-Policy"]
        for path in (
            "img/link.svg",
            "img/itself.svg",
            "img/itself.svg/one.svg",
            "img/notes.txt",
            "one.md",
            "img",
            "img/missing.png",
            "../outside.svg",
            "..%2foutside.svg",
            "img/..%2f..%2foutside.svg",
            "%2e%2e/outside.svg",
            "%2fetc%2fhostname.svg",
            "a%00.svg",
        ):
            response = await client.get(f"/figures/{path}", follow_redirects=True)
            assert response.status_code == 404, path


async def test_images_are_found_where_the_makes_of_sites_keep_them(tmp_path: Path) -> None:
    book = tmp_path / "book"
    for folder in ("static/img", "docs/guide", "docs/public"):
        (book / folder).mkdir(parents=True)
    for name in ("static/img/a.svg", "docs/public/b.svg", "docs/guide/c.svg"):
        (book / name).write_text(PIXEL, "utf-8")
    images = "![a](/img/a.svg) ![b](/b.svg) ![c](c.svg) ![d](@site/static/img/a.svg)"
    (book / "docs" / "guide" / "one.md").write_text(f"# One\n\n{images}\n", "utf-8")
    settings = settings_of(tmp_path / "data")
    ingest(book, settings)
    async with opened(settings) as (client, services):
        file = services.library.book().files["docs/guide/one.md"]
        sources = re.findall(r'<img src="([^"]*)"', await read(client, f"/book/{file.route}"))
        assert len(sources) == 4
        for source in sources:
            assert (await client.get(source)).status_code == 200, source
        with (book / "static" / "img" / "a.svg").open("r+b") as image:
            image.truncate(LARGEST + 1)
        assert (await client.get(sources[0])).status_code == 404


async def test_where_only_the_index_is_a_page_has_the_words_of_its_images(tmp_path: Path) -> None:
    book = tmp_path / "book"
    book.mkdir()
    (book / "one.md").write_text("# One\n\nSee ![an arm](arm.svg) here.\n", "utf-8")
    settings = settings_of(tmp_path / "data")
    ingest(book, settings)
    async with opened(settings) as (client, _):
        assert 'alt="an arm"' in await read(client, "/book/one")
        book.rename(tmp_path / "elsewhere")
        assert "See <em>an arm</em> here." in await read(client, "/book/one")
        (tmp_path / "elsewhere").rename(book)
        assert 'alt="an arm"' in await read(client, "/book/one")


@pytest.fixture
def closed_app(example: WebSettings) -> Quart:
    """The app before it serves."""
    return create_app(lambda: open_services(example))
