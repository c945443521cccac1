"""`scholiast status`: which book is in the data folder, and who serves it."""

from __future__ import annotations

import json
from http.client import HTTPException
from typing import TYPE_CHECKING, Any
from urllib.request import HTTPSHandler, ProxyHandler, build_opener

import click

from ingestion.told import told

if TYPE_CHECKING:
    from quart_app.settings import WebSettings

TIMEOUT = 5.0


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def status(as_json: bool) -> None:
    """Tell which book is indexed, and whether a server runs on it."""
    with told():
        from quart_app.settings import WebSettings

        facts = read_status(WebSettings.read())
    if as_json:
        click.echo(json.dumps(facts, ensure_ascii=False, indent=2))
    else:
        _show(facts)


def read_status(settings: WebSettings) -> dict[str, Any]:
    """What is to be said about the data folder; asks the server where one runs.

    A running server owns the index, so nobody else can open it. Raises StoreError.
    """
    from chains.beacon import find_server

    server = find_server(settings.data)
    facts = _ask_server(server.url) if server else None
    url = server.url if server and facts else None
    return {"server": url, "data": str(settings.data), **(facts or _read_index(settings))}


def _show(facts: dict[str, Any]) -> None:
    click.secho(facts["title"], bold=True)
    click.echo(f"{facts['files']} chapters, {facts['sections']} sections")
    click.echo(f"index   {facts['data']}, version {facts['index_version']}")
    click.echo(f"server  {facts['server'] or 'none is running; start one with `scholiast serve`'}")


def _ask_server(url: str) -> dict[str, Any] | None:
    """What a server says about its book; None where it is not well."""
    from quart_app.client import any_certificate

    # No proxy: it runs on this machine.
    opener = build_opener(ProxyHandler({}), HTTPSHandler(context=any_certificate()))
    try:
        with opener.open(f"{url}readyz", timeout=TIMEOUT) as response:
            book: dict[str, Any] = json.load(response)["book"]
    except (OSError, HTTPException, ValueError, KeyError, TypeError):
        return None
    return book


def _read_index(settings: WebSettings) -> dict[str, Any]:
    from chains.embeddings import open_embeddings
    from chains.records import read_book
    from chains.store import open_store

    with open_store(settings, open_embeddings(settings)) as store:
        book = read_book(store)
    return {
        "title": book.title,
        "index_version": book.version,
        "files": len(book.files),
        "sections": sum(len(file.sections) for file in book.files.values()),
    }
