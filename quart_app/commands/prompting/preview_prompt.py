"""`scholiast prompts preview`: the very messages that a question would send to the model."""

from __future__ import annotations

import asyncio
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from quart_app.commands.console import errors_as_one_line, show_line

if TYPE_CHECKING:
    from chains.prompts.prompt import Prompt
    from chains.question import Question
    from quart_app.settings import WebSettings
    from quart_app.workbench.rendered_prompt import Rendered

COLORS = ("cyan", "green", "magenta", "yellow", "blue", "red")
"""Of data, in turn."""


@click.command("preview")
@click.argument("named", metavar="NAME|FILE")
@click.option("--question", help="Search the book for it; without it, the examples are shown.")
@click.option("--selection", multiple=True, help="Text of the book that the question is about.")
@click.option("--page", help="The address of the page that the question is asked from.")
@click.option(
    "--history", nargs=2, multiple=True, metavar="QUESTION ANSWER", help="An earlier turn."
)
@click.option("--data", type=click.Path(path_type=Path), help="The data folder of the book.")
@click.option(
    "--html",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write it to this file as one page.",
)
def preview_prompt(
    named: str,
    question: str | None,
    selection: tuple[str, ...],
    page: str | None,
    history: tuple[tuple[str, str], ...],
    data: Path | None,
    html: Path | None,
) -> None:
    """Show the messages of a prompt with the tokens of each part, and what was cut.

    The model is not asked for an answer. Repeat --selection and --history as needed.
    """
    if question is None and (selection or page or history):
        raise click.UsageError("--selection, --page and --history go with --question.")
    logging.getLogger("scholiast").setLevel(logging.ERROR)
    with errors_as_one_line():
        from chains.question import Question, Selection, Turn
        from quart_app.commands.prompting.choosing_prompts import choose_prompt
        from quart_app.settings import WebSettings

        settings = WebSettings.read(data=data)
        prompt = choose_prompt(named, settings)
        if question is None:
            rendered = asyncio.run(_fill(settings, prompt))
        else:
            asked = Question(
                question,
                tuple(Selection(text) for text in selection),
                page,
                tuple(Turn(earlier, (), answer) for earlier, answer in history),
            )
            rendered = _searched(settings, prompt, asked)
        if html is not None:
            _write(html, prompt, rendered)
        else:
            _show(prompt, rendered)


async def _fill(settings: WebSettings, prompt: Prompt) -> Rendered:
    """The examples; a model is opened only to count their tokens."""
    from quart_app.workbench.rendered_prompt import counted, from_examples

    if settings.model != "local":
        return from_examples(prompt)
    from chains.models.opening import open_model

    async with open_model(settings) as model:
        return await counted(from_examples(prompt), model)


def _searched(settings: WebSettings, prompt: Prompt, question: Question) -> Rendered:
    """The messages; ends the command with the nearest sections where the book does not cover it."""
    from chains.errors import ContentNotFound

    try:
        return asyncio.run(_search(settings, prompt, question))
    except ContentNotFound as refused:
        show_line(f"scholiast: {refused}", fg="red", err=True)
        for source in refused.suggestions:
            show_line(f"[{source.index}] {source.section}")
        sys.exit(1)


async def _search(settings: WebSettings, prompt: Prompt, question: Question) -> Rendered:
    from quart_app.tutors import open_tutor
    from quart_app.workbench.rendered_prompt import from_book

    async with open_tutor(settings) as tutor:
        return await from_book(tutor, prompt, question)


def _write(html: Path, prompt: Prompt, rendered: Rendered) -> None:
    from quart_app.trace.trace_page import render_alone

    page = render_alone("preview.html", prompt=prompt, rendered=rendered)
    html.write_text(page, encoding="utf-8")


def _show(prompt: Prompt, rendered: Rendered) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from quart_app.trace.table import add_row
    from quart_app.trace.visible import visible

    console = Console()
    show_line(f"{prompt.name}, version {prompt.version}", bold=True)
    colors: dict[str, str] = {}
    for role, parts in rendered.messages:
        console.print(Text(f"\n{visible(role)}:", "bold"))
        for part in parts:
            if part.is_data:
                colors.setdefault(part.name, COLORS[len(colors) % len(COLORS)])
            console.print(Text(visible(part.text), colors.get(part.name, "")), end="")
        console.print()
    table = Table("part", box=None, header_style="dim")
    table.add_column("tokens", justify="right")
    for name, tokens in rendered.sizes:
        add_row(table, Text(visible(name), colors.get(name, "")), f"{tokens:,}")
    console.print()
    console.print(table)
    show_line(rendered.about_tokens, dim=True)
    for line in rendered.cut:
        show_line(f"! {line}", fg="yellow")
