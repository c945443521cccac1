"""A machine that has other work to do: what is slow by the clock alone is no fault of a page."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from chains.index.book import Book, File
from ingestion.folder.page import read_page
from ingestion.formats.texts import PageNotRead
from ingestion.markdown import worker as workers
from ingestion.markdown.worker import Worker
from quart_app.pages.contents import Pages
from quart_app.pages.rendered_pages import RenderedPages

FILE = File("a.md", "A", "a", ())
PAGES = Pages(Book("Book", "/book", "/book/", "fake", 4, "1", files={"a.md": FILE}))


def wait_for_the_machine(*_arguments: object) -> str:
    """Takes ten times its processor time by the clock, as beside ten other programs."""
    time.sleep(1)
    return "read"


def test_a_page_that_is_slow_by_the_clock_alone_is_read() -> None:
    with Worker(wait_for_the_machine) as worker:
        assert worker.call(0.1) == "read"


def test_a_page_whose_process_gets_no_time_is_not_blamed_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "STALLED", 0.2)
    monkeypatch.setattr(workers, "PATIENCE", 0.05)  # where the system shows no processor time
    (tmp_path / "a.md").write_text("# A")
    with Worker(wait_for_the_machine) as worker, pytest.raises(PageNotRead) as caught:
        read_page(worker, "a.md", tmp_path / "a.md")
    assert str(caught.value) == (
        "was not read: its process got too little processor time; try again when less else runs"
    )


async def test_a_page_is_rendered_again_once_the_machine_has_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(workers, "STALLED", 0.2)
    monkeypatch.setattr(workers, "PATIENCE", 0.05)
    async with RenderedPages() as rendered:
        at_work, rendered._worker = rendered._worker, Worker(wait_for_the_machine)
        plain = await rendered.page(PAGES, FILE, "# A *b*\n")
        assert "<pre># A *b*" in plain.text
        rendered._worker = at_work
        monkeypatch.setattr(workers, "STALLED", 60)
        monkeypatch.setattr(workers, "PATIENCE", 12)
        assert "<em>b</em>" in (await rendered.page(PAGES, FILE, "# A *b*\n")).title
