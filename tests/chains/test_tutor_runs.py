"""What LangChain's callbacks get to see of a question on its way through the chain."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import aclosing
from dataclasses import replace
from typing import Any, cast
from uuid import UUID, uuid4

import pytest
from langchain_core.callbacks import AsyncCallbackHandler
from langchain_core.tracers.run_collector import RunCollectorCallbackHandler
from langchain_core.tracers.schemas import Run

from chains.answering.condense import load_condense_prompt
from chains.answering.relevance import THRESHOLDS
from chains.errors import ContentNotFound, ContextNotFound, ServiceUnavailable
from chains.events import Delta, Event, Finish, Sources
from chains.index.library import Library
from chains.question import Question, Selection, Turn
from chains.settings import Settings
from chains.tutor import TutorChain
from tests.support.scripted_openai import CUT, Status, Step
from tests.support.tutors import FRANCE, ZMP, quoting_tutor, scripted, streaming


@pytest.fixture
def quoting(library: Library) -> TutorChain:
    return quoting_tutor(library)


def tree(run: Run) -> tuple[str, str, list[Any]]:
    return run.run_type, run.name, [tree(child) for child in run.child_runs]


def all_of(run: Run) -> Iterator[Run]:
    yield run
    for child in run.child_runs:
        yield from all_of(child)


WHOLE_TREE: list[Any] = [
    ("retriever", "BookRetriever", []),
    ("chain", "prompt answer", []),
    ("llm", "Completions", []),
]


async def test_a_tracer_sees_the_whole_answer_as_one_tree(library: Library) -> None:
    tracer, run_id = RunCollectorCallbackHandler(), uuid4()
    config = {"tags": ["course"], "metadata": {"reader": "r1"}, "run_id": run_id}
    async with scripted(library, "A point?") as (tutor, _):
        await tutor.ainvoke(ZMP, cast("Any", config | {"callbacks": [tracer]}))
        await tutor.with_config(run_name="lesson").ainvoke(ZMP, {"callbacks": [tracer]})
    first, second = tracer.traced_runs
    assert tree(first) == ("chain", "TutorChain", WHOLE_TREE)
    assert tree(second) == ("chain", "lesson", WHOLE_TREE)
    assert first.id == run_id
    assert first.inputs["question"] == ZMP.text
    assert first.outputs == {"answer": "A point?"}
    for run in all_of(first):
        assert "course" in (run.tags or [])
        assert (run.metadata["reader"], run.error) == ("r1", None)
        assert run.end_time is not None


@pytest.mark.parametrize(
    ("question", "script", "failed"),
    [
        (ZMP, ["Half an ", CUT], [True, False, False, True]),
        (ZMP, [Status(401)], [True, False, False, True]),
        (FRANCE, ["Paris."], [True, False]),
        (replace(ZMP, selections=(Selection(chunk_id=str(UUID(int=0))),)), [], [True, True]),
    ],
    ids=["cut", "wrong key", "not covered", "unknown chunk"],
)
async def test_a_tracer_sees_which_run_failed(
    library: Library, question: Question, script: list[Step], failed: list[bool]
) -> None:
    tracer = RunCollectorCallbackHandler()
    async with scripted(library, *script) as (tutor, _):
        with pytest.raises((ServiceUnavailable, ContentNotFound, ContextNotFound)):
            await tutor.ainvoke(question, {"callbacks": [tracer]})
    (root,) = tracer.traced_runs
    assert [run.error is not None for run in all_of(root)] == failed
    assert all(run.end_time for run in all_of(root))


@pytest.mark.parametrize("at", [Sources, Delta, Finish])
async def test_wherever_one_leaves_every_run_ends_once_and_none_outlives_the_chain(
    library: Library, at: type[Event], caplog: pytest.LogCaptureFixture
) -> None:
    tracer = RunCollectorCallbackHandler()
    async with (
        scripted(library, "A point?") as (tutor, _),
        aclosing(streaming(tutor, ZMP, callbacks=[tracer])) as events,
    ):
        async for event in events:
            if isinstance(event, at):
                break
    (root,) = tracer.traced_runs
    assert root.end_time
    assert all(run.end_time and run.end_time <= root.end_time for run in all_of(root))
    assert (root.error is None) == (at is Finish)
    assert caplog.messages == []  # a tracer that hears of a run twice would complain here


async def test_the_events_of_a_run_have_its_id_above_them(library: Library) -> None:
    async with scripted(library, "A ", "point?") as (tutor, _):
        events = [event async for event in tutor.astream_events(ZMP, version="v2")]
    root = events[0]["run_id"]
    inner = [event for event in events if event["run_id"] != root]
    outer = [event["event"] for event in events if event["run_id"] == root]
    assert (events[0]["event"], events[-1]["event"]) == (outer[0], outer[-1])
    assert outer == [
        "on_chain_start",
        "on_custom_event",
        *["on_chain_stream"] * 4,
        "on_chain_end",
    ]
    assert {tuple(event["parent_ids"]) for event in inner} == {(root,)}
    assert list(dict.fromkeys(event["event"] for event in inner)) == [
        "on_retriever_start",
        "on_custom_event",
        "on_retriever_end",
        "on_chain_start",
        "on_chain_end",
        "on_chat_model_start",
        "on_chat_model_stream",
        "on_chat_model_end",
    ]
    said = [e["data"]["chunk"].text for e in inner if e["event"] == "on_chat_model_stream"]
    assert "".join(said) == "A point?"


class Listener(AsyncCallbackHandler):
    """Keeps the events that the chain sends, and which run sent each."""

    def __init__(self) -> None:
        self.events: dict[str, Any] = {}
        self.by: dict[str, UUID] = {}

    async def on_custom_event(self, name: str, data: Any, *, run_id: UUID, **_: Any) -> None:
        self.events[name] = data
        self.by[name] = run_id


async def test_a_tracer_gets_condensing_candidates_and_gate(quoting: TutorChain) -> None:
    listener, run_id = Listener(), uuid4()
    history = (Turn(ZMP.text, (), "A point on the ground."),)
    asked = Question("Why does it matter?", history=history)
    answer = await quoting.ainvoke(asked, {"callbacks": [listener], "run_id": run_id})
    assert list(listener.events) == ["condensed", "candidates", "gate"]
    assert listener.by["condensed"] == listener.by["gate"] == run_id != listener.by["candidates"]
    assert listener.events["condensed"] == {
        "question": "Why does it matter? (What is the zero moment point?)",
        "by": "rule",
    }
    gate, candidates = listener.events["gate"], listener.events["candidates"]
    assert (gate["threshold"], gate["passed"]) == (THRESHOLDS["even"], True)
    assert THRESHOLDS["even"] <= gate["relevance"] <= 1
    assert [one["rank"] for one in candidates] == list(range(1, len(candidates) + 1))
    assert len(candidates) > len(answer.sources)
    for source, one in zip(answer.sources, candidates, strict=False):
        assert (one["chunk_id"], one["file"]) == (source.chunk_id, source.file)
        assert (one["section"], one["selected"]) == (source.section, False)
    assert candidates[0]["score"] > candidates[-1]["score"] > 0
    assert all(-1 <= one["cosine"] <= 1 for one in candidates)


async def test_a_tracer_gets_the_reason_why_the_gate_stays_shut(quoting: TutorChain) -> None:
    listener = Listener()
    with pytest.raises(ContentNotFound):
        await quoting.ainvoke(FRANCE, {"callbacks": [listener]})
    assert "condensed" not in listener.events
    assert not listener.events["gate"]["passed"]
    assert listener.events["gate"]["relevance"] < THRESHOLDS["even"]


async def test_a_tracer_sees_condensing_apart_from_answering(library: Library) -> None:
    tracer = RunCollectorCallbackHandler()
    history = (Turn(ZMP.text, (), "A point on the ground."),)
    async with scripted(library, "What is the ZMP?") as (tutor, _):
        condensing = load_condense_prompt(Settings.model_construct())
        tutor.condensing = lambda: condensing
        asked = Question("Why does it matter?", history=history)
        await tutor.ainvoke(asked, {"callbacks": [tracer]})
    (root,) = tracer.traced_runs
    assert tree(root) == ("chain", "TutorChain", [("llm", "condense", []), *WHOLE_TREE])
