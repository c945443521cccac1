"""What commands print, in which nothing acts on the terminal, and how they fail.

Titles and names of a book, answers of a model and words of a server come from others, and could
hold codes that move the cursor, set the clipboard or turn the direction of writing. So commands
print by `show` and its kin alone; tables are made by `quart_app.trace.table`.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any, NoReturn

import click
from typing_extensions import override

from chains.errors import ScholiastError, SettingError, os_words
from quart_app.trace.visible import visible, visible_json

INTERRUPTED = 130
"""The exit code of a command that Ctrl-C has ended, as shells have it."""


def show(text: str = "", *, nl: bool = True, err: bool = False, **style: Any) -> None:
    """Print the text; line feeds and tabs stay as they are."""
    click.secho("\t".join(map(visible, text.split("\t"))), nl=nl, err=err, **style)


def show_line(text: str, *, err: bool = False, **style: Any) -> None:
    """Print the text in one line. What is said beside the result may be lost, as on a full disk."""
    with suppress(OSError) if err else nullcontext():
        click.secho(in_one_line(text), err=err, **style)


def show_json(value: object) -> None:
    """Print the value, or a text that is JSON already, in several lines."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)
    click.echo(visible_json(text))


def write_page(file: Path, text: str) -> None:
    """Write a file as a whole, or leave it as it was. Raises OSError with its name."""
    fresh = _fresh(file)
    try:
        fresh.write_text(text, "utf-8")
        fresh.replace(file)
    except OSError as error:
        if fresh != file:
            with suppress(OSError):
                fresh.unlink()
        raise OSError(error.errno, error.strerror, str(file)) from error


def check_place(file: Path | None) -> None:
    """Before long work: raise SettingError if `write_page` could not write this file, if any."""
    if file is None or (fresh := _fresh(file)) == file:
        return
    try:
        fresh.touch()
        fresh.unlink()
    except OSError as error:
        reason = error.strerror or error
        fix = "name a file in a folder that exists and can be written"
        raise SettingError(f"{file} cannot be written: {reason}; {fix}") from None


def _fresh(file: Path) -> Path:
    """Where the new text of a file is written first; a device or a pipe takes it itself."""
    return file.with_name(f"{file.name}.new") if file.is_file() or not file.exists() else file


def in_one_line(text: str) -> str:
    """The text with what would act, and each line feed, written as an escape."""
    return visible(text).replace("\n", "\\n")


class LogFormatter(logging.Formatter):
    """Each message in one line, whatever it quotes; a stack trace below it has its own lines."""

    @override
    def formatMessage(self, record: logging.LogRecord) -> str:
        return in_one_line(super().formatMessage(record))

    @override
    def formatException(self, ei: Any) -> str:
        return visible(super().formatException(ei))


class Commands(click.Group):
    """Commands whose errors of use repeat what was typed, which a pattern of the shell such as
    `*.jsonl` takes from names of files, so that nothing in it acts."""

    @override
    def make_context(self, *given: Any, **options: Any) -> click.Context:
        with _own_errors():
            return super().make_context(*given, **options)

    @override
    def invoke(self, ctx: click.Context) -> Any:
        with _own_errors():
            return super().invoke(ctx)


@contextmanager
def _own_errors() -> Iterator[None]:
    """Around every command and its help: what it prints may find a full disk, and Ctrl-C may come
    before a command says what that leaves."""
    try:
        yield
    except click.ClickException as error:
        vars(error)["message"] = in_one_line(error.message)  # click calls it final
        raise
    except BrokenPipeError:
        raise  # nobody reads the output any more; click ends quietly
    except OSError as error:
        _leave(os_words(error), 1)
    except KeyboardInterrupt:
        _leave("Stopped.", INTERRUPTED)


@contextmanager
def errors_as_one_line(stopped: str = "Stopped.") -> Iterator[None]:
    """Turn errors raised on purpose into one line; 2 is wrong use or setting, 1 the rest.

    `stopped` is what to say where Ctrl-C ends the block.
    """
    try:
        yield
    except SettingError as error:
        _leave(str(error), 2)
    except ScholiastError as error:
        _leave(str(error), 1)
    except BrokenPipeError:
        raise  # nobody reads the output any more; click ends quietly
    except OSError as error:  # a data folder that cannot be written, a full disk
        _leave(os_words(error), 1)
    except KeyboardInterrupt:
        _leave(stopped, INTERRUPTED)


def _leave(message: str, code: int) -> NoReturn:
    show_line(f"scholiast: {message}", fg="red", err=True)
    sys.exit(code)
