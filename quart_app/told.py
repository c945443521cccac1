"""How commands fail: one line on standard error and the exit code that goes with it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from chains.errors import ScholiastError, SettingError


@contextmanager
def told() -> Iterator[None]:
    """Turn errors raised on purpose into one line; 2 is wrong use or setting, 1 the rest."""
    try:
        yield
    except SettingError as error:
        _leave(error, 2)
    except ScholiastError as error:
        _leave(error, 1)


def _leave(error: Exception, code: int) -> None:
    click.secho(f"scholiast: {error}", fg="red", err=True)
    sys.exit(code)
