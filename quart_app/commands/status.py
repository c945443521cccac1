"""`scholiast status`: which book is in the data folder, who serves it, and how a site embeds it."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict
from http.client import HTTPException
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.request import HTTPSHandler, ProxyHandler, build_opener

import click

from quart_app.commands.authoring.book_option import book_option
from quart_app.commands.console import errors_as_one_line, show_json, show_line

if TYPE_CHECKING:
    from quart_app.commands.snippet import Snippet
    from quart_app.settings import WebSettings

TIMEOUT = 5.0
NOWHERE = (
    "No server is running for this book. Give the address that readers use, as in "
    "`scholiast status --embed --url https://tutor.example/`, or start `scholiast serve`."
)
LEFT = {
    "all_minute": "questions in this minute",
    "all_hour": "questions in this hour",
    "all_day": "questions today (UTC)",
    "tokens": "tokens today (UTC)",
}
ANOTHER_WIDGET = (
    "The running server has another version of the widget. Restart it, so that it knows "
    "the second line."
)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@book_option
@click.option("--embed", is_flag=True, help="Print what another site needs to show the widget.")
@click.option("--url", help="With --embed: the address at which readers reach the server.")
def status(as_json: bool, book: str | None, embed: bool, url: str | None) -> None:
    """Show which book is indexed, whether a server is running for it, and what it may still do."""
    with errors_as_one_line():
        from quart_app.settings import WebSettings

        settings = WebSettings.read(book=book)
        if url is not None:
            _check(url, embed=embed)
        facts = read_status(settings)
        found = _snippet(url, facts, settings) if embed else None
    if as_json:
        shown = asdict(found) if found else facts
        show_json(shown)
    elif found:
        _show_snippet(found)
    else:
        _show(facts)


def read_status(settings: WebSettings) -> dict[str, Any]:
    """The facts about the data folder, from the running server if there is one.

    A running server owns the index, so nobody else can open it. Raises StoreError.
    """
    from chains.index.beacon import find_server
    from quart_app.commands.chat_client import in_place_of

    server = find_server(settings.data)
    page = f"books/{settings.book}/" if settings.book else ""
    said = _ask_server(server.url + page) if server else None
    url = server.url if server and isinstance(said, dict) else None
    with in_place_of(server, str(said)):  # it may have ended since, or have another book
        facts = said if isinstance(said, dict) else _read_index(settings)
    kept = {"size": _size(settings), "last_run": _last_run(settings)}
    known = {"server": url, "data": str(settings.book_data), "books": _books(settings)}
    return known | facts | kept


def _books(settings: WebSettings) -> tuple[str, ...]:
    """The books with a name; none where a Qdrant server cannot be asked."""
    from chains.errors import ScholiastError
    from chains.index.aliases import books_of

    try:
        return books_of(settings)
    except ScholiastError:
        return ()


def _size(settings: WebSettings) -> int | None:
    """Bytes of the embedded index on the disk; None where a Qdrant server holds it."""
    from chains.index.edge.disk import used_bytes

    return None if settings.qdrant_url else used_bytes(settings.book_data / "index")


def _last_run(settings: WebSettings) -> dict[str, Any] | None:
    import msgspec

    from ingestion.last_run import read_last_run

    run: dict[str, Any] | None = msgspec.to_builtins(read_last_run(settings.book_data))
    return run


def _show(facts: dict[str, Any]) -> None:
    show_line(facts["title"], bold=True)
    parts = f"{facts['sections']} sections, {facts['chunks']} chunks"
    show_line(f"{facts['files']} chapters, {parts}")
    size = f", {facts['size'] / 1e6:.1f} MB" if facts["size"] else ""
    show_line(f"index   {facts['data']}, version {facts['index_version']}{size}")
    if run := facts["last_run"]:
        done = f"{run['embedded']} chunks embedded, {run['removed']} removed"
        show_line(f"run     {run['at']}, {run['seconds']:.1f} s: {done}")
    show_line(f"model   {facts['model']}")
    show_line(f"server  {facts['server'] or 'none is running; start one with `scholiast serve`'}")
    show_line(f"gate    {_gate(facts['gate'])}")
    if facts["books"]:
        show_line(f"books   {', '.join(facts['books'])}; see one with --book NAME")
    for limit in facts.get("limits", ()):
        left = f"{limit['remaining']:,} of {limit['limit']:,} {LEFT[limit['name']]}"
        show_line(f"left    {left}, for all readers together")


def _gate(gate: dict[str, Any]) -> str:
    if gate["own"] is None:
        return f"{gate['setting']}; the book is too short to measure it"
    return (
        f"{gate['setting']}: lets in {gate['own']:.0%} of the book's own questions, "
        f"{gate['foreign']:.0%} of foreign ones (measured at ingestion)"
    )


def _check(url: str, *, embed: bool) -> None:
    from chains.errors import SettingError
    from quart_app.commands.snippet import read_url

    if not embed:
        raise SettingError("--url goes with --embed.")
    read_url(url)


def _snippet(url: str | None, facts: dict[str, Any], settings: WebSettings) -> Snippet:
    from chains.errors import ScholiastError
    from quart_app.commands.snippet import snippet
    from quart_app.pages.bundle import NOT_BUILT, read_bundle

    server = facts["server"]
    if not (url or server):
        raise ScholiastError(NOWHERE)
    bundle = read_bundle()
    if bundle is None:
        raise ScholiastError(NOT_BUILT)
    found = snippet(url or server, bundle, facts.get("base_url", ""), settings.allowed_origins)
    if server and not _answers(server + bundle.path):
        found.warnings.append(ANOTHER_WIDGET)
    return found


def _show_snippet(found: Snippet) -> None:
    """What is to be copied stands at the margin, each piece in one line however long."""
    for heading, lines in found.parts():
        show_line(heading)
        for line in lines:
            show_line(line, bold=True)
        show_line("")
    for warning in found.warnings:
        show_line(f"! {warning}", fg="yellow")


def _ask_server(url: str) -> dict[str, Any] | str:
    """What a server says about its book and limits, or why it says nothing of them."""
    try:
        with _open(f"{url}readyz") as response:
            said = json.load(response)
            more = {"model": said["model"], "limits": said["limits"]}
        book: dict[str, Any] = said["book"] | more
    except HTTPError as error:
        with error, suppress(OSError, HTTPException, ValueError, KeyError, TypeError):
            return f"says: {json.load(error)['reason']}"
        return f"answers with HTTP {error.code}"
    except (OSError, HTTPException, ValueError, KeyError, TypeError):
        return "does not answer"
    return book


def _answers(url: str) -> bool:
    try:
        with _open(url):
            return True
    except (OSError, HTTPException):
        return False


def _open(url: str) -> Any:
    from quart_app.commands.chat_client import any_certificate

    # No proxy: it runs on this machine.
    opener = build_opener(ProxyHandler({}), HTTPSHandler(context=any_certificate()))
    return opener.open(url, timeout=TIMEOUT)


def _read_index(settings: WebSettings) -> dict[str, Any]:
    from chains.answering.relevance import gate_facts
    from chains.embeddings.provider import open_embeddings
    from chains.index.records import read_book
    from chains.index.search import check_whole
    from chains.index.store import open_store

    with open_store(settings, open_embeddings(settings)) as store:
        book = read_book(store)
        check_whole(store, book)
    return {
        "title": book.title,
        "base_url": book.base_url,
        "index_version": book.version,
        "files": len(book.files),
        "sections": sum(len(file.sections) for file in book.files.values()),
        "chunks": book.scope.vocabulary.chunks,
        "gate": gate_facts(book.scope, settings.gate),
        "model": settings.model,
    }
