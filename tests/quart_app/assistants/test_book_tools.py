"""The tools for assistants, on the example book."""

from __future__ import annotations

import pytest

from chains.index.library import Library
from chains.index.retriever import BookRetriever
from quart_app.assistants import book_tools
from quart_app.assistants.book_tools import BookTools, Reading, Search

HERE = "http://book.example"


@pytest.fixture
def tools(library: Library) -> BookTools:
    return BookTools(BookRetriever(library=library), "even")


async def test_a_long_page_is_read_in_parts(
    tools: BookTools, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(book_tools, "LONGEST_TEXT", 500)
    found = await tools.search(Search(query="What is the zero moment point?"), HERE)
    page = found.sections[0].address.partition("#")[0]
    parts: list[str] = []
    start: int | None = 0
    while start is not None:
        read = await tools.read(Reading(address=page, start=start), HERE)
        parts.append(read.text)
        start = read.next_start
    assert len(parts) > 1
    assert {len(part) for part in parts[:-1]} == {500}
    assert "zero moment point" in "".join(parts).lower()


async def test_a_section_is_read_with_all_below_its_heading(
    tools: BookTools, library: Library
) -> None:
    [file, section, below] = next(
        (file, one, other)
        for file in library.latest.files.values()
        for one in file.sections
        for other in file.sections
        if one.anchor and len(other.path) > len(one.path) == 2 and other.path[:2] == one.path
    )
    address = library.latest.url(file, section.anchor)
    read = await tools.read(Reading(address=address), HERE)
    assert f" {below.path[-1]}\n" in read.text
    assert read.path == [*section.path]


async def test_each_section_is_found_once(tools: BookTools) -> None:
    found = await tools.search(Search(query="How does a robot walk?"), HERE)
    addresses = [section.address for section in found.sections]
    assert len(set(addresses)) == len(addresses) > 1
