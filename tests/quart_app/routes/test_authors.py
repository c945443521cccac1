"""/api/ingest and /api/content: who may call them, and what they refuse."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from httpx2 import AsyncClient, Response

from quart_app.authors.token import read_token
from quart_app.routes.authoring.bodies import NO_ADDRESS
from quart_app.serve import serving
from tests.conftest import EXAMPLE_BOOK, settings_of
from tests.support.folders import copy_folder


@pytest.fixture
def data(example_folder: Path, tmp_path: Path) -> Path:
    copy_folder(example_folder, tmp_path / "data")
    return tmp_path / "data"


@pytest.fixture
async def http(data: Path) -> AsyncIterator[AsyncClient]:
    """A client with the token of a server of the example book."""
    async with (
        serving(settings_of(data)) as url,
        AsyncClient(base_url=url, trust_env=False) as http,
    ):
        http.headers["Authorization"] = f"Bearer {read_token(data)}"
        yield http


async def ended(http: AsyncClient, started: Response) -> dict[str, Any]:
    """What became of an ingestion."""
    assert started.status_code == 202, started.text
    while True:
        one: dict[str, Any] = (await http.get(started.headers["Location"])).json()
        if one["status"] != "running":
            return one
        await asyncio.sleep(0.25)  # more than 600 looks in a minute are refused


async def test_only_who_has_the_token_may_call_them(http: AsyncClient) -> None:
    calls = [("POST", "api/ingest"), ("GET", "api/ingest/x"), ("DELETE", "api/ingest/x"),
             ("GET", "api/content")]  # fmt: skip
    for given in ("", "Bearer", "Bearer wrong", "Basic " + http.headers["Authorization"][7:]):
        for method, path in calls:
            answer = await http.request(method, path, headers={"Authorization": given})
            assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")


async def test_the_content_is_every_chapter_with_the_addresses_of_its_sections(
    http: AsyncClient,
) -> None:
    content = (await http.get("api/content")).json()
    assert content["index_version"] == (await http.get("readyz")).json()["book"]["index_version"]
    assert len(content["chapters"]) == 10
    first = content["chapters"][0]
    assert first["url"].startswith("/book/")
    assert first["sections"][0]["url"].startswith(first["url"])


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"[]", "it has to be an object."),
        (b"{", "it is not valid JSON in UTF-8."),
        (b"\xff", "it is not valid JSON in UTF-8."),
        (b'{"path": "\xff"}', "it is not valid JSON in UTF-8."),
        (b'{"unknown": 1}', "There is no `unknown`."),
        (b'{"replace": "yes"}', "`replace` has to be true or false."),
        (b'{"path": 5}', "`path` has to be a string or null."),
        (b'{"title": "%s"}' % (b"x" * 301), "`title` has to have at most 300 characters."),
        (b'{"url_style": "x"}', "`url_style` has to be directory, html, clean or empty."),
        (b'{"base_url": "ftp://x"}', NO_ADDRESS),
        (b'{"base_url": "http://[1"}', NO_ADDRESS),
    ],
)
async def test_a_body_that_is_not_what_it_should_be_gets_422_in_plain_words(
    http: AsyncClient, body: bytes, problem: str
) -> None:
    answer = await http.post("api/ingest", content=body)
    assert answer.status_code == 422
    assert answer.json()["error"] == f"The body is not what it should be: {problem}"


@pytest.mark.parametrize("address", ["api/restore", "api/prompts/answer/check"])
async def test_no_body_that_is_no_text_ends_in_a_trace(http: AsyncClient, address: str) -> None:
    for body in (b'{"text": "\xff"}', b"\xff", b"[" * 60_000):
        answer = await http.post(address, content=body)
        assert answer.status_code == 422, body[:20]


@pytest.mark.parametrize("path", ["/etc", "/", str(EXAMPLE_BOOK / ".."), "a\0b", "x" * 4000])
async def test_no_folder_but_the_books_is_read(http: AsyncClient, path: str) -> None:
    answer = await http.post("api/ingest", json={"path": path})
    assert answer.status_code == 403
    assert "reads no other folder" in answer.json()["error"]


async def test_one_ingestion_runs_at_a_time_and_can_be_stopped(
    http: AsyncClient, data: Path
) -> None:
    first = await http.post("api/ingest", json={"replace": True})
    second = await http.post("api/ingest")
    assert (first.status_code, second.status_code) == (202, 409)
    assert second.json()["id"] == first.json()["id"]
    stopped = await http.delete(first.headers["Location"])
    assert stopped.json()["status"] == "stopped"
    planned = await ended(http, await http.post("api/ingest", json={"dry_run": True}))
    assert planned["result"]["is_current"]
    assert len([one for one in (data / "index").iterdir() if len(one.name) == 16]) == 1
    assert (await http.get("api/ingest/unknown")).status_code == 404


async def test_a_flood_of_calls_gets_429(http: AsyncClient) -> None:
    answers = [await http.post("api/ingest", content=b"{") for _ in range(21)]
    assert {one.status_code for one in answers[:20]} == {422}
    assert answers[20].status_code == 429
    assert int(answers[20].headers["Retry-After"]) > 0
