"""What is seen of an answer, and the files that it is kept in."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import stat
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic, sleep

import msgspec
import pytest
from msgspec.structs import replace
from pydantic import SecretStr

from chains.answering.condense import load_condense_prompt
from chains.answering.inputs import PROMPT_INPUTS
from chains.errors import ContentNotFound, ScholiastError
from chains.events import Delta, Sources
from chains.index.library import Library
from chains.index.retriever import BookRetriever
from chains.models.opening import open_model
from chains.prompts.prompt import load_prompt
from chains.question import Question, Selection, Turn
from chains.tutor import TutorChain
from quart_app.answers.answer_log import AnswerLog, Failed
from quart_app.answers.running import Answers
from quart_app.answers.session_store import SessionStore
from quart_app.answers.session_tokens import SessionTokens
from quart_app.protocol.server_messages import (
    ResponseChunk,
    ResponseChunkData,
    ResponseEnd,
    ResponseEndData,
    ResponseStart,
    ResponseStartData,
    Resumed,
    ResumedData,
    ServerMessage,
)
from quart_app.settings import WebSettings
from quart_app.trace import files
from quart_app.trace.files import MOST_FILES, TraceNotFound, find, keep, read_all
from quart_app.trace.fit import MOST_BYTES
from quart_app.trace.record import (
    Asked,
    AskedSelection,
    Candidate,
    Frame,
    Message,
    Outcome,
    Retrieval,
    Trace,
)
from quart_app.trace.recorder import Recorder
from quart_app.trace.tracer import Tracer, open_tracer
from quart_app.trace.visible import one_line, visible
from tests.support.scripted_openai import CUT, ScriptedOpenAI, Status
from tests.support.scripted_tutor import BASIS, FINISH, SOURCE, ScriptedTutor, whole_answer

QUERY = f"query_{1:032x}"
ZMP = Question("What is the zero moment point?")
PROMPTS = {"answer": load_prompt("answer", WebSettings.model_construct(), PROMPT_INPUTS)}
NOW = datetime.now(UTC)


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


# What is seen


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
    assert 0 < best.score <= 1
    assert 0.3 < best.cosine < 1
    assert [c.rank for c in trace.retrieval.candidates] == [*range(1, 31)]
    assert [s.chunk_id for s in trace.sources] == [
        c.chunk_id for c in trace.retrieval.candidates[:6]
    ]
    assert trace.gate
    assert trace.gate.passed
    assert trace.gate.relevance > trace.gate.threshold
    assert [message.role for message in trace.messages] == ["system", "human"]
    assert trace.messages[1].text.endswith("What is the zero moment point?")
    failed, answered = trace.calls
    assert "HTTP 503" in (failed.error or "")
    assert failed.first_ms is None
    assert (answered.pieces, answered.finish_reason, answered.model) == (2, "stop", "scripted")
    assert answered.output_tokens == 2
    assert answered.first_ms is not None
    assert answered.last_ms is not None
    assert failed.asked_ms < answered.asked_ms < answered.first_ms <= answered.last_ms
    assert (trace.outcome.status, trace.text) == ("completed", "The ZMP is a point [1].")
    assert trace.cited == (1,)


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
    assert trace.messages[1:3] == trace.asked.history


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


# When it is written


async def test_it_is_written_once_the_reader_has_the_ending(tmp_path: Path) -> None:
    async with tracing(tmp_path, linger=3600) as tracer:
        recorder = begin(tracer)
        recorder.end(ended())
        await asyncio.sleep(0)
        assert read_all(tmp_path) == []
        recorder.frame(ending())
        (trace,) = await kept(tmp_path)
    assert [frame.type for frame in trace.frames] == ["response_end"]


async def test_it_is_written_where_nobody_reads(tmp_path: Path) -> None:
    async with tracing(tmp_path, linger=0.01) as tracer:
        begin(tracer).end(ended())
        assert len(await kept(tmp_path)) == 1


async def test_frames_of_a_reader_who_resumes_later_are_added(tmp_path: Path) -> None:
    async with tracing(tmp_path, linger=0) as tracer:
        recorder = begin(tracer)
        recorder.frame(chunk(0, "A "))
        recorder.end(ended())
        await kept(tmp_path)
        recorder.frame(Resumed(ResumedData(recovered=True, last_seq=-1)))
        recorder.frame(chunk(1, "A gait"))
        recorder.frame(ending())
    (trace,) = read_all(tmp_path)
    types = [frame.type for frame in trace.frames]
    assert types == ["response_chunk", "resumed", "response_chunk", "response_end"]


async def test_late_frames_bring_no_dropped_trace_back(tmp_path: Path) -> None:
    async with tracing(tmp_path, linger=0) as tracer:
        recorder = begin(tracer)
        recorder.end(ended())
        await kept(tmp_path)
        next(tmp_path.iterdir()).unlink()
        recorder.frame(ending())
    assert list(tmp_path.iterdir()) == []


async def test_answers_go_on_while_a_trace_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    released, waited = threading.Event(), []
    monkeypatch.setattr(files, "keep", lambda *_: waited.append(released.wait(5)))
    async with tracing(tmp_path) as tracer:
        recorder = begin(tracer)
        recorder.end(ended())
        recorder.frame(ending())
        asyncio.get_running_loop().call_later(0.01, released.set)
    assert waited == [True]


async def test_a_trace_that_cannot_be_written_costs_a_line_and_nothing_else(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "scholiast.trace")
    blocked = tmp_path / "traces"
    blocked.write_text("no folder")
    async with tracing(blocked) as tracer:
        begin(tracer).end(ended())
    assert "a trace was not kept" in caplog.text


def test_nothing_is_watched_or_made_where_it_is_off(tmp_path: Path) -> None:
    assert open_tracer(tmp_path, PROMPTS, is_on=False) is None
    assert list(tmp_path.iterdir()) == []


# Where it is kept


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")
def test_only_the_owner_can_read_traces_whatever_the_folder_was(tmp_path: Path) -> None:
    folder = tmp_path / "traces"
    folder.mkdir(mode=0o777)
    mask = os.umask(0)
    try:
        keep(folder, made(1))
    finally:
        os.umask(mask)
    (file,) = folder.iterdir()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_oldest_make_room(tmp_path: Path) -> None:
    for number in range(MOST_FILES + 2):
        keep(tmp_path, made(number, NOW - timedelta(minutes=MOST_FILES - number)))
    traces = read_all(tmp_path)
    assert len(traces) == len(list(tmp_path.iterdir())) == MOST_FILES
    assert traces[0].query_id == f"query_{MOST_FILES + 1:032x}"
    assert traces[-1].query_id == f"query_{2:032x}"


@pytest.mark.parametrize("trace", [True, False])
def test_a_start_drops_what_is_older_than_a_day_and_leaves_what_is_not_ours(
    tmp_path: Path, trace: bool
) -> None:
    folder = tmp_path / "traces"
    for number, hours in enumerate((23, 25, -25)):
        keep(folder, made(number, NOW - timedelta(hours=hours)))
    (folder / "notes.txt").write_text("mine")
    (folder / f"20200101T000000.000Z-{QUERY}.json.part").write_text("half")
    open_tracer(tmp_path, PROMPTS, is_on=trace)
    assert [t.query_id for t in read_all(folder)] == [f"query_{0:032x}"]
    assert len(list(folder.iterdir())) == 2


def test_a_file_that_cannot_be_read_is_passed_over(tmp_path: Path) -> None:
    keep(tmp_path, made(1))
    for name, content in (("a", b"{"), ("b", b'{"form": 2}'), ("c", b"\xff")):
        (tmp_path / f"20991231T000000.000Z-query_{name * 32}.json").write_bytes(content)
    assert [trace.query_id for trace in read_all(tmp_path)] == [QUERY]


@pytest.mark.parametrize("letter", ["x", "\x00", "\U0001f916"])
def test_a_file_is_bounded_and_says_what_is_not_in_it(tmp_path: Path, letter: str) -> None:
    text = letter * 200_000
    frames = tuple(Frame(n, "response_chunk", 9, n, letter * 1000) for n in range(4000))
    found = tuple(Candidate(n, "chunk", "a.md", "A", 0.1, 0.1) for n in range(2000))
    trace = made(1)
    trace = replace(
        trace,
        asked=Asked("What?", history=(Message("human", text),) * 50),
        retrieval=Retrieval("What?", 0, 1, found),
        frames=frames,
        text=text,
    )
    keep(tmp_path, trace)
    (file,) = tmp_path.iterdir()
    assert file.stat().st_size <= MOST_BYTES
    (trace,) = read_all(tmp_path)
    assert trace.frames[0] == replace(frames[0], content=trace.frames[0].content)
    assert trace.frames[-1].seq == 3999
    assert {note.split(":")[0] for note in trace.left_out} >= {
        "the answer", "frames", "candidates", "earlier turns",
    }  # fmt: skip


def test_the_beginning_of_an_id_finds_its_trace(tmp_path: Path) -> None:
    for number in (0xA1, 0xA2):
        keep(tmp_path, made(number << 120, NOW + timedelta(seconds=number)))
    for given in ("a1", "query_a1", f"query_{0xA1 << 120:032x}"):
        assert find(tmp_path, given).query_id == f"query_{0xA1 << 120:032x}"
    assert find(tmp_path, "last").query_id == f"query_{0xA2 << 120:032x}"
    with pytest.raises(TraceNotFound, match="2 traces begin with “a”"):
        find(tmp_path, "a")
    with pytest.raises(TraceNotFound, match="`scholiast trace` lists"):
        find(tmp_path, "b")


# How it is shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[31mb", "a\\x1b[31mb"),
        ("a\rb\x07\x9b", "a\\x0db\\x07\\x9b"),
        ("a\r\nb\tc", "a\nb   c"),
        ("a\u202eb\u2066\u200b\ufeff", "a\\u202eb\\u2066\\u200b\\ufeff"),
        ("a\u2028b\U000e0041", "a\\u2028b\\U000e0041"),
        ("höre 𝑥 नमस्ते‍ 👩‍🔬", "höre 𝑥 नमस्ते‍ 👩‍🔬"),
    ],
)
def test_nothing_in_a_text_acts_on_a_terminal(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_one_line_is_one_short_line() -> None:
    assert one_line("a\n b\x1b " + "c" * 90, 12) == "a b\\x1b ccc…"


@asynccontextmanager
async def tracing(
    folder: Path, *, linger: float = 0.5, clock: Callable[[], float] = monotonic
) -> AsyncIterator[Tracer]:
    """A tracer; after the block all is written."""
    tracer = Tracer(folder, PROMPTS, linger=linger, clock=clock)
    yield tracer
    await tracer.close()


async def traced(
    library: Library, endpoint: ScriptedOpenAI, question: Question, folder: Path
) -> Trace:
    """What is kept of a question to the real chain, whose model is at `endpoint`."""
    settings = WebSettings.model_construct(
        model="scripted", openai_base_url=endpoint.base_url, openai_api_key=SecretStr("key")
    )
    log = AnswerLog()
    async with open_model(settings) as model, tracing(folder) as tracer:
        condensing = load_condense_prompt(settings)
        tutor = TutorChain(BookRetriever(library=library), PROMPTS, model, condensing)
        recorder = begin(tracer, question)
        try:
            async for event in tutor.astream(question, {"callbacks": recorder.callbacks}):
                log.add(event)
        except ScholiastError as error:
            log.fail(error)
        recorder.end(log)
    (trace,) = read_all(folder)
    return trace


async def kept(folder: Path) -> list[Trace]:
    """The traces, as soon as there are any."""

    def look() -> list[Trace]:
        while not (traces := read_all(folder)):
            sleep(0.005)
        return traces

    return await asyncio.wait_for(asyncio.to_thread(look), 10)


def begin(tracer: Tracer, question: Question = ZMP) -> Recorder:
    return tracer.begin(QUERY, question, client_query_id=None, session_id="session_1")


def ended(text: str = "") -> AnswerLog:
    """An answer that came through."""
    log = AnswerLog()
    for event in (Sources((SOURCE,), BASIS), Delta(text), FINISH):
        log.add(event)
    return log


def start() -> ServerMessage:
    return ResponseStart(
        ResponseStartData(QUERY, "session_1", "secret-token", -1, 9, (SOURCE,), None)
    )


def chunk(seq: int, content: str) -> ServerMessage:
    return ResponseChunk(ResponseChunkData(QUERY, seq, content, False, (SOURCE,)))


def ending() -> ServerMessage:
    return ResponseEnd(
        ResponseEndData(
            QUERY, 0, "completed", 2, 1, 12, False, 1, FINISH.grounding, FINISH.prompt, "fake",
            "v1", "0",
        )
    )  # fmt: skip


def made(number: int, accepted: datetime = NOW) -> Trace:
    """A trace of nothing much."""
    return Trace(
        query_id=f"query_{number:032x}",
        session="0",
        accepted=accepted.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        server_version="0",
        asked=Asked("What?"),
        prompt="answer",
        version=None,
        outcome=Outcome("completed", 1.0),
    )
