"""`scholiast backup` and `scholiast restore`: the index as one file, also of a running server."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from chains.regular_files import NotRegular
from quart_app.commands.authoring.book_option import book_option
from quart_app.commands.console import errors_as_one_line, show_line

if TYPE_CHECKING:
    from chains.index.edge.edge_client import EdgeClient
    from chains.settings import Settings

TRIES = 3


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@book_option
def backup(file: Path, book: str | None) -> None:
    """Write the index into FILE, a gzipped tar.

    A server may go on meanwhile. What the file holds is the book with its vectors; tokens and
    traces of the data folder are not in it.
    """
    with errors_as_one_line("Stopped; FILE is as it was."):
        from chains.index.beacon import find_server

        settings = _settings(book)
        _check_book(settings)
        # A server changes no version that it has; another ingestion may, and has to end first.
        with nullcontext() if find_server(settings.data) else _own(settings):
            _write(settings.book_data / "index", file)
        show_line(f"Wrote {file}, {file.stat().st_size / 1e6:.1f} MB.")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@book_option
def restore(file: Path, book: str | None) -> None:
    """Put the index of FILE, which `scholiast backup` wrote, in the place of the present one.

    A running server goes on with it, from the next question on.
    """
    with errors_as_one_line("Stopped; the index is as it was."):
        from chains.index.beacon import find_server

        settings = _settings(book)
        (settings.book_data / "index").mkdir(parents=True, exist_ok=True)
        server = find_server(settings.data)
        if server is None:
            with _own(settings) as client, _staged(settings, file) as staged:
                client.adopt(staged)
        else:
            from quart_app.commands.authoring.server_client import Remote

            remote = Remote.of(server.url, settings.data)
            with _staged(settings, file) as staged:
                remote.restore(staged.name, settings.book)
        show_line(f"The index is that of {file}.")


def _settings(book: str | None) -> Settings:
    from chains.errors import SettingError
    from chains.settings import Settings

    settings = Settings.read(book=book)
    if settings.qdrant_url:
        raise SettingError("QDRANT_URL: the index is on that server; use Qdrant's snapshots.")
    return settings


def _check_book(settings: Settings) -> None:
    from chains.errors import StoreError

    if not (settings.book_data / "index").is_dir():
        raise StoreError(f"There is no book in {settings.book_data / 'index'}.")


@contextmanager
def _own(settings: Settings) -> Iterator[EdgeClient]:
    """The index, for this process alone. Raises StoreError where another one has it."""
    from chains.index.edge.edge_client import EdgeClient

    client = EdgeClient(settings.book_data / "index")
    try:
        yield client
    finally:
        client.close()


def _write(home: Path, file: Path) -> None:
    """Write the archive beside, and rename it: FILE is whole or as it was."""
    from chains.errors import StoreError
    from chains.index.edge.archive import write_archive
    from chains.regular_files import require_replaceable

    require_replaceable(file)
    fresh = file.with_name(f"{file.name}.new")
    try:
        for tried in range(1, TRIES + 1):
            with suppress(FileNotFoundError):
                fresh.unlink()
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                with os.fdopen(descriptor, "wb") as out:
                    write_archive(home, out)
                    out.flush()
                    os.fsync(out.fileno())
                break
            except StoreError:  # an ingestion ended meanwhile
                if tried == TRIES:
                    raise
        fresh.replace(file)
    except OSError as error:  # that of a full disk names no file
        raise OSError(error.errno, error.strerror, error.filename or str(file)) from error
    finally:
        fresh.unlink(missing_ok=True)


@contextmanager
def _staged(settings: Settings, file: Path) -> Iterator[Path]:
    """The index of the file in a staged data folder; checked with the settings of now."""
    from chains.embeddings.provider import open_embeddings
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
        with open_store(there, open_embeddings(settings)) as store:
            read_book(store)
        yield staged
    finally:
        discard(staged)
