"""The command `scholiast`. Its commands import what they need when they run."""

from __future__ import annotations

import logging
import os
import sys
from io import TextIOWrapper

import click

from quart_app.commands.ask import ask
from quart_app.commands.authoring.backup import backup
from quart_app.commands.authoring.restore import restore
from quart_app.commands.console import Commands, LogFormatter, errors_as_one_line
from quart_app.commands.doctor import doctor
from quart_app.commands.evaluate import evaluate
from quart_app.commands.ingest import ingest
from quart_app.commands.prompting.prompts_group import prompts
from quart_app.commands.server_log import json_formatter, start_log
from quart_app.commands.serving import run_alone, run_worker, run_workers
from quart_app.commands.site_links import links
from quart_app.commands.status import status
from quart_app.commands.trace import trace


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="scholiast", prog_name="scholiast")
@click.pass_context
def main(context: click.Context) -> None:
    """A tutor that answers questions beside the pages of a book, with citations."""
    if os.environ.get("NO_COLOR"):
        context.color = False
    if logging.lastResort is not None:  # what prints the warnings of other commands than serve
        logging.lastResort.setFormatter(LogFormatter())
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a pipe on Windows takes few of a book's letters
            stream.reconfigure(errors="replace")


@main.command()
@click.option("--host", help="Address to listen on; localhost by default.")
@click.option("--port", type=click.IntRange(0, 65535), help="8000 by default; 0 takes a free one.")
@click.option("--workers", type=click.IntRange(1, 64), help="Processes that serve; 1 by default.")
@click.option("--post", hidden=True, help="For what such a process has from its parent.")
def serve(host: str | None, port: int | None, workers: int | None, post: str | None) -> None:
    """Serve the book with its tutor until Ctrl-C."""
    with errors_as_one_line():
        from quart_app.settings import WebSettings

        handler = start_log()
        settings = WebSettings.read(host=host, port=port, workers=workers)
        if settings.log == "json":
            handler.setFormatter(json_formatter())
        if post is not None:
            run_worker(settings, post)
        elif settings.workers > 1:
            run_workers(settings)
        else:
            run_alone(settings)


AUTHORS = ingest, links, backup, restore
for command in (*AUTHORS, ask, status, doctor, trace, evaluate, prompts):
    main.add_command(command)
