"""The files that traces are kept in."""

from __future__ import annotations

import os
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from quart_app.trace.fit import MOST_BYTES
from quart_app.trace.record import (
    Asked,
    Candidate,
    Frame,
    Message,
    Retrieval,
)
from quart_app.trace.trace_folder import MOST_FILES, TraceNotFound, find, keep, read_all
from quart_app.trace.tracer import open_tracer
from tests.support.tracing import (
    NOW,
    PROMPTS,
    QUERY,
    made,
)


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
