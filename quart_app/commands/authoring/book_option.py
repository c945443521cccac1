"""The option --book of commands that are about one book of the data folder."""

from __future__ import annotations

import click

book_option = click.option(
    "--book", metavar="NAME", help="Which book, where the data folder holds several."
)
