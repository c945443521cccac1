"""When a trace is written, and what that may cost."""

from __future__ import annotations

import asyncio
import logging
import threading
from pathlib import Path

import pytest

from quart_app.protocol.server_messages import (
    Resumed,
    ResumedData,
)
from quart_app.trace import trace_folder
from quart_app.trace.trace_folder import read_all
from quart_app.trace.tracer import open_tracer
from tests.support.tracing import (
    PROMPTS,
    begin,
    chunk,
    ended,
    ending,
    kept,
    tracing,
)


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
    monkeypatch.setattr(trace_folder, "keep", lambda *_: waited.append(released.wait(5)))
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
