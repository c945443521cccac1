"""What is seen of an answer."""

from __future__ import annotations

import json
from contextlib import aclosing
from pathlib import Path

import msgspec

from chains.errors import ContentNotFound
from chains.events import Sources
from chains.index.library import Library
from chains.question import Question, Selection, Turn
from quart_app.answers.answer_log import AnswerLog, Failed
from quart_app.answers.running import Answers
from quart_app.answers.session_store import SessionStore
from quart_app.answers.session_tokens import SessionTokens
from quart_app.trace.record import (
    AskedSelection,
)
from quart_app.trace.trace_folder import read_all
from tests.support.scripted_openai import CUT, ScriptedOpenAI, Status
from tests.support.scripted_tutor import SOURCE, ScriptedTutor, whole_answer
from tests.support.tracing import (
    PROMPTS,
    ZMP,
    Clock,
    begin,
    chunk,
    ended,
    start,
    traced,
    tracing,
)


async def test_search_gate_prompt_and_calls_are_seen_in_the_run_of_the_chain(
    library: Library, tmp_path: Path
) -> None:
    async with ScriptedOpenAI([Status(503)], ["The ZMP ", "is a point [1]."]) as endpoint:
        trace = await traced(library, endpoint, ZMP, tmp_path)
    assert (trace.asked.question, trace.prompt) == (ZMP.text, "answer")
    assert trace.version == PROMPTS["answer"].version
    assert trace.retrieval
    best = trace.retrieval.candidates[0]
    assert best.section == "Balance > The zero moment point"
    assert 0 < best.score <= 1.2
    assert 0.3 < best.cosine < 1
    assert [c.rank for c in trace.retrieval.candidates] == [*range(1, 31)]
    assert [s.chunk_id for s in trace.sources] == [
        c.chunk_id for c in trace.retrieval.candidates[:6]
    ]
    assert trace.gate
    assert trace.gate.passed
    assert trace.gate.relevance > trace.gate.threshold
    assert [message.role for message in trace.messages] == ["system", "human", "ai", "human"]
    assert "The reader asks: What is the zero moment point?\n" in trace.messages[-1].text
    failed, answered = trace.calls
    assert "HTTP 503" in (failed.error or "")
    assert failed.first_ms is None
    assert (answered.pieces, answered.finish_reason, answered.model) == (2, "stop", "scripted")
    assert answered.output_tokens == 2
    assert answered.first_ms is not None
    assert answered.last_ms is not None
    assert failed.asked_ms < answered.asked_ms < answered.first_ms <= answered.last_ms
    assert trace.outcome.status == "completed"
    assert trace.text == f"The ZMP is a point. [{trace.cited[0]}]"


async def test_a_follow_up_is_kept_with_its_history_and_how_it_was_condensed(
    library: Library, tmp_path: Path
) -> None:
    turn = Turn("What is the ZMP?", ("the ZMP",), "A point on the ground.")
    question = Question("Why does it matter?", history=(turn,))
    async with ScriptedOpenAI(["Why does the ZMP matter?"], ["It does [1]."]) as endpoint:
        trace = await traced(library, endpoint, question, tmp_path)
    assert [message.text for message in trace.asked.history] == [turn.asked, turn.answer]
    assert trace.condensed
    assert (trace.condensed.question, trace.condensed.by) == ("Why does the ZMP matter?", "model")
    assert [call.purpose for call in trace.calls] == ["condense", "answer"]
    *_, asked, said, _ = trace.messages
    assert asked.text == "What is the ZMP?\n\n<data-selection>\nthe ZMP\n</data-selection>"
    assert said == trace.asked.history[1]


async def test_an_answer_that_breaks_off_says_why_and_what_there_was_of_it(
    library: Library, tmp_path: Path
) -> None:
    async with ScriptedOpenAI(["Half an answer, ", CUT]) as endpoint:
        trace = await traced(library, endpoint, ZMP, tmp_path)
    assert trace.outcome.status == "failed"
    assert trace.outcome.fault
    assert trace.outcome.fault.kind == "ServiceUnavailable"
    assert "The model did not answer: " in trace.outcome.fault.reason
    assert trace.text == "Half an answer,"
    assert trace.calls[-1].error


