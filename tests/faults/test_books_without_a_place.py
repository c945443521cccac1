"""Books of a data folder that a server cannot serve."""

from __future__ import annotations

from pathlib import Path

import pytest

import chains.index.edge.disk
from chains.book_names import MOST, named_books
from quart_app.serve import serving
from quart_app.settings import WebSettings
from tests.support.commands import refused, run
from tests.support.talking import ask, client, receive


async def test_books_that_have_no_place_are_named_when_the_server_starts(
    alone: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("robots", "wood"):
        (alone / name).mkdir()
        (alone / name / "a.md").write_text(f"# Joints\n\nThe joints of {name} are strong.\n")
    assert run("ingest", "robots").exit_code == 0
    assert run("ingest", "wood", "--book", "wood").exit_code == 0
    for number in range(MOST):
        half = alone / f".scholiast/books/x{number:02}/index/{number:016x}"
        half.mkdir(parents=True)  # as a first ingestion leaves it that is killed
    caplog.clear()
    async with serving(WebSettings(book="wood")) as url, client(f"{url}books/wood/") as socket:
        await receive(socket)
        start, *_ = await ask(socket, "What is strong?")
        assert start["data"]["sources"][0]["url"].startswith("/book/a")
        [error] = await ask(socket, "What is strong?", book="robots")
        assert error["data"]["message"] == "There is no book “robots” here; there are wood."
    lines = "\n".join(caplog.messages)
    assert "the book without a name in .scholiast/index is not served: it has no address" in lines
    assert f"only {MOST} books with names are served, and not x{MOST - 1}" in lines
    assert "'x00' is not served: There is no book" in lines
    assert "take --book x00)" in lines


def test_a_first_ingestion_that_finds_no_room_leaves_no_book(alone: Path) -> None:
    (alone / "wood").mkdir()
    (alone / "wood" / "a.md").write_text("# Joints\n\nGlue holds.\n")
    with pytest.MonkeyPatch.context() as full:
        full.setattr(chains.index.edge.disk, "free_bytes", lambda _: 0)
        assert "free" in refused(1, "ingest", "wood", "--book", "wood")
    assert (alone / ".scholiast/books/wood/index").is_dir()
    assert named_books(alone / ".scholiast") == ()
    assert run("ingest", "wood", "--book", "wood").exit_code == 0
    assert named_books(alone / ".scholiast") == ("wood",)


async def test_a_link_to_a_book_that_leads_nowhere_is_named_when_the_server_starts(
    alone: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (alone / "wood").mkdir()
    (alone / "wood" / "a.md").write_text("# Joints\n\nGlue holds.\n")
    assert run("ingest", "wood", "--book", "wood").exit_code == 0
    (alone / ".scholiast/books/gone").symlink_to(alone / "nowhere")
    caplog.clear()
    async with serving(WebSettings(book="wood")):
        pass
    [line] = [one for one in caplog.messages if "is not served" in one]
    assert line.startswith("the book 'gone' is not served: .scholiast/books/gone is a link to ")
    assert "gone, wood; see one with --book" in run("status", "--book", "wood").stdout
