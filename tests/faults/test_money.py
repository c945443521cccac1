"""What costs the operator: many who are one, and what everybody may ask together."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack
from ipaddress import ip_network
from typing import Any

import httpx2
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus

from quart_app.answers.budget import Budget
from quart_app.answers.rates import parse_rates
from quart_app.serve import serving
from quart_app.settings import WebSettings
from tests.support.commands import refused
from tests.support.scripted_openai import HANG, ScriptedOpenAI, Status, Step
from tests.support.talking import ask, client, receive, send, until_end

ZMP = "What is the zero moment point?"


@pytest.fixture
def proxied(example: WebSettings) -> WebSettings:
    """Settings for a test that says which address it comes from."""
    return example.model_copy(update={"trusted_proxies": (ip_network("127.0.0.1"),)})


async def come(url: str, address: str) -> ClientConnection:
    """A socket past its welcome, of a reader at `address`."""
    socket = await connect(
        url.replace("http", "ws", 1) + "ws/chat", additional_headers={"X-Forwarded-For": address}
    )
    await receive(socket)
    return socket


async def test_an_ipv6_site_of_many_networks_may_take_ten_times_as_much_and_no_more(
    proxied: WebSettings,
) -> None:
    update: dict[str, Any] = {"limit_questions": parse_rates("1/hour"), "limit_connections": 2}
    async with serving(proxied.model_copy(update=update)) as url, AsyncExitStack() as sockets:

        async def ending(address: str) -> dict[str, Any]:
            socket = await sockets.enter_async_context(await come(url, address))
            return (await ask(socket, ZMP))[-1]

        asked = [await ending(f"2001:db8:1:{number}::1") for number in range(20)]
        assert [message["type"] for message in asked] == ["response_end"] * 10 + ["error"] * 10
        assert asked[-1]["data"]["reason"] == "hour"
        with pytest.raises(InvalidStatus) as refused:
            await come(url, "2001:db8:1:ff::1")
        assert refused.value.response.status_code == 429
        assert (await ending("2001:db8:2::1"))["type"] == "response_end"


async def test_readers_of_ipv4_whom_a_translator_brings_are_counted_each(
    proxied: WebSettings,
) -> None:
    update: dict[str, Any] = {"limit_questions": parse_rates("1/hour")}
    ended = []
    async with serving(proxied.model_copy(update=update)) as url:
        for address in ("192.0.2.7", "192.0.2.7", "192.0.2.8"):
            async with await come(url, f"64:ff9b::{address}") as socket:
                ended.append((await ask(socket, ZMP))[-1]["type"])
    assert ended == ["response_end", "error", "response_end"]


async def test_all_readers_together_ask_no_more_than_they_may(proxied: WebSettings) -> None:
    settings = proxied.model_copy(update={"limit_all": parse_rates("2/day")})
    async with serving(settings) as url:
        for number in (1, 2):
            async with await come(url, f"192.0.2.{number}") as socket:
                assert (await ask(socket, ZMP))[-1]["type"] == "response_end"
        async with await come(url, "192.0.2.3") as socket:
            error = (await ask(socket, ZMP))[-1]["data"]
            assert (error["code"], error["reason"]) == ("RATE_LIMIT_EXCEEDED", "all_day")
            assert error["retryable"] is True
            assert 1 <= error["retry_after"] <= 86_400
            assert "as many questions as it may today. Try again in" in error["message"]
        async with httpx2.AsyncClient() as http:
            ready = (await http.get(f"{url}readyz")).json()
        assert ready["limits"] == [{"name": "all_day", "limit": 2, "remaining": 0}]


async def test_of_thirty_who_ask_at_once_exactly_as_many_pass_as_are_left(
    proxied: WebSettings,
) -> None:
    settings = {"model": "scripted", "limit_all": parse_rates("3/day"), "budget_tokens": 10**6}
    goes_on = asyncio.Event()
    scripts: list[list[Step]] = [["One."], ["Two", goes_on, HANG], [Status(400)]]
    async with ScriptedOpenAI(*scripts) as endpoint, AsyncExitStack() as sockets:
        update = settings | {"openai_base_url": endpoint.base_url}
        async with serving(proxied.model_copy(update=update)) as url:
            readers = [
                await sockets.enter_async_context(await come(url, f"192.0.2.{number}"))
                for number in range(30)
            ]
            asking = [asyncio.create_task(ended(one, goes_on)) for one in readers]
            ends = [(await one)["data"] for one in asking]
            async with httpx2.AsyncClient() as http:
                limits = (await http.get(f"{url}readyz")).json()["limits"]
    left = {limit["name"]: limit["remaining"] for limit in limits}
    refused = [end for end in ends if end.get("code") == "RATE_LIMIT_EXCEEDED"]
    assert len(refused) == 27
    assert {end["reason"] for end in refused} == {"all_day"}
    assert sorted(end.get("status", end.get("code")) for end in ends if end not in refused) == [
        "SERVICE_UNAVAILABLE",
        "cancelled",
        "completed",
    ]
    assert len(endpoint.requests) == 3
    (reported,) = [end["total_tokens"] for end in ends if end.get("status") == "completed"]
    asked = endpoint.requests[1].body["messages"]  # of the answer that was cancelled
    estimated = (sum(len(message["content"]) for message in asked) + len("Two")) // 4
    assert left == {"all_day": 0, "tokens": 10**6 - reported - estimated}


async def ended(socket: ClientConnection, goes_on: asyncio.Event) -> dict[str, Any]:
    """Ask, and cancel an answer that hangs; the last message."""
    await send(socket, "question", {"question": ZMP})
    while True:
        message = await receive(socket)
        if message["type"] in ("response_end", "error"):
            return message
        if message["type"] == "response_chunk" and "Two" in message["data"]["content"]:
            await send(socket, "cancel", {"query_id": message["data"]["query_id"]})
            goes_on.set()


async def test_a_budget_of_tokens_is_used_up_by_answers_that_are_cancelled_too(
    example: WebSettings,
) -> None:
    async with ScriptedOpenAI(["It is", HANG]) as endpoint:
        update = {
            "model": "scripted",
            "openai_base_url": endpoint.base_url,
            "limit_questions": (),
            "budget_tokens": 500,  # less than a prompt with its sources
        }
        async with serving(example.model_copy(update=update)) as url, client(url) as socket:
            limits = {limit["name"]: limit for limit in (await receive(socket))["data"]["limits"]}
            assert limits["tokens"] == {"name": "tokens", "limit": 500, "remaining": 500}
            await socket.send(json.dumps({"type": "question", "data": {"question": ZMP}}))
            query_id = (await receive(socket))["data"]["query_id"]
            assert (await receive(socket))["data"]["content"] == "It is"
            await socket.send(json.dumps({"type": "cancel", "data": {"query_id": query_id}}))
            while (await receive(socket))["type"] != "response_end":
                pass
            error = (await ask(socket, ZMP))[-1]["data"]
    assert (error["code"], error["reason"]) == ("RATE_LIMIT_EXCEEDED", "tokens")
    assert len(endpoint.requests) == 1


async def test_questions_in_line_cost_nothing_once_the_budget_of_tokens_is_used_up(
    proxied: WebSettings,
) -> None:
    goes_on = asyncio.Event()
    async with (
        ScriptedOpenAI(["It is", goes_on, " a point."]) as endpoint,
        AsyncExitStack() as each,
    ):
        update = {
            "model": "scripted",
            "openai_base_url": endpoint.base_url,
            "max_answers": 1,
            "budget_tokens": 500,  # less than a prompt with its sources
        }
        async with serving(proxied.model_copy(update=update)) as url:
            sockets = [
                await each.enter_async_context(await come(url, f"192.0.2.{number}"))
                for number in range(5)
            ]
            for socket in sockets:
                await send(socket, "question", {"question": ZMP})
                await receive(socket)  # its sources, or its place in line
            goes_on.set()
            ends = [(await until_end(socket))[-1]["data"] for socket in sockets]
    assert ends[0]["status"] == "completed"
    assert {(end["code"], end["retryable"]) for end in ends[1:]} == {("SERVICE_UNAVAILABLE", True)}
    assert all(1 <= end["retry_after"] <= 86_400 for end in ends[1:])
    assert len(endpoint.requests) == 1


async def test_a_clock_that_is_set_back_over_midnight_gives_nothing_a_second_time() -> None:
    midnight = 20_000 * 86_400.0
    now = midnight + 600
    budget = Budget(parse_rates("1/day"), tokens=50, clock=lambda: now)
    assert await budget.take() is None
    budget.spend(50)
    now = midnight - 600
    refused = await budget.take()
    assert refused is not None
    assert refused.retry_after == 86_400 + 600
    assert [limit.remaining for limit in await budget.limits()] == [0, 0]
    now = midnight + 1200
    assert await budget.take() is not None
    now = midnight + 86_400
    assert await budget.take() is None


async def test_a_clock_that_was_ahead_for_a_moment_refuses_nobody_for_long() -> None:
    started = now = 20_000 * 86_400.0 + 30
    budget = Budget(
        parse_rates("2/minute"), tokens=50, clock=lambda: now, steady=lambda: now - ahead
    )
    ahead = 365 * 86_400.0
    now += ahead
    assert await budget.take() is None
    budget.spend(50)
    now -= ahead
    ahead = 0.0
    refused = await budget.take()
    assert refused is not None
    assert refused.retry_after == 86_400
    now = started + 60
    assert [limit.remaining for limit in await budget.limits()] == [2, 0]
    now = started + 86_400
    assert [limit.remaining for limit in await budget.limits()] == [2, 50]
    assert await budget.take() is None


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize(
    "given",
    [
        {"SCHOLIAST_LIMIT_ALL": "2000/day"},
        {"SCHOLIAST_BUDGET_TOKENS": "5000000"},
        {"SCHOLIAST_LIMIT_ALL": "2000/day", "SCHOLIAST_BUDGET_TOKENS": "5000000"},
    ],
)
def test_workers_that_would_each_count_what_all_readers_cost_do_not_start(
    given: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, bound in given.items():
        monkeypatch.setenv(name, bound)
    line = refused(2, "serve", "--workers", "3")
    assert line.startswith(f"scholiast: {' and '.join(given)}: each of 3 workers ")
    assert "set REDIS_URL, or serve with one worker" in line
