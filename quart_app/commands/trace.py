"""`scholiast trace`: what was seen of an answer, as tables, JSON or a page; and asked again."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from quart_app.commands.console import errors_as_one_line, show_json, show_line

if TYPE_CHECKING:
    from rich.console import Console

    from quart_app.settings import WebSettings
    from quart_app.trace.record import Trace

NONE_KEPT = "there are no traces; set SCHOLIAST_TRACE=1, start the server, and ask a question."


@click.command()
@click.argument("query_id", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.option(
    "--html",
    "page",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    help="Write it to FILE as one page; - is standard output.",
    metavar="FILE",
)
@click.option("--replay", is_flag=True, help="Ask the same question again and compare the answers.")
@click.option("--prompt", metavar="NAME", help="With --replay: the prompt to answer with.")
def trace(
    query_id: str | None, as_json: bool, page: Path | None, replay: bool, prompt: str | None
) -> None:
    """Show the trace of the answer QUERY_ID, or list all traces.

    The beginning of an id is enough; “last” is the newest. The server keeps traces when it
    runs with SCHOLIAST_TRACE=1: at most 200, for 24 hours, with question and answer as text.
    An answer that --replay asks for is kept, too.
    """
    _check_use(query_id, as_json=as_json, page=page, replay=replay, prompt=prompt)
    with errors_as_one_line():
        from quart_app.settings import WebSettings

        settings = WebSettings.read()
        if query_id is None:
            _list(settings, as_json=as_json)
            return
        found = _find(settings, query_id)
        if replay:
            sys.exit(_replay(settings, found, prompt, as_json=as_json))
        elif as_json:
            show_json(_json(found))
        elif page is not None:
            _write_page(found, page)
        else:
            from quart_app.trace.table import show

            show(found, _console())


def _check_use(
    query_id: str | None, *, as_json: bool, page: Path | None, replay: bool, prompt: str | None
) -> None:
    """Refuse options that cannot be used together."""
    if prompt is not None and not replay:
        raise click.UsageError("--prompt works only with --replay.")
    if prompt is not None and not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", prompt):
        raise click.UsageError("--prompt takes a name: letters, digits, _ and -, at most 64.")
    if query_id is None and (replay or page is not None):
        raise click.UsageError("Give the QUERY_ID of an answer; “last” is the newest.")
    if page is not None and (as_json or replay):
        raise click.UsageError("--html cannot be used with --json or --replay.")


def _list(settings: WebSettings, *, as_json: bool) -> None:
    from quart_app.trace.table import show_list
    from quart_app.trace.trace_folder import read_all

    traces = read_all(_folder(settings))
    if as_json:
        show_json(_json(traces))
    elif traces:
        show_list(traces, _console())
    else:
        show_line(f"scholiast: {NONE_KEPT}", err=True)


def _find(settings: WebSettings, query_id: str) -> Trace:
    from quart_app.trace.trace_folder import TraceNotFound, find, read_all

    folder = _folder(settings)
    if not read_all(folder):
        raise TraceNotFound(NONE_KEPT)
    return find(folder, query_id)


def _folder(settings: WebSettings) -> Path:
    """The folder of the traces, once what is too old in it is gone."""
    from chains.index.edge.disk import require_place
    from quart_app.trace.trace_folder import FOLDER, sweep

    folder = settings.data / FOLDER
    require_place(folder)
    sweep(folder)
    return folder


def _replay(settings: WebSettings, found: Trace, prompt: str | None, *, as_json: bool) -> int:
    """Ask again and compare; the exit code, 1 where no answer came."""
    from quart_app.commands.comparison import show_both
    from quart_app.commands.replay import ask_again, side_of

    logging.getLogger("scholiast").setLevel(logging.ERROR)  # errors are printed here
    kept, again = side_of(found), asyncio.run(ask_again(settings, found, prompt))
    if as_json:
        show_json(_json({"kept": kept, "again": again}))
    else:
        show_both(kept, again, _console())
    return 0 if again.version is not None else 1


def _write_page(found: Trace, page: Path) -> None:
    from quart_app.trace.trace_page import render

    if page == Path("-"):
        click.echo(render(found), nl=False)
        return
    page.touch(mode=0o600)  # it holds what the traces hold
    page.chmod(0o600)
    page.write_text(render(found), encoding="utf-8")


def _json(found: object) -> str:
    import msgspec

    return msgspec.json.format(msgspec.json.encode(found), indent=2).decode()


def _console() -> Console:
    from rich.console import Console

    wanted = not os.environ.get("NO_COLOR")
    return Console(
        color_system="auto" if wanted else None, highlight=False, markup=False, emoji=False
    )
