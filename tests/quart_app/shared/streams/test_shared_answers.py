"""Answers that two servers share in one Redis."""

from __future__ import annotations

import asyncio

import pytest
from redis import Redis

from chains.events import Sources
from chains.question import Turn
from quart_app.answers import running
from quart_app.answers.answer_log import Ended, Failed
from quart_app.answers.session_tokens import SessionTokens
from quart_app.shared.redis_names import RedisNames
from quart_app.shared.shared_sessions import SharedSessionStore
from quart_app.shared.stream_names import StreamNames, alive, dead
from quart_app.shared.streams import answer_copy, shared_answers, stream_writer
from quart_app.shared.streams.answer_copy import AnswerCopy
from tests.support.desks import QUESTION, SESSION, desk, two, until
from tests.support.redis_server import RedisServer
from tests.support.scripted_tutor import BASIS, SOURCE, whole_answer
from tests.support.sharing import SECRET

BEGUN = (Sources((SOURCE,), BASIS), "A gait ")


def streams_of(redis: RedisServer) -> list[str]:
    return list(redis.client.scan_iter("scholiast:answer:*"))


async def test_many_followers_elsewhere_have_one_copy(redis: RedisServer) -> None:
    async with two(redis) as (here, there):
        answer = await here.ask("mine")
        here.tutor.say(*BEGUN)
        found = await asyncio.gather(*(there.copy(answer) for _ in range(10)))
        assert len(set(map(id, found))) == 1
        assert found[0].client_query_id == "mine"
        here.tutor.say(*whole_answer("is."))
        await until(lambda: found[0].log.ending)
        assert isinstance(found[0].log.ending, Ended)
        assert found[0].log.text == "A gait is."
        assert found[0].log.ending == answer.log.ending


async def test_redis_has_neither_the_question_nor_ids_in_names_and_only_for_the_window(
    redis: RedisServer,
) -> None:
    async with desk(redis) as here:
        answer = await here.ask("mine")
        here.tutor.say(*BEGUN)
        await until(lambda: [name for name in streams_of(redis) if redis.client.xlen(name) > 1])
        [stream] = streams_of(redis)
        assert answer.query_id[6:] not in stream
        written = Redis(port=redis.port).xrange(stream)  # bytes
        assert QUESTION.text not in str(written)
        assert "A gait" in str(written)
        assert 0 < redis.client.ttl(stream) <= 60
        here.tutor.say(*whole_answer("is."))
        await until(lambda: answer.task is None)
    assert 0 < redis.client.ttl(stream) <= 60


async def test_a_refused_question_leaves_nothing(redis: RedisServer) -> None:
    async def refuse(_: bool) -> None:
        raise ZeroDivisionError

    async with two(redis) as (here, there):
        with pytest.raises(ZeroDivisionError):
            await here.answers.start(QUESTION, SESSION, "mine", refuse)
        assert streams_of(redis) == []
        assert await there.sessions.find(SESSION, client_query_id="mine") is None
        again = await there.ask("mine")
        assert not isinstance(again, AnswerCopy)


