"""Servers that count together in a Redis, which is wrong, goes away, and comes back."""

from __future__ import annotations

import asyncio
import json
import socket
from pathlib import Path
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr

from quart_app.answers.rates import parse_rates
from quart_app.serve import serving
from quart_app.settings import WebSettings
from quart_app.shared.other_secrets import WARNING as OTHER
from quart_app.shared.refused_calls import WARNING as REFUSED
from tests.support.commands import refused, run, served
from tests.support.redis_server import RedisServer, redis_server
from tests.support.scripted_openai import ScriptedOpenAI
from tests.support.sharing import SECRET, sharing
from tests.support.talking import Message, ask, client, receive

ZMP = "What is the zero moment point?"
PASSWORD = "hushhush"
WARNING = (
    "Redis does not work as it should, so each server counts limits and keeps sessions and answers "
    "for itself meanwhile; the log has the reason."
)
GONE = (
    "each server counts limits and keeps sessions and answers for itself meanwhile: the Redis at "
)


async def ending(url: str) -> Message:
    async with client(url) as socket:
        await receive(socket)
        return (await ask(socket, ZMP))[-1]


async def ready(url: str) -> dict[str, Any]:
    async with httpx2.AsyncClient() as http:
        response = await http.get(f"{url}readyz")
    assert response.status_code == 200
    said: dict[str, Any] = response.json()
    return said


async def until_warned(url: str, warnings: list[str] | None) -> None:
    async with asyncio.timeout(30):
        while (await ready(url)).get("warnings") != warnings:  # noqa: ASYNC110 -- it is asked
            await asyncio.sleep(0.02)


async def test_two_servers_count_the_questions_of_a_reader_and_of_all_together(
    example: WebSettings, second: WebSettings, redis: RedisServer
) -> None:
    limits = {"limit_questions": parse_rates("2/hour"), "limit_all": parse_rates("9/day")}
    one, other = (sharing(settings, redis.url, **limits) for settings in (example, second))
    async with serving(one) as here, serving(other) as there:
        assert (await ending(here))["type"] == "response_end"
        assert (await ending(there))["type"] == "response_end"
        for url in (here, there):
            error = (await ending(url))["data"]
            assert (error["code"], error["reason"]) == ("RATE_LIMIT_EXCEEDED", "hour")
            [limit] = (await ready(url))["limits"]
            assert limit == {"name": "all_day", "limit": 9, "remaining": 7}


