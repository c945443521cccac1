"""Rendered pages: made once, off the event loop, kept, and bounded."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from pathlib import Path

import pytest

from chains.index.book import Book, File
from ingestion.markdown.worker import Worker
from quart_app.pages import rendered_pages
from quart_app.pages.chapters import Rendered
from quart_app.pages.contents import Pages
from quart_app.pages.highlight import highlight
from quart_app.pages.links import PageLinks
from quart_app.pages.mathml import mathml
from quart_app.pages.rendered_pages import RenderedPages

FILE = File("a.md", "A", "a", ())
PAGES = Pages(Book("Book", "/book", "/book/", "fake", 4, "1", files={"a.md": FILE}))


def render_and_count(text: str, mdx: bool, links: PageLinks, slugs: str) -> Rendered:
    """Writes a line for each call into the file that the text names."""
    with Path(text).open("a") as file:
        file.write("rendered\n")
    time.sleep(0.05)
    return rendered_pages._plain(text)


def spin(text: str, mdx: bool, links: PageLinks, slugs: str) -> Rendered:
    while True:
        pass


def stumble(text: str, mdx: bool, links: PageLinks) -> Rendered:
    raise KeyError(text)


def end(text: str, mdx: bool, links: PageLinks) -> Rendered:
    os._exit(3)


async def test_a_page_is_rendered_with_its_links() -> None:
    async with RenderedPages() as rendered:
        page = await rendered.page(PAGES, FILE, "# Arms\n\n[Here](a.md) & there.\n")
    assert page.title == '<h1 id="arms">Arms</h1>\n'
    assert page.text == '<p><a href="/book/a">Here</a> &amp; there.</p>\n'


async def test_a_page_that_was_rendered_for_one_root_path_is_right_for_another(
    tmp_path: Path,
) -> None:
    text = "# Arms\n\n[Here](a.md) ![An arm](arm.png) \0 &#0; `\0`\n"
    async with RenderedPages() as rendered:
        for root_path in ("", "/tutor", "/a/b"):
            page = await rendered.page(PAGES, FILE, text, root_path)
            assert f'<a href="{root_path}/book/a">' in page.text
            assert f'<img src="{root_path}/figures/arm.png"' in page.text
            assert page.text.count("\ufffd") == 3
        assert len(rendered._kept) == 1
        plain = rendered_pages._plain("a \0 b")
        assert "\0" not in plain.text


async def test_a_page_is_rendered_once_however_many_ask(tmp_path: Path) -> None:
    calls = tmp_path / "calls"
    async with RenderedPages() as rendered:
        rendered._worker = Worker(render_and_count)
        asked = [rendered.page(PAGES, FILE, str(calls)) for _ in range(50)]
        first, *others = await asyncio.gather(*asked)
        later = await rendered.page(PAGES, FILE, str(calls))
    assert calls.read_text() == "rendered\n"
    assert all(page == first for page in [*others, later])


async def test_a_reader_who_leaves_takes_the_page_from_nobody(tmp_path: Path) -> None:
    calls = tmp_path / "calls"
    async with RenderedPages() as rendered:
        rendered._worker = Worker(render_and_count)
        impatient = asyncio.create_task(rendered.page(PAGES, FILE, str(calls)))
        patient = asyncio.create_task(rendered.page(PAGES, FILE, str(calls)))
        await asyncio.sleep(0)
        impatient.cancel()
        assert (await patient).text
    assert calls.read_text() == "rendered\n"


@pytest.mark.parametrize("function", [spin, stumble, end], ids=lambda one: str(one.__name__))
async def test_a_page_that_cannot_be_rendered_in_time_is_shown_as_it_was_written(
    function: object, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, logger="scholiast.site")  # commands in other tests set theirs
    monkeypatch.setattr(rendered_pages, "SECONDS", 1)
    beats = 0
    async with RenderedPages() as rendered:
        rendered._worker = Worker(function)  # type: ignore[arg-type]
        asked = asyncio.create_task(rendered.page(PAGES, FILE, "# A <b>\n"))
        while not asked.done():
            await asyncio.wait([asked], timeout=0.01)
            beats += 1
        page = await asked
        assert await rendered.page(PAGES, FILE, "# A <b>\n") == page
    assert "takes too long to lay out" in page.text
    assert "<pre># A &lt;b&gt;\n</pre>" in page.text
    assert caplog.text.count("'a.md' is shown as plain text") == 1  # it is kept
    assert beats > 1


async def test_what_is_kept_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendered_pages, "KEPT", 1000)
    async with RenderedPages() as rendered:
        for number in range(20):
            await rendered.page(PAGES, FILE, f"{number} " + "a" * 100)
        assert 0 < len(rendered._kept) < 5
        assert rendered._size <= 1000


async def test_leaving_ends_a_page_that_is_being_rendered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rendered_pages, "SECONDS", 3600)
    async with RenderedPages() as rendered:
        rendered._worker = Worker(spin)
        asked = asyncio.create_task(rendered.page(PAGES, FILE, "# A"))
        await asyncio.wait([asked], timeout=0.2)
    with pytest.raises(asyncio.CancelledError):
        await asked


def test_very_long_code_has_no_colours_and_a_very_long_formula_no_layout() -> None:
    assert "<span" not in highlight("a = 1; " * 300_000, "python")
    assert mathml("x_1 + " * 300_000, display=True).startswith('<code class="tex">')
