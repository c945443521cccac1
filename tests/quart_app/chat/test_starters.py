"""Questions to begin with: those of the page that a reader has open."""

from __future__ import annotations

import pytest
from typing_extensions import override

from chains.errors import ServiceUnavailable
from chains.index.library import Library
from chains.question import Question
from quart_app.serve import serving
from quart_app.settings import WebSettings
from tests.support.scripted_tutor import ScriptedTutor
from tests.support.sessions import Server
from tests.support.talking import client, receive, send

PAGE = "https://robots.example/book/motion/balance.html?theme=dark#zmp"


async def test_a_page_has_questions_of_its_own_and_any_other_address_those_of_the_book(
    library: Library,
) -> None:
    kept = await library.read_starters(("", "03-motion/01-balance.mdx"))
    asked = {file: tuple(one.question for one in each.questions) for file, each in kept.items()}
    own, whole = asked["03-motion/01-balance.mdx"], asked[""]
    assert own
    assert whole
    assert own != whole
    assert await library.questions_for(PAGE) == own
    for other in ("https://robots.example/about", "http://[", None):
        assert await library.questions_for(other) == whole


async def test_a_client_gets_the_questions_of_its_page(
    example: WebSettings, library: Library
) -> None:
    async with serving(example) as url, client(url) as socket:
        assert "starters" in (await receive(socket))["data"]["features"]
        for data, page in (({"page": PAGE}, PAGE), ({}, None)):
            await send(socket, "get_starters", data)
            got = await receive(socket)
            assert got["type"] == "starters"
            assert got["data"]["questions"] == list(await library.questions_for(page))


@pytest.mark.parametrize("error", [ServiceUnavailable("index", "it is away"), TimeoutError()])
async def test_an_index_that_does_not_answer_has_no_questions_and_the_socket_goes_on(
    error: Exception,
) -> None:
    class Unable(ScriptedTutor):
        @override
        async def starters(self, asked: Question) -> tuple[str, ...]:
            raise error

    async with Server(tutor=Unable()).connected() as reader:
        reader.send("get_starters", page="/a")
        assert await reader.get("starters") == {"questions": []}
        reader.send("ping")
        await reader.get("pong")
