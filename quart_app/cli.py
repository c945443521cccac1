"""The command `scholiast`. Its commands import what they need when they run."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import click
from ingestion.cli import ingest

from quart_app import __version__
from quart_app.ask import ask
from quart_app.doctor import doctor
from quart_app.status import status
from quart_app.told import told

if TYPE_CHECKING:
    from quart_app.services import Services


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="scholiast")
def main() -> None:
    """Answers a reader's questions beside the pages of a book, with citations."""


@main.command()
@click.option("--host", help="Address to listen on; localhost by default.")
@click.option("--port", type=click.IntRange(0, 65535), help="8000 by default; 0 takes a free one.")
def serve(host: str | None, port: int | None) -> None:
    """Show the book with the tutor on it, until Ctrl-C."""
    with told():
        from quart_app.serve import serve as run
        from quart_app.settings import WebSettings

        logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
        logging.getLogger("scholiast").setLevel(logging.INFO)
        asyncio.run(run(WebSettings.read(host=host, port=port), announce=_announce))


def _announce(url: str, services: Services) -> None:
    book, model = services.library.book(), services.model
    click.echo(f"{book.title}: {len(book.files)} chapters, answered by {model.name}", err=True)
    if model.notice:
        click.echo(f"({model.notice})", err=True)
    click.echo(f"Open {url} (Ctrl-C to stop)", err=True)


for command in (ingest, ask, status, doctor):
    main.add_command(command)
