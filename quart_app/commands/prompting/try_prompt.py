"""`scholiast prompts try`: at every save of a prompt, the same question is asked again."""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from collections.abc import AsyncIterator
from contextlib import aclosing, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from quart_app.commands.console import errors_as_one_line, show, show_line

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from chains.events import Event, Finish
    from chains.prompts.findings import BadPrompt
    from chains.prompts.live_prompts import LivePrompt
    from chains.prompts.prompt import Prompt
    from chains.question import Question
    from chains.tutor import TutorChain
    from quart_app.settings import WebSettings

PAUSE = 0.05
"""Seconds between two looks at the file."""


@click.command("try")
@click.argument("named", metavar="NAME|FILE")
@click.option("--question", required=True, help="What to ask at every save.")
@click.option("--selection", multiple=True, help="Text of the book that the question is about.")
@click.option("--data", type=click.Path(path_type=Path), help="The data folder of the book.")
@click.option("--model", help="Another model than SCHOLIAST_MODEL.")
def try_prompt(
    named: str, question: str, selection: tuple[str, ...], data: Path | None, model: str | None
) -> None:
    """Ask a question now and at every save of the prompt, and show what changed in the answer.

    On a terminal the answer streams beside the last one, what is new in green, what is gone struck
    through; elsewhere what is new is marked with +, what is gone with -. Ctrl-C stops.
    """
    logging.getLogger("scholiast").setLevel(logging.ERROR)
    with errors_as_one_line():
        from chains.question import Question, Selection
        from quart_app.settings import WebSettings

        settings = WebSettings.read(data=data, model=model)
        asked = Question(question, tuple(Selection(text) for text in selection))
        asyncio.run(_try(settings, named, asked))


async def watch(live: LivePrompt) -> AsyncIterator[Prompt | BadPrompt]:
    """The prompt of a file now and after each edit, or why the edit cannot be used."""
    seen: Prompt | BadPrompt | None = None
    while True:
        prompt = live.current()
        now = live.problem or prompt
        if now is not seen:
            yield now
            seen = now
        await asyncio.sleep(PAUSE)


def differences(before: str, after: str) -> str:
    """Both texts as one: words that are new as {+so+}, words that are gone as [-so-].

    >>> differences("A gait is slow.", "A gait is a rhythm.")
    'A gait is [-slow.-]{+a rhythm.+}'
    """
    from quart_app.commands.prompting.side_by_side import changes

    found: list[str] = []
    for gone, come, is_same in changes(before, after):
        marked = (f"[-{gone}-]" if gone else "") + (f"{{+{come}+}}" if come else "")
        found.append(come if is_same else marked)
    return " ".join(found)


async def _try(settings: WebSettings, named: str, question: Question) -> None:
    from chains.prompts.findings import BadPrompt
    from chains.prompts.live_prompts import LivePrompt
    from chains.prompts.purposes import ANSWERING
    from quart_app.commands.prompting.choosing_prompts import choose_file
    from quart_app.tutors import open_tutor

    live = LivePrompt(choose_file(named, settings), ANSWERING)
    last = ""
    async with open_tutor(settings) as tutor:
        async for found in watch(live):
            if isinstance(found, BadPrompt):
                show_line(f"! {found}", fg="yellow")
            else:
                last = await _ask(tutor, found, question, last)


async def _ask(tutor: TutorChain, prompt: Prompt, question: Question, last: str) -> str:
    """Ask and print; the text of the answer, or of the last one where none came."""
    from chains.errors import ScholiastError
    from chains.events import Delta, Finish
    from chains.tutor import ANSWER, TutorChain
    from quart_app.commands.prompting.side_by_side import SideBySide

    chain = TutorChain(
        tutor.retriever, {ANSWER: prompt}, tutor.model, tutor.condensing, tutor.spend,
        tutor.strictness,
    )  # fmt: skip
    show_line(f"{prompt.name}, version {prompt.version}", bold=True)
    begun, first, text = time.perf_counter(), None, ""
    events = cast("AsyncGenerator[Event]", chain.astream(question))
    is_beside = bool(last) and sys.stdout.isatty()
    end = None
    try:
        async with aclosing(events):
            with SideBySide(last) if is_beside else nullcontext() as beside:
                async for event in events:
                    if isinstance(event, Delta):
                        first = first or time.perf_counter() - begun
                        beside.add(event.content) if beside else show(event.content, nl=False)
                        text += event.content
                    elif isinstance(event, Finish):
                        end = event
    except ScholiastError as error:
        show_line(str(error), fg="red")
        return last
    if end:
        _show_end(end, first or 0.0, time.perf_counter() - begun, is_beside)
    if last and text != last and not is_beside:
        show_line("What changed:", bold=True)
        show(differences(last, text))
    elif last and text == last:
        show_line("The same answer as before.")
    show_line("Waiting for the next save.", dim=True)
    return text


def _show_end(end: Finish, first: float, whole: float, is_beside: bool) -> None:
    grounding = end.grounding
    about = " (an estimate)" if end.tokens_estimated else ""
    cited = "1 source" if end.sources_used == 1 else f"{end.sources_used} sources"
    show(nl=not is_beside)
    show_line(
        f"{grounding.supported} of {grounding.sentences} sentences supported, "
        f"{cited} cited, first word after {first * 1000:.0f} ms, "
        f"end after {whole * 1000:.0f} ms, {end.total_tokens:,} tokens{about}",
        dim=True,
    )
