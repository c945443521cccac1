"""Redis fails in the middle of an answer: what followers get where it is written, and elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from redis import Redis

from chains.errors import ServiceUnavailable
from chains.events import Sources
from quart_app.answers.answer_log import Ended, Failed
from tests.support.desks import Desk, two, until
from tests.support.redis_server import RedisServer, redis_server
from tests.support.scripted_tutor import BASIS, SOURCE, whole_answer

BEGUN = (Sources((SOURCE,), BASIS), "Ein Gang ")
REST = ("hält 🦾 ", "– 漢字, e\u0301.")
WHOLE = "Ein Gang " + "".join(REST)
SHORT = 2.0
"""Seconds that Redis fails where all goes on."""


@dataclass(frozen=True)
class Breakage:
    """How a Redis is broken and mended; `client` has a connection that outlives both."""

    do: Callable[[RedisServer, Redis], object]
    undo: Callable[[RedisServer, Redis], object]


def change_password(_: RedisServer, client: Redis) -> None:
    """And let in nobody by the old one."""
    client.config_set("requirepass", "another")
    client.client_kill_filter(_type="normal", skipme=True)


def restart(server: RedisServer, _: Redis) -> None:
    server.kill()
    server.start()


BREAKAGES = {
    "frozen": Breakage(lambda server, _: server.freeze(), lambda server, _: server.thaw()),
    "full": Breakage(
        lambda _, client: client.config_set("maxmemory", 1),
        lambda _, client: client.config_set("maxmemory", 0),
    ),
    "read-only": Breakage(
        lambda _, client: client.replicaof("127.0.0.1", 1),
        lambda _, client: client.replicaof("no", "one"),
    ),
    "password changed": Breakage(
        change_password, lambda _, client: client.config_set("requirepass", "")
    ),
    "killed": Breakage(lambda server, _: server.kill(), lambda server, _: server.start()),
}
LOSSES = {
    "restarted": Breakage(restart, lambda *_: None),
    "emptied": Breakage(lambda _, client: client.flushall(), lambda *_: None),
}


async def both_work(here: Desk, there: Desk) -> None:
    """An answer is followed elsewhere."""
    await until(lambda: here.answers.are_shared and there.answers.are_shared)
    answer = await here.ask()
    here.tutor.say(*BEGUN, *whole_answer(*REST)[1:])
    copy = await there.copy(answer)
    await until(lambda: copy.log.ending)
    assert copy.log.text == WHOLE


async def broken_for_long(breakage: Breakage) -> None:
    with redis_server() as server, server.client as client:
        async with two(server) as (here, there):
            client.ping()
            answer = await here.ask()
            here.tutor.say(*BEGUN)
            copy = await there.copy(answer)
            await until(lambda: copy.log.text)
            breakage.do(server, client)
            here.tutor.say(*whole_answer(*REST)[1:])
            await until(lambda: answer.log.ending and copy.log.ending)
            assert isinstance(answer.log.ending, Ended)
            assert answer.log.text == WHOLE
            assert isinstance(copy.log.ending, Failed)
            assert isinstance(copy.log.ending.error, ServiceUnavailable)
            assert WHOLE.startswith(copy.log.text)
            breakage.undo(server, client)
            await both_work(here, there)


async def broken_for_a_moment(breakage: Breakage) -> None:
    with redis_server() as server, server.client as client:
        async with two(server) as (here, there):
            client.ping()
            answer = await here.ask()
            here.tutor.say(*BEGUN)
            copy = await there.copy(answer)
            await until(lambda: copy.log.text)
            breakage.do(server, client)
            here.tutor.say(REST[0])
            await asyncio.sleep(SHORT)
            breakage.undo(server, client)
            here.tutor.say(*whole_answer(REST[1])[1:])
            await until(lambda: answer.log.ending and copy.log.ending)
            assert isinstance(copy.log.ending, Ended)
            assert answer.log.text == copy.log.text == WHOLE
            await both_work(here, there)


Test = Callable[[Breakage], Awaitable[None]]


async def all_of(test: Test, breakages: dict[str, Breakage]) -> None:
    """At once, since each waits for seconds."""

    async def named(name: str, breakage: Breakage) -> None:
        try:
            await test(breakage)
        except Exception as error:
            error.add_note(name)
            raise

    async with asyncio.TaskGroup() as group:
        for name, breakage in breakages.items():
            group.create_task(named(name, breakage))


async def test_a_redis_that_fails_in_mid_answer_costs_only_those_who_follow_it_elsewhere() -> None:
    await all_of(broken_for_long, BREAKAGES)


async def test_a_redis_that_fails_for_a_moment_in_mid_answer_costs_nobody_anything() -> None:
    await all_of(broken_for_a_moment, BREAKAGES | LOSSES)
