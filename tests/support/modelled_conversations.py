"""Readers ask, cancel, vanish and come back in any order, and time passes: a model of what must
be, beside the real sessions, answers and store.

The model knows nothing of their insides but what docs/protocol.md promises; after each step it
says what every reader has been sent.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine, Sequence
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
)

from quart_app.answers.session_store import SessionStore
from quart_app.chat.outbox import Close
from tests.support.modelled_readers import FAILURES, NAMES, Asked, Reader, Session, pick
from tests.support.resuming import Received
from tests.support.sessions import Client
from tests.support.stopped_time import AskedModel, StoppedLoop, StoppedServer, settle
from tests.support.talking import Message

MOST_READERS = 4
WHICH = st.integers(0, 99)


class Conversations(RuleBasedStateMachine):
    """The machine; `steps` counts what it did, over all runs."""

    steps = 0

    def __init__(self) -> None:
        super().__init__()
        self.loop = StoppedLoop()
        self.runner = asyncio.Runner(loop_factory=lambda: self.loop)
        self.readers: list[Reader] = []
        self.sessions: list[Session] = []
        self.all: list[Asked] = []
        self.count = 0

    def run(self, step: Coroutine[Any, Any, None]) -> None:
        Conversations.steps += 1
        self.runner.run(step)

    @property
    def server(self) -> StoppedServer:
        return self.servers[0]

    @property
    def now(self) -> float:
        return self.loop.now

    @property
    def window(self) -> float:
        return self.server.answers.window

    @property
    def lifetime(self) -> int:
        return self.server.settings.session_lifetime

    @initialize()
    def open(self) -> None:
        async def opened() -> None:
            self.servers = await self._open_servers()
            for number in range(2):
                await self._connect(number)

        self.run(opened())

    # What readers do

    @precondition(lambda self: len(self.readers) < MOST_READERS)
    @rule(where=WHICH)
    def connect(self, where: int) -> None:
        self.run(self._connect(where))

    @precondition(lambda self: self.readers)
    @rule(who=WHICH, where=WHICH, name=st.sampled_from(NAMES), has_token=st.booleans())
    def ask(self, who: int, where: int, name: str | None, has_token: bool) -> None:
        reader, given = pick(self.readers, who), pick(self.sessions, where)
        self.count += 1
        data: Message = {"question": f"question {self.count}"}
        if name is not None:
            data["client_query_id"] = name
        data |= given.keys if has_token else {"session_id": given.id}
        opens = has_token and given.token_ends > self.now
        session = given if opens else reader.session
        if name is not None:
            session.use(self.now, self.lifetime)
        known = session.by_name.get(name) if name else None
        self._look_up(known)
        expected: Message | None = None
        if known is not None and not self._is_kept(known):
            expected = {"code": "INVALID_MESSAGE", "param": "client_query_id"}
        elif known is not None and known is reader.asked:
            pass  # it is on its way already
        elif reader.asked is not None:
            expected = {"code": "RATE_LIMIT_EXCEEDED", "reason": "concurrent"}
        else:
            self._follow(reader, known or self._accept(reader, session, data["question"], name))
        self.run(self._send(reader, "question", data, expected))

    @precondition(lambda self: self.readers and self.all)
    @rule(
        who=WHICH,
        which=WHICH,
        by_name=st.booleans(),
        keys=st.sampled_from(["right", "right", "right", "forged", "another's", "another's"]),
        missing=st.integers(-1, 9),
        live=st.booleans(),
    )
    def resume(
        self, who: int, which: int, by_name: bool, keys: str, missing: int, live: bool
    ) -> None:
        reader = pick(self.readers, who)
        wanted = pick((live and self._running()) or self.all, which)
        session = wanted.session
        data: Message = {"last_seq": self._bound(reader, wanted, missing), **session.keys}
        if keys == "forged":
            data["session_token"] = data["session_token"][:-1] + "_"
        if keys == "another's":
            session = pick(self.sessions, who)
            data |= session.keys
        if by_name and wanted.name is not None:
            data["client_query_id"] = wanted.name
        else:
            data["query_id"] = wanted.query_id or f"query_{0:032x}"
        found = None
        if keys != "forged" and session.token_ends > self.now:
            session.use(self.now, self.lifetime)
            found = session.find(data)
        expected = self._resumption(reader, found, data)
        if expected.get("recovered") and found is not None:
            self._follow(reader, found, data["last_seq"])
        self.run(self._send(reader, "resume", data, expected))

    def _bound(self, reader: Reader, wanted: Asked, missing: int) -> int:
        """The last seq that a reader says to have who misses so many."""
        return max(-1, len(wanted.deltas) - 1 - missing)

    def _look_up(self, asked: Asked | None) -> None:
        if asked is not None and self._is_kept(asked):
            asked.looked_up_at = self.now

    def _resumption(self, reader: Reader, found: Asked | None, data: Message) -> Message:
        self._look_up(found)
        if found is None or not self._is_kept(found):
            return {"recovered": False, "reason": "expired" if found else "unknown"}
        if data["last_seq"] >= len(found.deltas):
            return {"code": "INVALID_MESSAGE", "param": "last_seq"}
        if reader.asked is not None:
            return {"code": "RATE_LIMIT_EXCEEDED", "reason": "concurrent"}
        return {"recovered": True, "last_seq": data["last_seq"]}

    @precondition(lambda self: self.readers and self.all)
    @rule(who=WHICH, which=WHICH, by_name=st.booleans(), own=st.booleans())
    def cancel(self, who: int, which: int, by_name: bool, own: bool) -> None:
        reader = pick(self.readers, who)
        wanted = (own and reader.asked) or pick(self.all, which)
        data: Message = {"query_id": wanted.query_id or f"query_{0:032x}"}
        if by_name and wanted.name is not None:
            data = {"client_query_id": wanted.name}
        current = reader.asked
        if current is not None and current.is_named_by(data):
            self._end(current, "cancelled")
            current.has_sources = True
        self.run(self._send(reader, "cancel", data, None))

    @precondition(lambda self: self.readers)
    @rule(who=WHICH)
    def drop(self, who: int) -> None:
        async def dropped() -> None:
            reader = pick(self.readers, who)
            self.readers.remove(reader)
            self._leave(reader)
            reader.client.running.cancel()
            await self._look()

        self.run(dropped())

    # What the model does, and time

    @precondition(lambda self: self._running())
    @rule(
        which=WHICH,
        what=st.sampled_from(["say", "talk", "say", "talk", "sources", "finish", "fail"]),
    )
    def go_on(self, which: int, what: str) -> None:
        asked = pick(self._running(), which)
        model = self.server.tutor.runs[asked.text]
        match what:
            case "say" | "talk":
                for _ in range(1 if what == "say" else 9):
                    asked.deltas.append(f"{len(asked.deltas)} 🦾 ")
                    model.say(asked.deltas[-1])
            case "sources":
                model.find_sources()
            case "finish":
                model.finish()
                asked.has_sources = model.has_sources
                self._end(asked, "completed")
            case "fail":
                model.fail(FAILURES[which % len(FAILURES)]())
                self._end(asked, "failed")
        asked.has_sources = model.has_sources
        self.run(self._look())

    @rule(seconds=st.sampled_from([1, 1, 2, 30, 30, 59, 60, 61, 300, 599, 601]))
    def pass_time(self, seconds: int) -> None:
        async def passed() -> None:
            for _ in range(seconds):
                await self._pass_second()
            await self._look()

        self.run(passed())

    async def _pass_second(self) -> None:
        self.loop.now += 1
        self._give_up()
        if self._is_time_for_news():
            await self._look()

    def _is_time_for_news(self) -> bool:
        """Whether something may end at this second."""
        idle = self.server.settings.idle_timeout
        return any(self.now - r.active_at == idle for r in self.readers) or any(
            self.now - a.left_at == self.window for a in self.all
        )

    # What must be

    def _running(self) -> list[Asked]:
        return [asked for asked in self.all if asked.ending is None]

    def _followers(self, asked: Asked) -> list[Reader]:
        return [reader for reader in self.readers if reader.asked is asked]

    def _is_kept(self, asked: Asked) -> bool:
        return bool(self._followers(asked)) or self.now < asked.left_at + self.window

    def _give_up(self) -> None:
        """An answer that nobody came back for is cancelled."""
        for asked in self._running():
            if not self._is_kept(asked):
                self._end(asked, "cancelled")
                asked.has_sources = True

    def _accept(self, reader: Reader, session: Session, text: str, name: str | None) -> Asked:
        session.use(self.now, self.lifetime)
        session.last_used = self.now
        asked = Asked(text, name, session, self.now, server=reader.client.server)
        session.queries.append(asked)
        if name is not None:
            session.by_name[name] = asked
        self.all.append(asked)
        return asked

    def _follow(self, reader: Reader, asked: Asked, after: int = -1) -> None:
        reader.asked = asked
        reader.received = Received(asked.name, last_seq=after, is_start_due=after < 0)
        reader.received.text = "".join(asked.deltas[: after + 1])
        if after >= 0:
            reader.received.start = {"query_id": asked.query_id}

    def _end(self, asked: Asked, ending: str) -> None:
        if asked.ending is None:
            asked.ending = ending
            if ending != "failed" and asked.has_sources:  # else there is nothing to go on about
                asked.session.use(self.now, self.lifetime)

    def _leave(self, reader: Reader) -> None:
        if reader.asked is not None:
            reader.asked.left_at = self.now
        reader.asked = reader.received = None

    # Doing and seeing

    async def _open_servers(self) -> Sequence[StoppedServer]:
        return [StoppedServer()]

    async def _close_servers(self) -> None:
        """Whatever they need beside their answers."""

    async def _settle(self) -> None:
        """Let everything happen that needs no time."""
        await settle()

    async def _connect(self, where: int) -> None:
        client = Client(self.servers[where % len(self.servers)])
        client.own = await client.get("welcome")
        token = client.own["session_token"]
        session = Session(client.own["session_id"], token, self.now + self.lifetime)
        self.sessions.append(session)
        self.readers.append(Reader(client, session, self.now))

    async def _send(
        self, reader: Reader, type: str, data: Message, expected: Message | None
    ) -> None:
        reader.active_at = self.now
        reader.client.send(type, **data)
        await self._look(reader, expected)

    async def _look(self, acting: Reader | None = None, expected: Message | None = None) -> None:
        """Read what everybody was sent, and compare."""
        await self._settle()
        for reader in list(self.readers):
            self._read(reader, expected if reader is acting else None)
            self._check_idle(reader)
        for asked in self.all:
            self._check(asked)

    def _read(self, reader: Reader, expected: Message | None) -> None:
        replies: list[Message] = []
        while not reader.client.outbox.empty():
            message = json.loads(reader.client.outbox.get_nowait())
            if message["type"] == "resumed" or (
                message["type"] == "error" and "query_id" not in message["data"]
            ):
                replies.append(message["data"])
                continue
            assert reader.received is not None, message
            assert reader.asked is not None
            reader.received.take(message)
            reader.asked.learn(message)
        assert len(replies) == (expected is not None), (expected, replies)
        for name, value in (expected or {}).items():
            assert replies[0].get(name) == value, (expected, replies)
        if reader.received is not None and reader.asked is not None:
            self._check_received(reader, reader.received, reader.asked)

    def _check_received(self, reader: Reader, received: Received, asked: Asked) -> None:
        """The reader has everything that there is."""
        assert (received.text, received.last_seq) == ("".join(asked.deltas), len(asked.deltas) - 1)
        assert (received.start is not None) == asked.has_sources
        assert (received.end is not None) == (asked.ending is not None)
        if received.end is not None:
            assert received.end.get("status", "failed") == asked.ending
            reader.active_at = self.now
            self._leave(reader)

    def _check_idle(self, reader: Reader) -> None:
        """A socket is closed when nothing was asked for long, and no answer is on it."""
        idle = self.now - reader.active_at >= self.server.settings.idle_timeout
        assert reader.client.running.done() == (idle and reader.asked is None)
        if reader.client.running.done():
            error = reader.client.running.exception()
            assert isinstance(error, Close)
            assert error.code == 4201
            self.readers.remove(reader)

    def _check(self, asked: Asked) -> None:
        """The model is asked once, and works as long as somebody may read what it says."""
        model: AskedModel = self.server.tutor.runs[asked.text]
        assert model.is_over == (asked.ending is not None)
        if asked.query_id is not None:
            kept = [server.answers.find(asked.query_id) for server in self.servers]
            assert any(kept) == self._is_kept(asked)
            followers = [answer.followers for answer in kept if answer is not None]
            assert not followers or sum(followers) == len(self._followers(asked))

    def teardown(self) -> None:
        if not hasattr(self, "servers"):
            return
        try:
            self.runner.run(self._everybody_goes())
        finally:
            self.runner.close()

    async def _everybody_goes(self) -> None:
        """Nothing is left of anything."""
        for reader in self.readers:
            reader.client.running.cancel()
            self._leave(reader)
        self.readers = []
        await self._pass(self.window)
        assert [len(server.answers) for server in self.servers] == [0] * len(self.servers)
        await self._pass(self.lifetime)
        for server in self.servers:
            await server.sessions.find(SessionStore.new_id())
            assert len(server.sessions) == 0
        await self._close_servers()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    async def _pass(self, seconds: float) -> None:
        await self._settle()
        self.loop.now += seconds
        await self._settle()
