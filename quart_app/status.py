"""`scholiast status`: which book is in the data folder, and who serves it."""

from __future__ import annotations

import json
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import click

from quart_app.told import told


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def status(as_json: bool) -> None:
    """Tell which book is indexed, and whether a server runs on it."""
    with told():
        from quart_app.settings import WebSettings

        facts = read_status(WebSettings.read())
    if as_json:
        click.echo(json.dumps(facts, ensure_ascii=False, indent=2))
        return
    for name, value in facts.items():
        click.echo(f"{name.replace('_', ' '):14} {value}")


def read_status(settings: Any) -> dict[str, Any]:
    """What is to be said about the data folder; asks the server where one runs.

    A running server owns the index, so nobody else can open it. Raises StoreError.
    """
    from quart_app.beacon import find_server

    url = find_server(settings.data)
    ready = _ask_server(url) if url else None
    facts = ready["book"] if ready else _read_index(settings)
    return {"server": url if ready else None, "data": str(settings.data), **facts}


def _ask_server(url: str) -> dict[str, Any] | None:
    try:
        with urlopen(f"{url}readyz", timeout=5) as response:  # noqa: S310 (an address of ours)
            answer: dict[str, Any] = json.load(response)
    except (URLError, OSError, ValueError):
        return None
    return answer


def _read_index(settings: Any) -> dict[str, Any]:
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
