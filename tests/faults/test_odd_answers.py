"""What a model writes that is hardly text: its sentences are judged all the same, and soon."""

from __future__ import annotations

import time

import pytest

from chains.answering.marking import Marking
from chains.answering.proof.judge import Judge, Readers, Reading
from chains.events import Delta
from tests.support.grounds import GAIT, passages


async def written(text: str) -> str:
    """What goes out of an answer that comes at once."""
    marking = Marking([], Judge(passages(GAIT), "english", None, Readers()))
    out = []
    for event in marking.feed(text, is_last=True):
        if isinstance(event, Reading):
            await event.done.wait()
        elif isinstance(event, Delta):
            out.append(event.content)
    return "".join(out)


@pytest.mark.parametrize("line", ["___", "_", "*_*", "`_`", "**_**", "[](_)"])
async def test_a_line_of_marks_alone_ends_no_answer(line: str) -> None:
    text = f"Fill in the gap.\n\n{line}\n\nThat is all."
    assert await written(text) == text


@pytest.mark.parametrize("marks", ["> ", "- ", "1. "])
async def test_marks_of_lists_and_quotations_without_an_end_take_no_minute(marks: str) -> None:
    text = marks * (30_000 // len(marks))
    started = time.process_time()
    assert await written(text) == text
    assert time.process_time() - started < 2  # it was five
