"""The search of the served book, over a real index."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from urllib.parse import quote

import pytest

from chains.index.library import Library
from ingestion.indexer import ingest
from quart_app.pages.contents import Pages
from quart_app.pages.found import LONGEST_LINE, LONGEST_QUERY, find
from quart_app.routes.site import SEARCH_LIMIT
from quart_app.settings import WebSettings
from tests.conftest import settings_of
from tests.quart_app.routes.test_site import opened, read


async def test_a_search_leads_to_the_headings_whose_text_has_the_words(
    example: WebSettings,
) -> None:
    async with opened(example) as (client, _):
        page = await read(client, "/search?q=capture+point")
        first = page.index('<ol class="found">')
        link = re.search(r'<a href="([^"]*)">([^<]*)</a>', page[first:])
        assert link
        assert unescape(link[2]) == "The capture point: where to step"
        path, _, anchor = link[1].partition("#")
        assert f' id="{anchor}"' in await read(client, path)
        assert '<p class="chapter">Balance</p>' in page
        assert "<mark>capture</mark> <mark>point</mark>" in page


async def test_a_line_is_shown_without_the_marks_of_markdown(library: Library) -> None:
    found = await find(library, Pages(library.book()), "zero moment point")
    lines = [one.line.striptags() for one in found]
    assert any("zero moment point" in line for line in lines)
    assert not [line for line in lines if re.search(r"!\[|\]\(|^[|#>]", line)]


async def test_other_forms_of_a_word_are_found_and_marked(library: Library) -> None:
    pages = Pages(library.book())
    for query in ("battery", "batteries"):
        found = await find(library, pages, query)
        assert found[0].chapter == "Power and Batteries"
        assert any("<mark>batter" in one.line.lower() for one in found)
        assert not any("![" in one.line for one in found)
    assert all(len(one.line.striptags()) <= LONGEST_LINE + 2 for one in found)


async def test_words_that_no_section_has_find_nothing_but_a_hint(example: WebSettings) -> None:
    async with opened(example) as (client, _):
        page = await read(client, "/search?q=xylophone")
        assert "No section has these words." in page
        assert "<li>" not in page[page.index('<ol class="found">') :]
        assert "No section" not in await read(client, "/search")
        assert "No section" not in await read(client, "/search?q=+")


async def test_search_engines_are_asked_not_to_keep_results(example: WebSettings) -> None:
    async with opened(example) as (client, _):
        response = await client.get("/search?q=robot")
        assert response.headers["X-Robots-Tag"] == "noindex"
        assert "form-action 'self'" in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "query",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "{{ 7 * 7 }} {title}",
        "((((a+)+)+$",
        "a%00b",
        "%ff%fe%ed%a0%80",
        "\u202eevil\u202c",
        "*' OR 1=1; --",
        "\U0001f916" * 50,
        "の" * LONGEST_QUERY,
    ],
    ids=range(10),
)
async def test_a_hostile_query_is_only_text(example: WebSettings, query: str) -> None:
    async with opened(example) as (client, _):
        written = query if "%" in query else quote(query)
        page = await read(client, f"/search?q={written}&q=second")
        assert not re.search(r"<script(?![^>]*\ssrc=)|<img|\son\w+=\"", page)
        assert ">49<" not in page


async def test_a_query_that_is_too_long_is_refused_in_words(example: WebSettings) -> None:
    async with opened(example) as (client, _):
        response = await client.get("/search?q=" + "a" * (LONGEST_QUERY + 1))
        assert response.status_code == 400
        assert "at most 200 characters" in await response.get_data(as_text=True)
        assert response.headers["X-Robots-Tag"] == "noindex"


async def test_who_searches_too_often_learns_when_to_come_again(example: WebSettings) -> None:
    async with opened(example) as (client, _):
        for _ in range(SEARCH_LIMIT.count):
            assert (await client.get("/search")).status_code == 200
        response = await client.get("/search?q=robot")
        assert response.status_code == 429
        seconds = response.headers["Retry-After"]
        assert f"come again in {seconds} seconds" in await response.get_data(as_text=True)


async def test_the_line_of_a_solution_is_not_shown(tmp_path: Path) -> None:
    (tmp_path / "book").mkdir()
    text = "# Gaits\n\nA gait repeats.\n\n## Answers\n\nThe answer is a trot.\n"
    (tmp_path / "book" / "one.md").write_text(text, "utf-8")
    settings = settings_of(tmp_path / "data")
    ingest(tmp_path / "book", settings)
    async with opened(settings) as (client, _):
        page = await read(client, "/search?q=trot")
        assert 'href="/book/one#answers"' in page
        assert "The answer" not in page[page.index('<ol class="found">') :]
