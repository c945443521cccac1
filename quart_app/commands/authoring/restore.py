"""`scholiast restore`: the index of a backup in the place of the present one."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from chains.regular_files import NotRegular
from quart_app.commands.authoring.book_option import book_option
from quart_app.commands.authoring.embedded import embedded_settings, own_index
from quart_app.commands.console import errors_as_one_line, show_line

if TYPE_CHECKING:
    from chains.index.book import Book
    from chains.settings import Settings
    from quart_app.commands.authoring.server_client import Remote


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@book_option
@click.option("--replace", is_flag=True, help="Also where the present index is of another book.")
def restore(file: Path, book: str | None, replace: bool) -> None:
    """Put the index of FILE, which `scholiast backup` wrote, in the place of the present one.

    A running server goes on with it, from the next question on.
    """
    with errors_as_one_line("Stopped; the index is as it was."):
        from ingestion.comparing import check_number_of_books
        from quart_app.commands.authoring.where import server_that_has

        settings = embedded_settings(book)
        check_number_of_books(settings)
        remote = server_that_has(settings)
        with _home(settings):
            _restore(file, settings, remote, replace=replace)
        which = f"book “{settings.book}”" if settings.book else "book without a name"
        show_line(f"The index of the {which} is that of {file}.")


def _restore(file: Path, settings: Settings, remote: Remote | None, *, replace: bool) -> None:
    owning = nullcontext() if remote else own_index(settings)
    with owning as client, _staged(settings, file) as (staged, held):
        if not replace:
            _require_same(_present(settings), held, file)
        if remote is not None:
            remote.restore(staged.name, settings.book)
        elif client is not None:
            client.adopt(staged)


@contextmanager
def _home(settings: Settings) -> Iterator[None]:
    """The folder of the index; where it was not there, it is removed again if the block fails."""
    from chains.index.edge.disk import require_place

    home = settings.book_data / "index"
    require_place(home)
    was_there = home.exists()
    home.mkdir(parents=True, exist_ok=True)
    try:
        yield
    except BaseException:
        if not was_there:
            shutil.rmtree(home, ignore_errors=True)
            with suppress(OSError):  # there is something else
                home.parent.rmdir()
        raise


def _present(settings: Settings) -> Book | None:
    """The book of the index, from a copy of it; None where there is none that can be read."""
    from chains.embeddings.provider import open_embeddings
    from chains.errors import ScholiastError
    from chains.index.records import read_book
    from chains.index.store import open_store

    with (
        suppress(ScholiastError),
        open_store(settings, open_embeddings(settings), follow=True) as s,
    ):
        return read_book(s)
    return None


def _require_same(present: Book | None, held: Book, file: Path) -> None:
    """Raise StoreError where neither the titles nor the folders of the two are the same."""
    from chains.errors import StoreError

    if present is None or present.title == held.title or present.root == held.root:
        return
    raise StoreError(
        f"{file} holds the book “{held.title}”, and would take the place of “{present.title}”; "
        "give it a name of its own by --book, or replace that book by --replace."
    )


@contextmanager
def _staged(settings: Settings, file: Path) -> Iterator[tuple[Path, Book]]:
    """The index of the file in a staged data folder, and its book; checked with the settings of
    now."""
    from chains.embeddings.provider import open_embeddings
    from chains.errors import DamagedIndex, StoreError
    from chains.index.edge.archive import stage_archive
    from chains.index.edge.staging import discard
    from chains.index.records import read_book
    from chains.index.store import open_store

    if not file.is_file():  # a pipe may wait for ever
        raise NotRegular(errno.EINVAL, "it is no regular file; name another", str(file))
    with file.open("rb") as content:
        staged = stage_archive(settings.book_data / "index", content)
    try:
        there = settings.in_folder(staged)
        try:
            with open_store(there, open_embeddings(settings)) as store:
                held = read_book(store)
        except DamagedIndex:
            raise StoreError(
                f"{file} was not restored: the index in it is damaged. Restore another backup."
            ) from None
        except StoreError as error:
            raise StoreError(f"{file} was not restored. {error}") from None
        yield staged, held
    finally:
        discard(staged)
