"""The page of figures that `make bench` writes."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks.__main__ import Kept
from benchmarks.figures.page import write
from benchmarks.figures.rows import Goal, row
from benchmarks.parts.streaming import most
from benchmarks.peer.processes import cores
from benchmarks.peer.streams import Failed, Reader, check

ABOUT = {"date": "2026-01-31", "machine": "2 cores", "system": "Linux", "versions": "quart 1"}
COST, P50, P99 = "processor time of a word", "lateness of a word, p50", "lateness of a word, p99"
ROWS = [
    *(
        row(f"{name}, {readers} readers", "ms", [2, 1, 3], [4, 5, 6], Goal("≤", 0.3, "ratio"))
        for name in (COST, P50, P99)
        for readers in (1, 10)
    ),
    row("start", "s", [2.0], (), Goal("≤", 5), disturbed=0.5),
]


def test_a_miss_is_shown_as_a_miss_and_a_busy_machine_as_busy(tmp_path: Path) -> None:
    write(tmp_path, ABOUT, ROWS)
    page = (tmp_path / "performance.md").read_text(encoding="utf-8")
    assert f"| {COST}, 10 readers | 2 ms (1 to 3) | 5 ms | 0.4 | ratio ≤ 0.3 | **no** |" in page
    assert f"- {COST}, 10 readers: asked ratio ≤ 0.3" in page
    assert "**The machine was busy**: other programs used up to 50 %" in page
    assert "| start | 2 s (1 to 3) |  |  | ≤ 5 | yes |" in page
    figures = json.loads((tmp_path / "performance.json").read_text(encoding="utf-8"))
    assert figures["date"] == "2026-01-31"
    keys = {"name", "ours", "peer", "ratio", "unit", "goal", "holds"}
    assert all(keys <= set(one) for one in figures["rows"])


def test_each_chart_says_its_figures_in_words(tmp_path: Path) -> None:
    write(tmp_path, ABOUT, ROWS)
    charts = sorted((tmp_path / "images").glob("*.svg"))
    assert len(charts) == 3
    for chart in charts:
        described = ElementTree.parse(chart).findtext("{*}desc") or ""
        assert "ours: 1 reader 2 " in described
        assert f"![{described}](images/{chart.name})" in (tmp_path / "performance.md").read_text(
            encoding="utf-8"
        )


def test_a_run_that_was_broken_off_goes_on_behind_the_parts_that_are_done(tmp_path: Path) -> None:
    file = tmp_path / "parts.json"
    Kept(file, is_new=False).add("streams", ROWS)
    assert Kept(file, is_new=False).rows == {"streams": ROWS}
    assert Kept(file, is_new=True).rows == {}


def test_the_most_readers_are_found_from_any_guess() -> None:
    async def keeps_up(readers: int) -> bool:
        return readers <= 130

    for guess in (10, 130, 900):
        assert asyncio.run(most(keeps_up, guess)) == pytest.approx(127, abs=8)


def test_an_answer_that_failed_ends_the_run() -> None:
    reader = Reader()
    check([reader])
    reader.error = "SERVICE_UNAVAILABLE"
    with pytest.raises(Failed, match="1 of 1 answers failed: SERVICE_UNAVAILABLE"):
        check([reader])


def test_servers_have_another_core_than_the_readers_who_are_pinned_to_theirs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    usable = {0, 1}
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: usable)
    cores.cache_clear()
    _, readers = cores()
    usable = readers
    assert cores() == ({0}, {1})
    cores.cache_clear()
