"""`scholiast backup`: the index as one file, also of a running server."""

from __future__ import annotations

import os
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from quart_app.commands.authoring.book_option import book_option
from quart_app.commands.authoring.embedded import embedded_settings, own_index
from quart_app.commands.console import errors_as_one_line, show_line

if TYPE_CHECKING:
    from chains.settings import Settings

TRIES = 3
GZIP = b"\x1f\x8b"
"""How a backup begins (RFC 1952, 2.3.1)."""


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

        settings = embedded_settings(book)
        _check_book(settings)
        # A server changes no version that it has; another ingestion may, and has to end first.
        with nullcontext() if find_server(settings.data) else own_index(settings):
            _write(settings.book_data / "index", file)
        show_line(f"Wrote {file}, {file.stat().st_size / 1e6:.1f} MB.")


def _check_book(settings: Settings) -> None:
    from chains.errors import StoreError
    from chains.index.edge.disk import require_place

    home = settings.book_data / "index"
    require_place(home)
    if not home.is_dir():
        raise StoreError(f"There is no book in {home}.")


def _check_place(file: Path) -> None:
    """Raise where FILE is something that no backup may replace: a file of the index, say."""
    from chains.errors import SettingError
    from chains.regular_files import require_replaceable

    require_replaceable(file)
    if file.exists():
        with file.open("rb") as there:
            if there.read(len(GZIP)) not in (b"", GZIP):
                raise SettingError(
                    f"{file} is no backup, so it was not replaced; name another file."
                )


def _write(home: Path, file: Path) -> None:
    """Write the archive beside, and rename it: FILE is whole or as it was."""
    from chains.errors import StoreError
    from chains.index.edge.archive import archive_size, write_archive
    from chains.index.edge.disk import FULL, no_room_for

    _check_place(file)
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
        fresh.unlink(missing_ok=True)
        if error.errno in FULL:
            raise no_room_for(file, archive_size(home)) from error
        raise OSError(error.errno, error.strerror, error.filename or str(file)) from error
    finally:
        fresh.unlink(missing_ok=True)
