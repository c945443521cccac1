"""Workers that stand still or are away, and a second server beside them."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from chains.index.beacon import beacon
from quart_app.fleet.neighbours import Figures, Neighbours, NotThere, Question, Reply
from quart_app.fleet.post import Post
from tests.support.commands import run


async def test_who_waits_no_longer_for_a_worker_leaves_no_trace(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    here, there = (Neighbours(Post(number, 0, 0, tmp_path)) for number in (1, 2))
    may_answer, has_answered = asyncio.Event(), asyncio.Event()

    async def slowly(_: Question) -> Reply:
        await may_answer.wait()
        asyncio.get_running_loop().call_later(0.1, has_answered.set)
        return Reply(b"x" * 5_000_000)

    async with there.answering(slowly):
        with pytest.raises(NotThere):
            await here.ask(2, Figures(), 0.2)
        may_answer.set()
        await has_answered.wait()
    assert [one.message for one in caplog.records if one.levelname == "ERROR"] == []


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_second_server_is_refused_also_while_nobody_has_the_index_open(
    example_copy: Path, monkeypatch: pytest.MonkeyPatch, workers: str
) -> None:
    monkeypatch.setenv("SCHOLIAST_WORKERS", workers)
    with beacon(example_copy, "http://localhost:1/"):
        result = run("serve", "--port", "0")
    assert result.exit_code == 1
    assert "is in use by the server at http://localhost:1/" in result.stderr.splitlines()[-1]