async def test_servers_with_different_secrets_say_that_they_share_nothing(
    example: WebSettings,
    second: WebSettings,
    redis: RedisServer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    one = sharing(example, redis.url)
    other = sharing(second, redis.url, session_secret=SecretStr("another secret than that"))
    async with serving(one) as here:
        assert "warnings" not in await ready(here)
        async with serving(other) as there:
            for url in (here, there):
                await until_warned(url, [OTHER])
    assert [line.getMessage() for line in caplog.records if "SECRET" in line.getMessage()] == (
        2 * [OTHER]
    )


async def test_servers_with_different_secrets_count_what_all_readers_ask_apart(
    example: WebSettings, second: WebSettings, redis: RedisServer
) -> None:
    limits = {"limit_all": parse_rates("1/day"), "budget_tokens": 10_000}
    one = sharing(example, redis.url, **limits)
    other = sharing(second, redis.url, session_secret=SecretStr("another secret"), **limits)
    async with serving(one) as here, serving(other) as there:
        for url in (here, there):
            assert (await ending(url))["type"] == "response_end"
            assert (await ending(url))["data"]["reason"] == "all_day"


async def test_a_conversation_goes_on_at_another_server(
    example: WebSettings, second: WebSettings, redis: RedisServer
) -> None:
    async with ScriptedOpenAI(["The foot would tip over [1]."]) as endpoint:
        model = {"model": "scripted", "openai_base_url": endpoint.base_url}
        one, other = (sharing(settings, redis.url, **model) for settings in (example, second))
        async with serving(one) as here, serving(other) as there:
            async with client(here) as socket:
                welcome = (await receive(socket))["data"]
                assert (await ask(socket, ZMP))[-1]["type"] == "response_end"
            asked = len(endpoint.requests)
            keys = {name: welcome[name] for name in ("session_id", "session_token")}
            async with client(there) as socket:
                await receive(socket)
                assert (await ask(socket, "Why is that?", **keys))[-1]["type"] == "response_end"
    later = json.dumps([request.body for request in endpoint.requests[asked:]])
    assert ZMP in later
    assert "The foot would tip over" in later


async def test_while_redis_is_gone_a_server_answers_says_so_and_counts_for_itself(
    example: WebSettings, own_redis: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "scholiast.redis")
    limits = {"limit_questions": parse_rates("3/hour"), "limit_all": parse_rates("9/day")}
    async with serving(sharing(example, own_redis.url, **limits)) as url:
        assert (await ending(url))["type"] == "response_end"
        own_redis.kill()
        assert (await ending(url))["type"] == "response_end"
        await until_warned(url, [WARNING])
        assert (await ending(url))["type"] == "response_end"
        assert (await ending(url))["data"]["reason"] == "hour"
        own_redis.start()
        await until_warned(url, None)
        assert (await ready(url))["limits"][0]["remaining"] == 6
    where = f"127.0.0.1:{own_redis.port}"
    assert caplog.messages == [
        f"limits, sessions and answers are shared by the Redis at {where}",
        f"{GONE}{where} cannot be reached, or is no Redis: check that it runs, and REDIS_URL",
        f"the Redis at {where} works again; limits, sessions and answers are shared",
    ]


async def test_a_redis_that_hangs_delays_a_question_by_two_seconds_at_most(
    example: WebSettings, own_redis: RedisServer
) -> None:
    settings = sharing(example, own_redis.url, limit_all=parse_rates("9/day"))
    async with serving(settings) as url, client(url) as socket:
        await receive(socket)
        own_redis.freeze()
        # What asks Redis for itself and for all: the question is let in after two waits.
        async with asyncio.timeout(10):
            assert (await ask(socket, ZMP))[-1]["type"] == "response_end"
        await until_warned(url, [WARNING])
        own_redis.thaw()
        await until_warned(url, None)


@pytest.mark.parametrize(
    ("configuration", "mended", "problem"),
    [
        ({"maxmemory": "1"}, {"maxmemory": "0"}, "has used up its memory: raise its maxmemory"),
        (
            {"replicaof": "127.0.0.1 1"},
            {"replicaof": "no one"},
            "is a replica, which only reads: name the primary in REDIS_URL",
        ),
    ],
)
async def test_a_redis_that_takes_no_more_is_named_with_the_fix_and_used_again_after_it(
    example: WebSettings,
    own_redis: RedisServer,
    caplog: pytest.LogCaptureFixture,
    configuration: dict[str, str],
    mended: dict[str, str],
    problem: str,
) -> None:
    def configure(values: dict[str, str]) -> None:
        for name, value in values.items():
            if name == "replicaof":
                own_redis.client.replicaof(*value.split())
            else:
                own_redis.client.config_set(name, value)

    settings = sharing(example, own_redis.url, limit_all=parse_rates("9/day"))
    async with serving(settings) as url:
        assert (await ending(url))["type"] == "response_end"
        configure(configuration)
        assert (await ending(url))["type"] == "response_end"
        await until_warned(url, [WARNING])
        configure(mended)
        await until_warned(url, None)
        assert (await ready(url))["limits"][0]["remaining"] == 7
    warned = [line.getMessage() for line in caplog.records if line.levelname == "WARNING"]
    assert warned == [f"{GONE}127.0.0.1:{own_redis.port} {problem}"]


@pytest.mark.parametrize("kind", ["limit", "budget", "session"])
async def test_a_key_of_another_kind_is_named_though_redis_works_and_questions_are_answered(
    example: WebSettings, redis: RedisServer, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    limits = {"limit_questions": parse_rates("9/hour"), "limit_all": parse_rates("9/day")}
    async with serving(sharing(example, redis.url, **limits)) as url, client(url) as socket:
        await receive(socket)
        assert (await ask(socket, ZMP))[-1]["type"] == "response_end"
        assert "warnings" not in await ready(url)
        for key in redis.client.keys(f"scholiast:{kind}*"):
            redis.client.delete(key)
            redis.client.setbit(key, 9, 1) if kind != "limit" else redis.client.lpush(key, 1)
        for _ in range(2):
            assert (await ask(socket, ZMP))[-1]["type"] == "response_end"
        await until_warned(url, [REFUSED])
    [line] = [line.getMessage() for line in caplog.records if line.levelname == "WARNING"]
    assert "has a key of another kind in the place of one of ours: give the book" in line


@pytest.mark.usefixtures("example_data")
def test_doctor_names_what_is_wrong_with_a_redis_and_the_fix(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SCHOLIAST_SESSION_SECRET", SECRET)
    monkeypatch.setenv("SCHOLIAST_PORT", "0")
    with redis_server("--requirepass", "another") as server:
        monkeypatch.setenv("REDIS_URL", f"redis://:{PASSWORD}@127.0.0.1:{server.port}")
        result = run("doctor")
    [line] = [line for line in result.stdout.splitlines() if line.startswith("✗")]
    place = f"the Redis at 127.0.0.1:{server.port}"
    assert line.startswith(f"✗ {'redis':11}{place} wants another user or password: write them as")
    assert result.exit_code == 1
    assert PASSWORD not in result.output


@pytest.mark.usefixtures("example_copy")
def test_a_server_starts_without_its_redis_says_so_in_one_line_and_answers(alone: Path) -> None:
    with socket.socket() as bound:  # so that nobody else takes the port
        bound.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{bound.getsockname()[1]}"
        url = f"redis://:{PASSWORD}@{place}"
        with served(alone, REDIS_URL=url, SCHOLIAST_SESSION_SECRET=SECRET) as server:
            assert asyncio.run(ending(server.url))["type"] == "response_end"
            assert asyncio.run(ready(server.url))["warnings"] == [WARNING]
            code, said = server.end()
    assert code == 0
    [line] = [line for line in (*server.lines, *said.splitlines()) if "Redis" in line]
    assert f"WARNING scholiast.redis: {GONE}{place} cannot be reached" in line
    assert PASSWORD not in said + "".join(server.lines)


@pytest.mark.usefixtures("example_data")
def test_a_wrong_redis_url_is_refused_with_how_to_write_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", f"redis://:{PASSWORD}#1@cache.example")
    line = refused(2, "serve")
    assert "REDIS_URL: write it as redis://HOST:6379/0 or redis://:PASSWORD@HOST:6379/0" in line
    assert PASSWORD not in line


@pytest.mark.usefixtures("example_data")
def test_servers_that_share_need_one_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1")
    assert "REDIS_URL needs SCHOLIAST_SESSION_SECRET too" in refused(2, "serve")
