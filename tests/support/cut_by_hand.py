"""A conversation to look at while its connection is cut: `python -m tests.support.cut_by_hand`.

What the reader sees goes to stdout and reads as if nothing had happened; stderr reports the
cuts. Without --url the example book is served for it, in a folder of its own, and quoted.
"""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, TextIO
from urllib.parse import urlsplit

import click
from langchain_core.runnables import RunnableConfig
from typing_extensions import override

from chains.events import Delta, Event
from chains.question import Question
from chains.tutor import TutorChain
from quart_app.serve import serving
from quart_app.services import Services, open_services
from quart_app.settings import WebSettings
from tests.conftest import EXAMPLE_BOOK, settings_of
from tests.support.fault_proxy import CUT, RESET, SERVER, Fault, FaultProxy
from tests.support.resuming import ResumingClient

QUESTIONS = (
    "What is the zero moment point?",
    "Why does that matter for walking?",
    "How does a robot keep its balance when it is pushed?",
    "What are actuators?",
    "Which sensors does a robot need?",
)
PIECE = 64
"""Bytes that are passed on together."""
PACE = 0.03
"""Seconds that a word takes."""


@click.command()
@click.option("--url", help="A server that is running, as http://localhost:8000/.")
@click.option("--cuts", default=10, show_default=True, help="How often to cut the connection.")
@click.option("--seed", default=1, show_default=True, help="Where to cut it.")
@click.option("--every", default=0.002, show_default=True, help=f"Seconds for {PIECE} bytes.")
def main(url: str | None, cuts: int, seed: int, every: float) -> None:
    """Ask, and cut the connection again and again."""
    random = Random(seed)
    plan = [
        # Welcome and sources take the first few thousand bytes.
        Fault(random.choice([CUT, RESET]), random.randrange(3000, 12000), SERVER, every, PIECE)
        for _ in range(cuts)
    ]
    plan += [Fault(delay=every, piece=PIECE)] * 1000
    sys.exit(asyncio.run(_converse(url, plan, cuts)))


async def _converse(url: str | None, plan: list[Fault], cuts: int) -> int:
    async with _server(url) as address:
        where = urlsplit(address)
        assert where.hostname, "a URL has a host"
        async with FaultProxy((where.hostname, where.port or 80), *plan) as proxy:

            def report() -> None:
                _say(sys.stderr, f"\033[2m⟨cut {proxy.broken}⟩\033[0m")

            through = f"http://127.0.0.1:{proxy.port}/"
            async with ResumingClient(through, on_text=_show, on_loss=report) as reader:
                number = 0
                while number < len(QUESTIONS) or proxy.broken < cuts:
                    await _ask(reader, QUESTIONS[number % len(QUESTIONS)])
                    number += 1
        _say(sys.stderr, f"{number} answers whole, {proxy.broken} cuts.\n")
    return 0 if proxy.broken >= cuts else 1


async def _ask(reader: ResumingClient, question: str) -> None:
    _say(sys.stdout, f"\n> {question}\n\n")
    received = await reader.ask(question)
    assert received.end
    if "code" in received.end:
        _say(sys.stdout, received.end["message"])
    else:
        assert sha256(received.text.encode()).hexdigest() == received.end["content_sha256"]
    _say(sys.stdout, "\n")


@asynccontextmanager
async def _server(url: str | None) -> AsyncIterator[str]:
    """The one that is there, or one of the example book."""
    if url is not None:
        yield url
        return
    from ingestion.indexer import ingest

    with TemporaryDirectory() as folder:
        settings = settings_of(Path(folder) / "data")
        await asyncio.to_thread(ingest, EXAMPLE_BOOK, settings)
        off = {"limit_questions": (), "limit_messages": None}
        async with serving(settings.model_copy(update=off), _open_typing) as own:
            yield own


@asynccontextmanager
async def _open_typing(settings: WebSettings, frame_bytes: int) -> AsyncIterator[Services]:
    async with open_services(settings, frame_bytes) as services:
        tutor = services.answers.tutor
        services.answers.tutor = TypingTutor(
            tutor.retriever, tutor.prompts, tutor.model, tutor.condensing
        )
        yield services


class TypingTutor(TutorChain):
    """Says its words one by one, as a model does; quotes would be there at once."""

    @override
    async def astream(
        self, input: Question, config: RunnableConfig | None = None, **kwargs: Any
    ) -> AsyncIterator[Event]:
        async for event in super().astream(input, config, **kwargs):
            if isinstance(event, Delta):
                *words, last = re.findall(r"\s*\S+\s*|\s+", event.content)
                for word in words:
                    await asyncio.sleep(PACE)
                    yield Delta(word)
                yield Delta(last, event.sources)
            else:
                yield event


def _show(text: str) -> None:
    _say(sys.stdout, text)


def _say(stream: TextIO, text: str) -> None:
    stream.write(text)
    stream.flush()


if __name__ == "__main__":
    main()
