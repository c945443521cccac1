from __future__ import annotations

from hashlib import sha256

import pytest

from chains.errors import ServiceUnavailable
from chains.events import Delta, FinishedSentence, Sources, Thinking
from quart_app.answers.answer_log import AnswerLog, Ended, Entry, Failed, Piece
from tests.support.scripted_tutor import BASIS, FINISH, SOURCE


async def entries(log: AnswerLog, after: int = -1) -> list[Entry]:
    return [entry async for entry in log.follow(after)]


async def test_what_waits_together_comes_out_joined() -> None:
    log = AnswerLog()
    log.add(Sources((SOURCE,), BASIS))
    log.add(Delta("A "))
    log.add(Delta("gait [1]", (SOURCE,)))
    follower = log.follow()
    await anext(follower)
    assert await anext(follower) == Piece(1, "A gait [1]", (SOURCE,), is_complete=False)
    log.add(Delta(" is."))
    assert await anext(follower) == Piece(2, " is.", (), is_complete=False)
    log.add(FINISH)
    assert await anext(follower) == Piece(2, "", (), is_complete=True)
    await follower.aclose()


async def test_joined_deltas_keep_the_sentences_that_they_finish() -> None:
    first, second = FinishedSentence(0, 6, 1.0, ()), FinishedSentence(7, 13, 0.2, ())
    log = AnswerLog()
    log.add(Sources((SOURCE,), BASIS))
    log.add(Delta("A gait. B", sentences=(first,)))
    log.add(Delta(" gait.", sentences=(second,)))
    log.add(FINISH)
    _, piece, _ = await entries(log)
    assert isinstance(piece, Piece)
    assert piece.sentences == (first, second)
    resumed, _ = await entries(log, after=0)
    assert isinstance(resumed, Piece)
    assert resumed.sentences == (second,)


async def test_from_the_beginning_the_sources_come_first() -> None:
    log = AnswerLog()
    for event in (Sources((SOURCE,), BASIS), Delta("a"), FINISH):
        log.add(event)
    sources, piece, ending = await entries(log)
    assert sources == Sources((SOURCE,), BASIS)
    assert piece == Piece(0, "a", (), is_complete=True)
    assert isinstance(ending, Ended)


async def test_that_the_model_thinks_is_news_until_there_is_text() -> None:
    log = AnswerLog()
    log.add(Sources((SOURCE,), BASIS))
    follower = log.follow()
    await anext(follower)
    log.add(Thinking())
    assert await anext(follower) == Thinking()
    late = log.follow()
    assert [await anext(late), await anext(late)] == [Sources((SOURCE,), BASIS), Thinking()]
    log.add(Delta("a"))
    for reader in (follower, late):
        assert await anext(reader) == Piece(0, "a", (), is_complete=False)
        await reader.aclose()
    log.add(FINISH)
    assert Thinking() not in await entries(log)
    assert log.text == "a"


@pytest.mark.parametrize("after", [0, 1, 2])
async def test_a_late_follower_gets_what_comes_after_its_seq(after: int) -> None:
    log = AnswerLog()
    for event in (Sources((SOURCE,), BASIS), Delta("a"), Delta("b"), Delta("c"), FINISH):
        log.add(event)
    piece, ending = await entries(log, after)
    assert piece == Piece(2, "abc"[after + 1 :], (), is_complete=True)
    assert isinstance(ending, Ended)


async def test_two_followers_read_at_their_own_pace() -> None:
    log = AnswerLog()
    log.add(Sources((), BASIS))
    quick, slow = log.follow(), log.follow()
    await anext(quick)
    await anext(slow)
    log.add(Delta("a"))
    assert await anext(quick) == Piece(0, "a", (), is_complete=False)
    log.add(Delta("b"))
    assert await anext(quick) == Piece(1, "b", (), is_complete=False)
    assert await anext(slow) == Piece(1, "ab", (), is_complete=False)
    await quick.aclose()
    await slow.aclose()


async def test_a_failure_comes_after_what_was_written() -> None:
    log = AnswerLog()
    log.add(Sources((), BASIS))
    log.add(Delta("Half"))
    log.fail(ServiceUnavailable("model", "it broke off"))
    _, piece, ending = await entries(log)
    assert piece == Piece(0, "Half", (), is_complete=False)
    assert isinstance(ending, Failed)


async def test_times_are_counted_from_the_question() -> None:
    now = iter([10.0, 10.2, 10.9])
    log = AnswerLog(clock=lambda: next(now))
    log.add(Sources((), BASIS))
    log.add(Delta("a"))
    log.add(FINISH)
    assert isinstance(log.ending, Ended)
    assert (log.ending.first_chunk_ms, log.ending.response_time_ms) == (200, 900)
    assert log.ending.content_sha256 == sha256(b"a").hexdigest()


def test_an_answer_that_is_stopped_counts_what_it_cited() -> None:
    log = AnswerLog()
    log.add(Sources((SOURCE,), BASIS))
    log.add(Delta("A gait is [1].", (SOURCE,)))
    log.finish("cancelled", BASIS)
    assert isinstance(log.ending, Ended)
    finish = log.ending.finish
    assert (finish.status, finish.sources_used, finish.tokens_estimated) == ("cancelled", 1, True)
    assert finish.total_tokens == (len("A gait is [1].") + len("A gait is.")) // 4
