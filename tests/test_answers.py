from __future__ import annotations

import asyncio
from hashlib import sha256

import pytest

from chains.errors import ContentNotFound, ServiceUnavailable
from chains.events import Delta, Sources
from chains.question import Question
from quart_app.answers import Answers, Ended, Failed, Piece, RunningAnswer
from tests.scripted_tutor import FINISH, SOURCE, ScriptedTutor, whole_answer

QUESTION = Question("What is a gait?")


async def entries(answer: RunningAnswer, after: int = -1) -> list[object]:
    return [entry async for entry in answer.follow(after)]


async def test_a_follower_gets_sources_then_every_delta_then_the_ending() -> None:
    tutor = ScriptedTutor()
    answer = Answers(tutor).start(QUESTION)
    following = asyncio.create_task(entries(answer))
    tutor.say(*whole_answer("A ", "gait ", "is."))
    sources, *pieces, ending = await following
    assert sources == Sources((SOURCE,))
    assert "".join(piece.content for piece in pieces if isinstance(piece, Piece)) == "A gait is."
    assert [piece.is_complete for piece in pieces if isinstance(piece, Piece)][-1] is True
    assert isinstance(ending, Ended)
    assert ending.finish == FINISH
    assert ending.content_sha256 == sha256(b"A gait is.").hexdigest()


async def test_what_waits_together_comes_out_joined() -> None:
    answer = RunningAnswer("query_1")
    answer.add(Sources((SOURCE,)))
    answer.add(Delta("A "))
    answer.add(Delta("gait [1]", (SOURCE,)))
    follower = answer.follow()
    await anext(follower)
    assert await anext(follower) == Piece(1, "A gait [1]", (SOURCE,), is_complete=False)
    answer.add(Delta(" is."))
    assert await anext(follower) == Piece(2, " is.", (), is_complete=False)
    answer.add(FINISH)
    assert await anext(follower) == Piece(2, "", (), is_complete=True)
    await follower.aclose()


@pytest.mark.parametrize("after", [-1, 0, 1, 2])
async def test_a_late_follower_gets_what_comes_after_its_seq(after: int) -> None:
    answer = RunningAnswer("query_1")
    for event in (Sources((SOURCE,)), Delta("a"), Delta("b"), Delta("c"), FINISH):
        answer.add(event)
    _, piece, ending = await entries(answer, after)
    assert piece == Piece(2, "abc"[after + 1 :], (), is_complete=True)
    assert isinstance(ending, Ended)


async def test_two_followers_read_at_their_own_pace() -> None:
    answer = RunningAnswer("query_1")
    answer.add(Sources(()))
    quick, slow = answer.follow(), answer.follow()
    await anext(quick)
    await anext(slow)
    answer.add(Delta("a"))
    assert await anext(quick) == Piece(0, "a", (), is_complete=False)
    answer.add(Delta("b"))
    assert await anext(quick) == Piece(1, "b", (), is_complete=False)
    assert await anext(slow) == Piece(1, "ab", (), is_complete=False)
    await quick.aclose()
    await slow.aclose()


@pytest.mark.parametrize("error", [ContentNotFound(()), ServiceUnavailable("model", "it is off")])
async def test_a_failure_ends_the_answer(error: Exception) -> None:
    tutor = ScriptedTutor()
    answer = Answers(tutor).start(QUESTION)
    tutor.say(error)
    (ending,) = await entries(answer)
    assert isinstance(ending, Failed)
    assert ending.error is error


async def test_a_bug_ends_the_answer_and_is_logged_with_its_trace(
    caplog: pytest.LogCaptureFixture,
) -> None:
    tutor = ScriptedTutor()
    answer = Answers(tutor).start(QUESTION)
    tutor.say(Sources(()), "Half", ZeroDivisionError("bug"))
    *_, ending = await entries(answer)
    assert isinstance(ending, Failed)
    assert ending.error_id in caplog.text
    assert "ZeroDivisionError" in caplog.text


async def test_cancelling_stops_the_chain_and_ends_the_answer() -> None:
    tutor = ScriptedTutor()
    answers = Answers(tutor)
    answer = answers.start(QUESTION)
    tutor.say(Sources(()), "Half")
    follower = answer.follow()
    await anext(follower)
    await anext(follower)
    answers.cancel(answer)
    await tutor.stopped.wait()
    assert isinstance(await anext(follower), Failed)
    answers.cancel(answer)
    await follower.aclose()


async def test_closing_waits_until_running_answers_have_let_go() -> None:
    tutor = ScriptedTutor()
    answers = Answers(tutor)
    answer = answers.start(QUESTION)
    tutor.say(Sources(()))
    await anext(answer.follow())
    await answers.close()
    assert tutor.stopped.is_set()
    assert isinstance(answer.ending, Failed)


async def test_times_are_counted_from_the_question() -> None:
    now = iter([10.0, 10.2, 10.9])
    answer = RunningAnswer("query_1", clock=lambda: next(now))
    answer.add(Sources(()))
    answer.add(Delta("a"))
    answer.add(FINISH)
    assert isinstance(answer.ending, Ended)
    assert (answer.ending.first_chunk_ms, answer.ending.response_time_ms) == (200, 900)


async def test_the_estimate_follows_recent_answers() -> None:
    tutor = ScriptedTutor()
    answers = Answers(tutor)
    before = answers.estimated_duration
    for _ in range(3):
        answer = answers.start(QUESTION)
        tutor.say(*whole_answer("Quick."))
        await entries(answer)
    assert answers.estimated_duration < before
