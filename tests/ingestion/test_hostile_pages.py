"""Pages that are made to hurt: each takes time in proportion to its size, or is left out."""

from __future__ import annotations

import gc
import time

import pytest

from ingestion.folder.files import PageNotRead
from ingestion.folder.page import make_page
from ingestion.markdown.parser import parse
from tests.support.hostile_pages import SHAPES

SIZE = 3_000
GROWTH = 4
"""How much larger the second page is; twice as slow a character would be 8, quadratic is 16."""
HARMLESS = 1e-5
"""Seconds a character that need no second look."""


def seconds(text: str) -> float:
    """Of processor time, for all that a page goes through, without that of the collector of
    garbage, which grows with what other tests left behind."""
    gc.disable()
    started = time.process_time()
    try:
        make_page("page.mdx", text)
    except PageNotRead:
        pass
    finally:
        gc.enable()
    return time.process_time() - started


def growth(name: str) -> float:
    """How much longer the larger page takes than the smaller one."""
    large = SHAPES[name](SIZE * GROWTH)
    taken = seconds(large)
    if taken < HARMLESS * len(large):
        return 0
    return taken / min(seconds(SHAPES[name](SIZE)) for _ in range(2))


@pytest.mark.parametrize("name", SHAPES)
def test_a_page_of_four_times_the_size_takes_four_times_as_long(name: str) -> None:
    assert min(growth(name) for _ in range(3)) < GROWTH * 1.5


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            "# " + "a " * 300,
            "has a heading of 599 characters (line 1), the limit is 500; shorten it",
        ),
        ("# a\n" * 10_001, "has 10,001 headings, the limit is 10,000; split it into chapters"),
    ],
)
def test_what_would_fill_the_index_is_named_with_its_fix(text: str, reason: str) -> None:
    with pytest.raises(PageNotRead) as caught:
        make_page("page.md", text)
    assert reason in str(caught.value)


def test_emphasis_may_nest_as_deeply_as_it_likes() -> None:
    page = make_page("page.md", "*a " * 5_000 + "b*" * 5_000)
    assert len(page.chunks) == 13


@pytest.mark.parametrize("text", ["- [x] a", "- [ ] a", "1. [X] a\n"])
def test_a_task_gets_a_check_box(text: str) -> None:
    inline = parse(text).tokens[3]
    box, words = inline.children or []
    assert (box.type, "checked=" in box.content) == ("html_inline", "[ ]" not in text)
    assert (inline.content, words.content) == (" a", " a")


def test_a_link_in_brackets_is_no_check_box() -> None:
    children = parse("- [x] a\n\n[x]: b.md\n").tokens[3].children or []
    assert [child.type for child in children] == ["link_open", "text", "link_close", "text"]
