"""`scholiast doctor`: one line for each thing a server needs, with the fix where it fails."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from chains.errors import ScholiastError
from quart_app.told import told

if TYPE_CHECKING:
    from collections.abc import Callable

    from quart_app.settings import WebSettings


@click.command()
def doctor() -> None:
    """Check settings, prompt, embeddings, index and model."""
    with told():
        from quart_app.settings import WebSettings

        settings = WebSettings.read()
    _tell("settings", f"data folder {settings.data}, model {settings.model}")
    checks = {"prompt": _prompt, "embeddings": _embeddings, "index": _index, "model": _model}
    healthy = [_check(name, check, settings) for name, check in checks.items()]
    raise SystemExit(0 if all(healthy) else 1)


def _check(name: str, check: Callable[[WebSettings], str], settings: WebSettings) -> bool:
    try:
        _tell(name, check(settings))
    except ScholiastError as error:
        _tell(name, str(error), failed=True)
        return False
    return True


def _tell(name: str, text: str, *, failed: bool = False) -> None:
    click.secho(f"{'✗' if failed else '✓'} {name:11}{text}", fg="red" if failed else None)


def _prompt(settings: WebSettings) -> str:
    from chains.inputs import PROMPT_INPUTS
    from chains.prompts import load_prompt

    prompt = load_prompt("answer", settings, PROMPT_INPUTS)
    return f"{prompt.name}, version {prompt.version}"


def _embeddings(settings: WebSettings) -> str:
    from chains.embeddings import open_embeddings

    embeddings = open_embeddings(settings)
    return f"{embeddings.name}, vectors of {embeddings.size}"


def _index(settings: WebSettings) -> str:
    from quart_app.status import read_status

    facts = read_status(settings)
    where = f", served at {facts['server']}" if facts["server"] else ""
    return f"{facts['title']}: {facts['files']} files, {facts['sections']} sections{where}"


def _model(settings: WebSettings) -> str:
    return asyncio.run(_ask_model(settings))


async def _ask_model(settings: WebSettings) -> str:
    from chains.errors import ServiceUnavailable
    from chains.models import check_model, describe, open_model

    async with open_model(settings) as model:
        try:
            await check_model(model)
        except model.errors as error:
            raise ServiceUnavailable("model", describe(error)) from None
        return model.label
