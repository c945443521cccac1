"""`scholiast ask`: a question from the terminal, its answer as it streams, then the sources."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from typing import Any
from urllib.parse import urljoin

import click

from quart_app.commands.authoring.book_option import book_option
from quart_app.commands.console import errors_as_one_line, show, show_json, show_line

HINT = "`scholiast doctor` shows what is wrong."
NEW_BOOK = "It came to the data folder since the server started: start the server again."
ENDINGS = {
    "truncated": "The answer reached its longest length and was cut.",
    "filtered": "The model refused to answer, or to go on. Ask in other words.",
    "empty": "The model wrote no answer. Ask again.",
}
"""What is printed of an answer that is not whole, by its status."""
NO_ANSWER = ("filtered", "empty")


@click.command()
@click.argument("question")
@click.option("--selection", multiple=True, help="Text of the book that the question is about.")
@click.option("--page", help="The address of the page that the question is asked from.")
@book_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object at the end.")
def ask(
    question: str,
    selection: tuple[str, ...],
    page: str | None,
    book: str | None,
    as_json: bool,
) -> None:
    """Ask the book a QUESTION. The running server answers it if there is one.

    Repeat --selection to ask about several. The exit code is 1 if there is no answer, or if the
    model refused to write all of it.
    """
    _require_text(question, *selection, page or "")
    data = {"question": question, "context_chunks": list(selection)} | (
        {"page": page} if page else {}
    )
    if book:
        data["book"] = book
    _check(data)
    # Errors are printed here; only bugs deserve a line in the log.
    logging.getLogger("scholiast").setLevel(logging.ERROR)
    with errors_as_one_line():
        messages = asyncio.run(_ask(data, silent=as_json))
    if as_json:
        show_json(_summary(question, messages))
    last = messages[-1]
    answered = last["type"] != "error" and last["data"]["status"] not in NO_ANSWER
    sys.exit(0 if answered else 1)


def _require_text(*given: str) -> None:
    """Refuse bytes of the terminal that are no text: the server would say that of JSON."""
    if any("\ud800" <= character <= "\udfff" for one in given for character in one):
        raise click.UsageError(
            "What you typed holds a byte that is not UTF-8; set the terminal to UTF-8, and type it "
            "again."
        )


def _check(data: dict[str, Any]) -> None:
    """Refuse what the server would refuse, before a server is started."""
    from quart_app.chat import inbound
    from quart_app.protocol.client_messages import QuestionMessage

    try:
        message = inbound.parse(json.dumps({"type": "question", "data": data}))
        if isinstance(message, QuestionMessage):
            inbound.question(message.data)
    except inbound.Refused as refused:
        raise click.UsageError(refused.message) from None


async def _ask(data: dict[str, Any], *, silent: bool) -> list[dict[str, Any]]:
    from chains.book_names import named_books
    from quart_app.commands.chat_client import connected, converse
    from quart_app.settings import WebSettings

    messages: list[dict[str, Any]] = []
    settings = WebSettings.read(book=data.get("book"))
    if settings.book:  # also one that the environment names
        data["book"] = settings.book
    async with connected(settings) as (url, socket):
        try:
            async for message in converse(socket, data, settings):
                if message["type"] == "status":
                    if not silent and message["data"]["status"] == "thinking":
                        show_line("The model is thinking…", dim=True, err=True)
                    continue
                messages.append(message)
                is_unknown = message["type"] == "error" and message["data"].get("param") == "book"
                if is_unknown and settings.book in named_books(settings.data):
                    message["data"]["message"] += f" {NEW_BOOK}"
                if not silent:
                    _show(message, messages, url)
        finally:
            if not silent and messages and messages[-1]["type"] == "response_chunk":
                show()  # what is printed next starts on a new line
    return messages


def _show(message: dict[str, Any], messages: list[dict[str, Any]], url: str | None) -> None:
    data = message["data"]
    match message["type"]:
        case "response_chunk":
            show(data["content"], nl=False)
        case "response_end":
            show("\n")
            cited = _cited(messages)
            found = messages[0]["data"]["sources"]
            _show_sources("Sources" if cited else "Found, not cited", cited or found, url)
            _show_end(data)
        case "error":
            if len(messages) > 2:
                show()
            hint = f" {HINT}" if data["code"] == "SERVICE_UNAVAILABLE" else ""
            show_line(data["message"] + hint, fg="red", err=True)
            _show_sources("Nearest sections", data.get("suggestions", []), url)


def _show_end(data: dict[str, Any]) -> None:
    if data["status"] in ENDINGS:
        show_line(ENDINGS[data["status"]], fg="yellow", err=True)
    show_line(f"{data['model']} · {data['response_time_ms']} ms", dim=True, err=True)


def _show_sources(heading: str, sources: list[dict[str, Any]], url: str | None) -> None:
    if not sources:
        return
    show_line(heading, bold=True)
    for source in sources:
        show_line(f"[{source['index']}] {source['section']}")
        show_line(f"    {_address(source, url)}", dim=True)


def _address(source: dict[str, Any], url: str | None) -> str:
    """Where to read on: a page of the running server, else a file."""
    address = str(source["url"])
    if not address.startswith("/"):
        return address
    return urljoin(url, address) if url else str(source["file"])


def _cited(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    chunks = (m["data"]["sources"] for m in messages if m["type"] == "response_chunk")
    return [source for sources in chunks for source in sources]


def _summary(question: str, messages: list[dict[str, Any]]) -> dict[str, Any]:
    last = messages[-1]
    if last["type"] == "error":
        return {"question": question, "error": last["data"]}
    chunks = [m["data"]["content"] for m in messages if m["type"] == "response_chunk"]
    return {
        "question": question,
        "answer": "".join(chunks),
        "sources": messages[0]["data"]["sources"],
        "cited": [source["index"] for source in _cited(messages)],
        **{name: value for name, value in last["data"].items() if name != "seq"},
    }
