"""/llms.txt of a real server: the contents for programs."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest
from markdown_it import MarkdownIt

from ingestion.indexer import ingest
from quart_app.serve import serving
from quart_app.settings import WebSettings
from tests.conftest import settings_of

LINK = re.compile(r"- \[.+\]\((\S+)\)")


async def contents(url: str) -> str:
    async with httpx2.AsyncClient(trust_env=False) as http:
        answer = await http.get(f"{url}llms.txt")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    return answer.text


async def test_every_page_is_named_with_an_address_that_opens(example: WebSettings) -> None:
    async with serving(example) as url, httpx2.AsyncClient(trust_env=False) as http:
        text = await contents(url)
        addresses = LINK.findall(text)
        ready = (await http.get(f"{url}readyz")).json()
        assert len(addresses) == ready["book"]["files"]
        for address in addresses:
            assert (await http.get(address)).status_code == 200, address
    assert text.splitlines()[0] == f"# {ready['book']['title']}"


@pytest.mark.parametrize("title", ["A [b](https://other.example) c", "# `x` <b>", "plain"])
async def test_a_title_is_only_text_and_addresses_are_the_authors(
    tmp_path: Path, title: str
) -> None:
    root = tmp_path / "book"
    (root / "größe (neu)").mkdir(parents=True)
    (root / "größe (neu)" / "a b.md").write_text(f"---\ntitle: '{title}'\n---\n\nA robot walks.\n")
    settings = settings_of(tmp_path / "data")
    ingest(root, settings, base_url="https://robots.example/docs/", title=title)
    async with serving(settings) as url:
        tokens = MarkdownIt().parse(await contents(url))
    shown = [token for token in tokens if token.type == "inline"]
    assert shown[0].content.replace("\\", "") == title
    links = [one for token in shown for one in token.children or () if one.type == "link_open"]
    (address,) = (str(link.attrs["href"]) for link in links)
    parts = urlsplit(address)
    assert (parts.scheme, parts.netloc) == ("https", "robots.example")
    assert parts.path == "/docs/gr%C3%B6%C3%9Fe%20%28neu%29/a%20b"
