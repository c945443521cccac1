"""How commands fail: one line on standard error and the exit code that goes with it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import click

from chains.errors import ScholiastError, SettingError

INTERRUPTED = 130
"""The exit code of a command that Ctrl-C has ended, as shells have it."""


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
        raise  # whoever read the output has gone; click ends quietly
    except OSError as error:  # a data folder that cannot be written, a full disk
        place = f"{error.filename}: " if error.filename else ""
        _leave(f"{place}{error.strerror or error}", 1)
    except KeyboardInterrupt:
        _leave(stopped, INTERRUPTED)


def _leave(message: str, code: int) -> NoReturn:
    click.secho(f"scholiast: {message}", fg="red", err=True)
    sys.exit(code)
