from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import get_args

import pytest

from chains.errors import ContentNotFound, ServiceUnavailable
from chains.events import Delta, FinishedSentence, Grounding, Proof, Sources, Status, chunk_uuid
from chains.question import Question, Selection, Turn
from quart_app.answers import running as module
from quart_app.answers.answer_log import Ended, Entry, Failed
from quart_app.answers.kept_answer import RunningAnswer
from quart_app.answers.running import Answers
from quart_app.answers.session_store import LONGEST_REMEMBERED, SessionStore
from quart_app.answers.session_tokens import SessionTokens
from tests.support.scripted_tutor import (
    BASIS,
    FINISH,
    SOURCE,
    ScriptedTutor,
    whole_answer,
)
from tests.support.stopped_time import StoppedLoop, settle

QUESTION = Question("What is a gait?")
SESSION = SessionStore.new_id()
SOURCES = (chunk_uuid(SOURCE.chunk_id),)


@dataclass
class Desk:
    """Answers of a scripted tutor."""

    answers: Answers
    tutor: ScriptedTutor
    sessions: SessionStore

    async def start(
        self, question: Question = QUESTION, client_query_id: str | None = None
    ) -> RunningAnswer:
        answer = await self.answers.start(question, SESSION, client_query_id)
        assert isinstance(answer, RunningAnswer)
        return answer

    async def read(self, answer: RunningAnswer) -> list[Entry]:
        with self.answers.following(answer):
            return [entry async for entry in answer.log.follow()]


def new_sessions() -> SessionStore:
    return SessionStore(SessionTokens("a secret for tests", 60), 60)


@asynccontextmanager
async def desk(window: float = 60.0, at_work: int = 100) -> AsyncIterator[Desk]:
    tutor, sessions = ScriptedTutor(), new_sessions()
    answers = Answers(tutor, sessions, window=window, at_work=at_work)
    try:
        yield Desk(answers, tutor, sessions)
    finally:
        await answers.close()


async def test_an_answer_is_written_whether_or_not_anybody_reads_it() -> None:
    async with desk() as d:
        answer = await d.start()
        d.tutor.say(*whole_answer("A ", "gait ", "is."))
        await d.tutor.stopped.wait()
        sources, *_, ending = await d.read(answer)
        assert sources == Sources((SOURCE,), BASIS)
        assert isinstance(ending, Ended)
        assert answer.log.text == "A gait is."


@pytest.mark.parametrize("error", [ContentNotFound(()), ServiceUnavailable("model", "it is off")])
async def test_a_failure_ends_the_answer(error: Exception) -> None:
    async with desk() as d:
        answer = await d.start()
        d.tutor.say(error)
        (ending,) = await d.read(answer)
        assert isinstance(ending, Failed)
        assert ending.error is error


