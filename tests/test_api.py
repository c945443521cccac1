from __future__ import annotations

import asyncio

from httpx2 import AsyncClient

from quart_app.serve import serving
from quart_app.settings import WebSettings


async def test_the_book_that_can_be_asked_is_told(example: WebSettings) -> None:
    async with serving(example) as url, AsyncClient(base_url=url, trust_env=False) as http:
        answer = await http.get("api/book")
        ready = (await http.get("readyz")).json()
    assert answer.status_code == 200
    assert answer.headers["RateLimit-Limit"] == "60"
    assert answer.headers["RateLimit-Remaining"] == "59"
    facts = answer.json()
    assert facts["book"] == ready["book"]
    assert (facts["model"], facts["protocol"], facts["chat"]) == ("quotes", "chat-v1", "/ws/chat")


async def test_an_address_may_ask_sixty_times_a_minute_however_it_asks(
    example: WebSettings,
) -> None:
    async with serving(example) as url, AsyncClient(base_url=url, trust_env=False) as http:
        answers = await asyncio.gather(*(http.get("api/book") for _ in range(70)))
        page = await http.get("")
    refused = [answer for answer in answers if answer.status_code == 429]
    assert 7 <= len(refused) <= 10  # one comes back each second
    assert {answer.headers["Retry-After"] for answer in refused} == {"1"}
    assert refused[0].json() == {"error": "Too many requests; come again in 1 s."}
    assert page.status_code == 200
