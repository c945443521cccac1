"""Whether Redis is there, what is wrong with it, and calls that do not wait for long."""

from __future__ import annotations

import asyncio
import socket
from time import monotonic

import pytest
from pydantic import SecretStr
from redis.exceptions import ResponseError

from quart_app.shared.redis_link import LONGEST_CALL, Gone, open_redis
from tests.support.redis_server import RedisServer, redis_server

PASSWORD = "hushhush"
OTHER = "wants another user or password: write them as redis://USER:PASSWORD@HOST:PORT, or "
OTHER += "redis://:PASSWORD@HOST:PORT without a user"


async def problem_of(url: str) -> str | None:
    async with open_redis(SecretStr(url)) as link:
        return link.problem


@pytest.mark.parametrize(
    ("options", "url", "problem"),
    [
        ("--requirepass another", "redis://{place}", OTHER),
        ("--requirepass another", "redis://:hushhush@{place}", OTHER),
        ("--requirepass another", "redis://me:hushhush@{place}", OTHER),
        ("", "redis://:hushhush@{place}", "has no password: leave it out of REDIS_URL"),
        ("", "redis://{place}/99", "has no database of this number: choose a lower one, as in /0"),
        (
            "", "rediss://:hushhush@{place}",
            "does not answer in time: check its load, and REDIS_URL (rediss:// is for TLS)",
        ),
        ("--maxmemory 1", "redis://{place}", "has used up its memory: raise its maxmemory"),
        (
            "--replicaof 127.0.0.1 1", "redis://{place}",
            "is a replica, which only reads: name the primary in REDIS_URL",
        ),
        (
            "--user default on nopass ~* +@read +@connection", "redis://{place}",
            "does not let its user do this: allow it +@all and the keys scholiast:*",
        ),
    ],
)  # fmt: skip
async def test_what_is_wrong_with_a_redis_is_one_line_with_the_fix(
    options: str, url: str, problem: str, caplog: pytest.LogCaptureFixture
) -> None:
    with redis_server(*options.split()) as server:
        place = f"127.0.0.1:{server.port}"
        assert await problem_of(url.format(place=place)) == f"the Redis at {place} {problem}"
    assert len(caplog.messages) == 1
    assert PASSWORD not in caplog.text


@pytest.mark.parametrize("words", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"*x\r\n", b"\xff\xfe\r\n"])
async def test_what_is_no_redis_is_named_and_so_is_nobody(words: bytes) -> None:
    async def speak(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(words)
        writer.close()

    said = "cannot be reached, or is no Redis: check that it runs, and REDIS_URL"
    async with await asyncio.start_server(speak, "127.0.0.1", 0) as server:
        place = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        assert await problem_of(f"redis://{place}") == f"the Redis at {place} {said}"
    with socket.socket() as bound:  # so that nobody else takes the port
        bound.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{bound.getsockname()[1]}"
        assert await problem_of(f"redis://{place}") == f"the Redis at {place} {said}"


async def test_a_call_to_a_redis_that_hangs_is_given_up_and_the_next_ones_do_not_wait(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO", "scholiast.redis")
    with redis_server() as server:
        async with open_redis(SecretStr(server.url)) as link:
            server.freeze()
            began = monotonic()
            with pytest.raises(Gone):
                await link.ask(link.client.ping)
            assert monotonic() - began >= LONGEST_CALL
            async with asyncio.timeout(30):
                while link.problem is None:  # noqa: ASYNC110 -- there is no event
                    await asyncio.sleep(0.01)
            asked: list[str] = []

            async def ask() -> None:
                asked.append("asked")

            with pytest.raises(Gone):
                await link.ask(ask)
            assert not asked
            returned = asyncio.Event()
            link.on_return(returned.set)
            server.thaw()
            await asyncio.wait_for(returned.wait(), 30)
            await link.ask(ask)
            assert asked
    place = f"the Redis at 127.0.0.1:{server.port}"
    assert [message.partition(place)[2][:12] for message in caplog.messages] == [
        "", " does not an", " works again",
    ]  # fmt: skip


async def test_a_connection_that_redis_closed_meanwhile_costs_no_call(redis: RedisServer) -> None:
    async with open_redis(SecretStr(redis.url)) as link:
        await asyncio.to_thread(redis.client.client_kill_filter, _type="normal", skipme=True)
        await asyncio.sleep(0)  # for the end of the connection to be read
        assert await link.ask(link.client.ping)
        assert link.problem is None


async def test_a_link_closes_at_once_though_a_call_has_just_failed() -> None:
    with redis_server() as server:
        async with asyncio.timeout(30), open_redis(SecretStr(server.url)) as link:
            server.kill()
            with pytest.raises(Gone):
                await link.ask(link.client.ping)


async def test_what_failed_while_redis_was_gone_is_no_refusal_once_it_is_back() -> None:
    is_full = asyncio.Event()

    async def refused_late() -> None:
        await is_full.wait()
        raise ResponseError("OOM command not allowed when used memory > 'maxmemory'.")

    with redis_server() as server:
        async with open_redis(SecretStr(server.url)) as link:
            call = asyncio.create_task(link.ask(refused_late))
            await asyncio.sleep(0)
            server.client.config_set("maxmemory", 1)
            await link.look()
            assert link.problem
            is_full.set()
            with pytest.raises(Gone):
                await call
            server.client.config_set("maxmemory", 0)
            await link.look()
            assert link.warnings() == []