async def test_a_bug_ends_the_answer_and_is_logged_with_its_trace(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with desk() as d:
        answer = await d.start()
        d.tutor.say(Sources((), BASIS), "Half", ZeroDivisionError("bug"))
        *_, ending = await d.read(answer)
    assert isinstance(ending, Failed)
    assert ending.error_id in caplog.text
    assert "ZeroDivisionError" in caplog.text


async def test_cancelling_stops_the_chain_and_keeps_what_is_there() -> None:
    async with desk() as d:
        answer = await d.start()
        supported = FinishedSentence(0, 10, 1.0, (Proof(1, "A gait is."),))
        unsupported = FinishedSentence(0, 10, 0.1, ())
        written = Delta("A gait is.", sentences=(supported, unsupported))
        d.tutor.say(Sources((SOURCE,), BASIS), written)
        follower = answer.log.follow()
        await anext(follower)
        await anext(follower)
        d.answers.cancel(answer)
        await d.tutor.stopped.wait()
        *_, ending = [entry async for entry in follower]
        assert isinstance(ending, Ended)
        assert ending.finish.status == "cancelled"
        assert ending.finish.grounding == Grounding(sentences=2, supported=1)
        assert ending.finish.index_version == BASIS.index_version
        assert answer.log.text == "A gait is."
        d.answers.cancel(answer)
        assert answer.log.ending is ending


async def test_what_is_cancelled_before_its_sources_has_a_start_and_an_end() -> None:
    async with desk() as d:
        answer = await d.start()
        d.answers.cancel(answer)  # before the task's first step
        sources, _, ending = await d.read(answer)
        assert sources == Sources((), BASIS)
        assert isinstance(ending, Ended)
        assert ending.finish.status == "cancelled"


async def test_closing_interrupts_what_runs_and_waits_until_it_has_let_go() -> None:
    async with desk() as d:
        answer = await d.start()
        d.tutor.say(Sources((), BASIS))
        await anext(answer.log.follow())
        await d.answers.close()
        assert d.tutor.stopped.is_set()
        assert isinstance(answer.log.ending, Failed)
        assert len(d.answers) == 0


async def test_without_a_reader_an_answer_is_cancelled_after_the_window(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "FIRST_READER_S", 0.0)
    async with desk(window=0.01) as d:
        never_read = await d.start()
        await d.tutor.stopped.wait()
        assert d.answers.find(never_read.query_id) is None
        d.tutor.stopped.clear()
        answer = await d.start()
        d.tutor.say(Sources((), BASIS), "Half")
        with d.answers.following(answer):
            await asyncio.sleep(0.05)
            assert answer.log.text == "Half"
        assert d.answers.find(answer.query_id) is answer
        await d.tutor.stopped.wait()
        assert d.answers.find(answer.query_id) is None


def test_a_reader_who_comes_back_in_time_keeps_the_answer_going() -> None:
    loop = StoppedLoop()

    async def come_and_go() -> None:
        async with desk(window=60) as d:
            answer = await d.start()
            for _ in range(4):
                with d.answers.following(answer):
                    await settle()
                loop.now += 59
                await settle()
            assert not d.tutor.stopped.is_set()
            loop.now += 1
            await settle()
            assert d.tutor.stopped.is_set()

    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(come_and_go())


async def test_without_a_window_an_answer_ends_with_its_reader() -> None:
    async with desk(window=0) as d:
        answer = await d.start()
        with d.answers.following(answer):
            d.tutor.say(Sources((), BASIS))
            await anext(answer.log.follow())
        await d.tutor.stopped.wait()
        assert len(d.answers) == 0


async def test_the_same_client_id_is_one_run() -> None:
    async with desk() as d:
        once = await d.start(client_query_id="mine")
        again = await d.start(client_query_id="mine")
        d.tutor.say(*whole_answer("Once."))
        await d.read(again)
        assert again is once
        assert await d.start(client_query_id="mine") is once
        assert len(d.tutor.questions) == 1
        d.answers.forget(once)
        assert await d.answers.start(QUESTION, SESSION, "mine") is None
        assert len(d.tutor.questions) == 1


async def test_the_next_question_knows_the_turns_before() -> None:
    async with desk() as d:
        about = Question("explain this", (Selection("The foot tips over."),))
        d.tutor.say(*whole_answer("It falls [1]."))
        await d.read(await d.start(about))
        d.tutor.say(*whole_answer("Because."))
        await d.read(await d.start(Question("Why?")))
        assert d.tutor.questions[1].history == (
            Turn("explain this", ("The foot tips over.",), "It falls.", SOURCES),
        )


async def test_talk_is_nothing_that_the_next_question_goes_on_about() -> None:
    async with desk() as d:
        d.tutor.say(*whole_answer("It falls [1]."))
        await d.read(await d.start(Question("Does it fall?")))
        d.tutor.say(Sources((), BASIS), "You are welcome!", FINISH)
        await d.read(await d.start(Question("Thanks!")))
        d.tutor.say(*whole_answer("Because."))
        await d.read(await d.start(Question("Why?")))
        history = d.tutor.questions[2].history
        assert history == (Turn("Does it fall?", (), "It falls.", SOURCES),)


async def test_only_the_beginning_of_what_was_selected_is_remembered() -> None:
    async with desk() as d:
        half = "x" * (LONGEST_REMEMBERED // 2)
        about = Question("explain", (Selection(half), Selection(half), Selection("more")))
        d.tutor.say(*whole_answer("It falls."))
        await d.read(await d.start(about))
        d.tutor.say(*whole_answer("Because."))
        await d.read(await d.start(Question("Why?")))
        (turn,) = d.tutor.questions[1].history
        assert turn.selections == (half, half[:-1])
        assert len("\n".join(turn.selections)) == LONGEST_REMEMBERED


@pytest.mark.parametrize("status", get_args(Status))
async def test_what_the_model_refused_or_left_empty_is_no_turn(status: Status) -> None:
    async with desk() as d:
        d.tutor.say(Sources((SOURCE,), BASIS), "Half of it", replace(FINISH, status=status))
        await d.read(await d.start())
        d.tutor.say(*whole_answer("Because."))
        await d.read(await d.start(Question("Why?")))
        turns = [turn.answer for turn in d.tutor.questions[1].history]
        assert turns == ([] if status in ("filtered", "empty") else ["Half of it"])


async def test_of_ended_answers_only_so_many_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_KEPT", 2)
    async with desk() as d:
        started = []
        for _ in range(3):
            d.tutor.say(*whole_answer("Short."))
            started.append(await d.start())
            await d.read(started[-1])
        await asyncio.sleep(0)  # the task's last callback
        assert [d.answers.find(answer.query_id) for answer in started] == [None, *started[1:]]


async def test_the_estimate_follows_recent_answers() -> None:
    async with desk() as d:
        before = d.answers.estimated_duration
        for _ in range(3):
            d.tutor.say(*whole_answer("Quick."))
            await d.read(await d.start())
        await asyncio.sleep(0)
        assert d.answers.estimated_duration < before


async def test_the_estimate_ignores_what_was_cancelled_in_line() -> None:
    async with desk(at_work=1) as d:
        d.answers.queue.enter("another reader")
        before = d.answers.estimated_duration
        for _ in range(2 * module.RECENT):
            waits = await d.start()
            d.answers.cancel(waits)
            await d.read(waits)
        await asyncio.sleep(0)
        assert d.answers.estimated_duration == before


async def test_an_answer_that_is_not_kept_leaves_nothing_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "MOST_KEPT", 1)
    async with desk() as d:
        d.tutor.say(*whole_answer("Short."))
        first = await d.start()
        await d.read(first)
        d.tutor.say(*whole_answer("Short."))
        await d.read(await d.start())
        await asyncio.sleep(0)  # the task's last callback
        assert first.timer is not None
        assert first.timer.cancelled()


async def test_what_was_cancelled_before_its_first_word_is_no_turn() -> None:
    async with desk() as d:
        answer = await d.start()
        d.tutor.say(Sources((), BASIS))
        await anext(answer.log.follow())
        d.answers.cancel(answer)
        await d.tutor.stopped.wait()
        d.tutor.script = asyncio.Queue()
        d.tutor.say(*whole_answer("Now."))
        await d.read(await d.start())
        assert d.tutor.questions[-1].history == ()