async def test_what_the_book_does_not_cover_shows_a_shut_gate_and_no_call(
    library: Library, tmp_path: Path
) -> None:
    async with ScriptedOpenAI() as endpoint:
        asked = Question("What is the capital of France?")
        trace = await traced(library, endpoint, asked, tmp_path)
    assert trace.gate
    assert not trace.gate.passed
    assert trace.outcome.fault
    assert trace.outcome.fault.kind == ContentNotFound.__name__
    assert (trace.calls, trace.messages, trace.text) == ((), (), "")


async def test_selections_and_page_are_kept_as_they_were_sent(tmp_path: Path) -> None:
    chunk = "0384ccfe-9731-5a3e-beeb-6d0655cec8c1"
    selections = (Selection("A gait.", page="/p", anchor="a"), Selection(chunk_id=chunk))
    async with tracing(tmp_path) as tracer:
        recorder = begin(tracer, Question("What?", selections, "/book/a", prompt="short"))
        recorder.end(ended())
    (trace,) = read_all(tmp_path)
    assert trace.asked.selections == (
        AskedSelection("A gait.", page="/p", anchor="a"),
        AskedSelection(chunk_id=f"chunk_{chunk.replace('-', '')}"),
    )
    assert (trace.asked.page, trace.prompt, trace.version) == ("/book/a", "short", None)


async def test_frames_are_kept_with_their_times_and_without_what_opens_a_session(
    tmp_path: Path,
) -> None:
    clock = Clock()
    async with tracing(tmp_path, clock=clock) as tracer:
        recorder = begin(tracer)
        clock.now += 0.25
        recorder.frame(start())
        clock.now += 0.5
        recorder.frame(chunk(3, "A gait is [1]"))
        recorder.end(ended("A gait is [1]"))
    (trace,) = read_all(tmp_path)
    first, second = trace.frames
    assert (first.at_ms, first.type, first.seq) == (250, "response_start", -1)
    assert (second.at_ms, second.seq, second.content) == (750, 3, "A gait is [1]")
    assert (second.cites, trace.first_ms) == ((1,), 750)
    assert second.bytes == len(msgspec.json.encode(chunk(3, "A gait is [1]")))
    (file,) = tmp_path.iterdir()
    for secret in ("secret-token", "session_1"):
        assert secret not in file.read_text("utf-8")


async def test_the_questions_of_a_session_have_its_hash_in_common(tmp_path: Path) -> None:
    async with tracing(tmp_path) as tracer:
        for number, session in enumerate(("session_1", "session_1", "session_2")):
            recorder = tracer.begin(
                f"query_{number:032x}", ZMP, client_query_id=None, session_id=session
            )
            recorder.end(ended())
    first, second, third = sorted(read_all(tmp_path), key=lambda trace: trace.query_id)
    assert first.session == second.session != third.session


async def test_a_bug_is_kept_by_its_id_and_nothing_that_it_says(tmp_path: Path) -> None:
    log = AnswerLog()
    log.fail(ValueError("with the key sk-1234"))
    async with tracing(tmp_path) as tracer:
        begin(tracer).end(log)
    (trace,) = read_all(tmp_path)
    assert trace.outcome.fault
    assert trace.outcome.fault.kind == "ValueError"
    assert isinstance(log.ending, Failed)
    assert log.ending.error_id in trace.outcome.fault.reason
    assert "sk-1234" not in json.dumps(msgspec.to_builtins(trace))


async def test_a_cancelled_answer_is_kept_with_what_there_was_of_it(tmp_path: Path) -> None:
    tutor, sessions = ScriptedTutor(), SessionStore(SessionTokens("a secret for tests", 60), 60)
    async with tracing(tmp_path) as tracer:
        answers = Answers(tutor, sessions, window=60, watch=tracer)
        answer = await answers.start(ZMP, SessionStore.new_id(), "mine")
        assert answer
        tutor.say(*whole_answer("A gait ")[:2])
        async with aclosing(answer.log.follow()) as entries:
            assert isinstance(await anext(entries), Sources)
            await anext(entries)
        answers.cancel(answer)
        await answers.close()
    (trace,) = read_all(tmp_path)
    assert (trace.query_id, trace.client_query_id) == (answer.query_id, "mine")
    assert (trace.outcome.status, trace.text) == ("cancelled", "A gait ")
    assert [source.section for source in trace.sources] == [SOURCE.section]
