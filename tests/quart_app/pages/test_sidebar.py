"""The sidebar and the table of contents of a page, without a server."""

from __future__ import annotations

from ingestion.markdown.parser import parse
from quart_app.pages.contents import Chapter, Part
from quart_app.pages.outline import Entry, outline
from quart_app.pages.sidebar import LISTED, OPEN, sidebar


def part_of(title: str, count: int) -> Part:
    """A group of so many chapters."""
    return Part(title, tuple(Chapter(title, f"/book/{title}-{n}", ()) for n in range(count)))


def test_groups_of_a_short_book_are_open_and_of_a_longer_one_that_which_is_read() -> None:
    short = sidebar([part_of("A", 1), part_of("B", OPEN - 1)], "/book/A-0")
    assert [group.is_open for group in short] == [True, True]
    longer = sidebar([part_of("A", 1), part_of("B", OPEN)], "/book/A-0")
    assert [group.is_open for group in longer] == [True, False]
    assert len(longer[1].chapters) == OPEN


def test_the_sidebar_of_a_very_long_book_stays_short() -> None:
    parts = [part_of("", 3), part_of("A", 5), *(part_of(f"B{n}", 50) for n in range(100))]
    groups = sidebar(parts, "/book/B7-10")
    assert [group.title for group in groups if group.is_open] == ["B7"]
    assert [len(group.chapters) for group in groups if group.chapters] == [3, 50]
    assert groups[1].href == "/book/A-0"
    flat = sidebar([part_of("", 10 * LISTED)], "/book/-2000")[0]
    assert len(flat.chapters) == LISTED
    assert flat.is_cut
    assert "/book/-2000" in [chapter.href for chapter in flat.chapters]


def test_headings_stand_below_those_that_they_belong_to() -> None:
    text = "# T\n\n### a\n\n## b\n\n### c\n\n#### d\n\n### e\n\n## f\n"
    tree = outline(parse(text).headings[1:])
    assert tree == [
        Entry("a", "a"),
        Entry("b", "b", [Entry("c", "c", [Entry("d", "d")]), Entry("e", "e")]),
        Entry("f", "f"),
    ]