async def test_an_answer_goes_on_while_it_is_followed_elsewhere_and_is_cancelled_after_that(
    redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (running, shared_answers):
        monkeypatch.setattr(module, "FIRST_READER_S", 3.0)
    async with two(redis, window=1.0) as (here, there):
        followed, other = await here.ask(), await here.ask()
        copy = await there.copy(followed)
        with there.answers.following(copy):
            await until(lambda: other.log.ending)
            assert followed.log.ending is None
        await until(lambda: followed.log.ending)
        await until(lambda: not streams_of(redis))
        assert await there.answers.look_up(SESSION, followed.query_id) is None


async def test_a_stream_that_redis_has_lost_is_written_again(redis: RedisServer) -> None:
    async with two(redis) as (here, there):
        answer = await here.ask("mine")
        here.tutor.say(*BEGUN)
        copy = await there.copy(answer)
        await until(lambda: copy.log.text)
        redis.client.flushall()
        here.tutor.say(*whole_answer("is ", "a way."))
        await until(lambda: copy.log.ending)
        assert copy.log.text == answer.log.text == "A gait is a way."
        assert await there.sessions.find(SESSION, client_query_id="mine") == answer.query_id


async def test_a_stream_that_is_lost_while_the_model_thinks_is_missed_where_it_is_followed(
    redis: RedisServer,
) -> None:
    async with two(redis) as (here, there):
        answer = await here.ask("mine")
        here.tutor.say(*BEGUN)
        copy = await there.copy(answer)
        await until(lambda: copy.log.text)
        redis.client.flushall()
        await until(lambda: streams_of(redis))
        here.tutor.say(*whole_answer("is ", "a way."))
        await until(lambda: copy.log.ending)
        assert copy.log.text == answer.log.text


async def test_an_answer_that_redis_lost_and_whose_question_was_asked_again_stays_with_its_server(
    redis: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    async with two(redis) as (here, there):
        answer = await here.ask("mine")
        here.tutor.say(*BEGUN)
        await until(lambda: streams_of(redis))
        redis.client.flushall()
        again = await there.ask("mine")
        here.tutor.say(*whole_answer("is."))
        await until(lambda: isinstance(answer.log.ending, Ended) and caplog.messages)
        assert await there.sessions.find(SESSION, client_query_id="mine") == again.query_id
    reason = "its question was asked again meanwhile"
    said = f"{answer.query_id} cannot be followed at other servers: {reason}"
    assert caplog.messages.count(said) == 1


async def test_an_answer_that_grows_too_long_stays_with_its_server(
    redis: RedisServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(stream_writer, "MOST_BYTES", 1000)
    async with two(redis) as (here, there):
        answer = await here.ask()
        copy = await there.copy(answer)
        here.tutor.say(*BEGUN, "x" * 1000)
        await until(lambda: copy.log.ending)
        assert isinstance(copy.log.ending, Failed)
        assert streams_of(redis) == []
        here.tutor.say(*whole_answer("is."))
        await until(lambda: isinstance(answer.log.ending, Ended))
    said = f"{answer.query_id} cannot be followed at other servers: it is too long"
    assert caplog.messages.count(said) == 1


async def test_copies_are_bounded_and_one_that_nobody_follows_goes_first(
    redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_answers, "MOST_COPIES", 2)
    async with two(redis) as (here, there):
        answers = [await here.ask() for _ in range(4)]
        followed = await there.copy(answers[0])
        with there.answers.following(followed):
            await there.copy(answers[1])
            last = await there.copy(answers[2])
            assert [there.answers.find(each.query_id) is not None for each in answers] == [
                True, False, True, False,
            ]  # fmt: skip
            with there.answers.following(last):
                assert await there.answers.look_up(SESSION, answers[3].query_id) is None


async def test_a_copy_that_broke_off_is_read_again_later(redis: RedisServer) -> None:
    async with two(redis) as (here, there):
        answer = await here.ask()
        broken = await there.copy(answer)
        broken.fail("scripted")
        here.tutor.say(*BEGUN, *whole_answer("is."))
        copy = await there.copy(answer)
        assert copy is not broken
        await until(lambda: copy.log.ending)
        assert copy.log.text == "A gait is."


async def test_a_server_that_stops_brings_its_endings_to_the_others(redis: RedisServer) -> None:
    async with desk(redis) as there:
        async with desk(redis) as here:
            answer = await here.ask()
            here.tutor.say(*BEGUN)
            copy = await there.copy(answer)
            await until(lambda: copy.log.text)
        async with asyncio.timeout(1.5):  # before it counts as dead
            while copy.log.ending is None:  # noqa: ASYNC110 -- there is no event
                await asyncio.sleep(0.01)
        assert isinstance(copy.log.ending, Failed)
        assert not copy.is_broken


async def test_a_server_that_was_found_dead_is_waited_for_only_once(
    redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with two(redis) as (here, there):
        names = RedisNames(SECRET)
        gone = StreamNames(names, 60)
        sessions = SharedSessionStore(
            here.sessions.link, names, SessionTokens(SECRET, 60), 3600, gone
        )
        await sessions.begin(SESSION, "query_1", None)
        monkeypatch.setattr(answer_copy, "MISSING", 0.0)
        first = await here.answers.look_up(SESSION, "query_1")
        assert first is not None
        await until(lambda: first.log.ending and redis.client.exists(dead(gone.server)))
        monkeypatch.undo()
        for desk in (here, there):
            again = await desk.answers.look_up(SESSION, "query_1")
            assert again is not None
            assert isinstance(again.log.ending, Failed)
            assert again.is_behind  # who has more of it than Redis gets the error, too
        redis.client.set(alive(gone.server), 1)
        again = await here.answers.look_up(SESSION, "query_1")
        assert again is not None
        assert again.log.ending is None


async def test_a_session_that_is_used_where_it_is_known_lives_on_at_all_servers(
    redis: RedisServer,
) -> None:
    async with desk(redis) as here:
        answer = await here.ask("mine")
        here.tutor.say(*whole_answer("A gait is."))
        await until(lambda: answer.task is None)
        sessions = here.sessions
        for use in (
            lambda: sessions.find(SESSION, answer.query_id),
            lambda: sessions.find(SESSION, client_query_id="mine"),
            lambda: sessions.begin(SESSION, "query_2", "mine"),
            lambda: sessions.add_turn(SESSION, Turn("And a ZMP?", (), "A point.")),
        ):
            keys = list(redis.client.scan_iter("scholiast:session:*"))
            assert len(keys) == 3
            for key in keys:
                redis.client.expire(key, 100)
            await use()
            assert min(map(redis.client.ttl, keys)) > 3000


async def test_an_answer_is_kept_for_the_window_from_its_end_on(redis: RedisServer) -> None:
    async with desk(redis) as here:
        answer = await here.ask()
        begun = answer.timer
        here.tutor.say(*whole_answer("A gait is."))
        await until(lambda: answer.task is None)
        assert begun is not None
        assert answer.timer is not None
        assert answer.timer.when() > begun.when()
