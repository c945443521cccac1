"""The command `scholiast links`: whether citations lead to headings of the author's built site."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import click

from chains.index.book import Book
from quart_app.commands.authoring.book_option import book_option
from quart_app.commands.console import errors_as_one_line, in_one_line, show_line

IDENTIFIER = re.compile(r"""\s(?:id|name)=(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")


@dataclass(frozen=True, slots=True)
class SiteLinks:
    """How many addresses of sections there are, and those that the site does not have."""

    total: int
    dead: tuple[str, ...]

    @property
    def share(self) -> float:
        """Of the addresses that the site has, from 0 to 1."""
        return 1 - len(self.dead) / self.total if self.total else 1.0


@click.command()
@click.option(
    "--site",
    required=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="The folder of the built site that has the book's base address.",
)
@book_option
def links(site: Path, book: str | None) -> None:
    """Check the address and anchor of every section of the book against a built site.

    Ends with 1 if the site lacks any.
    """
    with errors_as_one_line():
        from chains.embeddings.provider import open_embeddings
        from chains.index.records import read_book
        from chains.index.store import open_store
        from chains.settings import Settings

        settings = Settings.read(book=book)
        with open_store(settings, open_embeddings(settings)) as store:
            found = check_links(read_book(store), site.resolve())
    held = found.total - len(found.dead)
    show_line(f"{held:,} of {found.total:,} addresses are on the site ({found.share:.1%}).")
    for address in found.dead:
        show_line(in_one_line(f"not there: {address}"), fg="red")
    sys.exit(1 if found.dead else 0)


def check_links(book: Book, site: Path) -> SiteLinks:
    """Look for the page and the anchor of each section in the files of a site."""
    total, dead = 0, []
    for file in book.files.values():
        page = _page_at(site, file.route)
        known = _identifiers(page) if page else None
        for section in file.sections:
            total += 1
            if known is None or (section.anchor and section.anchor not in known):
                dead.append(book.url(file, section.anchor))
    return SiteLinks(total, tuple(dead))


def _page_at(site: Path, route: str) -> Path | None:
    """The file that a plain host of static files sends for an address, None for none."""
    places = (site / route, site / route / "index.html", site / f"{route.rstrip('/')}.html")
    found = (one.resolve() for one in places if one.is_file())
    return next((one for one in found if one.is_relative_to(site)), None)


def _identifiers(page: Path) -> set[str]:
    html = page.read_text("utf-8", errors="replace")
    return {unescape(one[1] or one[2] or one[3] or "") for one in IDENTIFIER.finditer(html)}
