"""`scholiast doctor`: one line for each thing a server needs, with the fix where it fails."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

import click

from chains.errors import ScholiastError, os_words
from quart_app.commands.console import show_line

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from quart_app.answers.rates import Rate
    from quart_app.settings import WebSettings

TIMEOUT = 10.0


@click.command()
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=TIMEOUT,
    show_default=True,
    help="Seconds for the model to begin an answer.",
)
def doctor(timeout: float) -> None:
    """Check settings, prompts, embeddings, index, address, limits, Redis and model.

    Asks the model for one word. The exit code is 1 if something is wrong.
    """
    from quart_app.settings import WebSettings

    try:
        settings = WebSettings.read()
    except (ScholiastError, OSError) as error:
        _print("settings", f"{_reason(error)}; the other checks need it", failed=True)
        sys.exit(1)
    _print("settings", f"data folder {settings.data}, model {settings.model}")
    for line in WebSettings.unknown_variables():
        show_line(f"! {'settings':11}{line}", fg="yellow")
    checks: dict[str, Callable[[WebSettings], str]] = {
        "prompts": _prompts,
        "embeddings": _embeddings,
        "index": _index,
        "server": _server,
        "limits": _limits,
        **({"redis": _redis} if settings.redis_url else {}),
        "model": lambda settings: asyncio.run(_model(settings, timeout)),
    }
    if (warning := unbounded(settings)) is not None:
        show_line(f"! {'limits':11}{warning}", fg="yellow")
    healthy = [_check(name, check, settings) for name, check in checks.items()]
    sys.exit(0 if all(healthy) else 1)


def _check(name: str, check: Callable[[WebSettings], str], settings: WebSettings) -> bool:
    try:
        _print(name, check(settings))
    except (ScholiastError, OSError) as error:
        _print(name, _reason(error), failed=True)
        return False
    return True


def _reason(error: Exception) -> str:
    return os_words(error) if isinstance(error, OSError) else str(error)


def _print(name: str, text: str, *, failed: bool = False) -> None:
    show_line(f"{'✗' if failed else '✓'} {name:11}{text}", fg="red" if failed else None)


def _prompts(settings: WebSettings) -> str:
    from chains.prompts.findings import BadPrompt
    from quart_app.tutors import load_prompts
    from quart_app.workbench.checking import check_file

    live = load_prompts(settings)
    prompts = [*live.values(), live.condensing.current()]
    for prompt in prompts:
        for finding in check_file(prompt.files[0], settings.model)[1]:
            if finding.level == "error":
                raise BadPrompt(finding)
            if finding.level == "warning":
                show_line(f"! {'prompts':11}{finding}", fg="yellow")
    return ", ".join(f"{prompt.name} (version {prompt.version})" for prompt in prompts)


def _embeddings(settings: WebSettings) -> str:
    from chains.embeddings.provider import open_embeddings

    embeddings = open_embeddings(settings)
    return f"{embeddings.name}, vectors of {embeddings.size}"


def _index(settings: WebSettings) -> str:
    from quart_app.commands.status import read_status

    facts = read_status(settings)
    return f"{facts['title']}, {facts['files']} chapters, {facts['sections']} sections"


def _server(settings: WebSettings) -> str:
    from chains.index.beacon import find_server
    from quart_app.door.challenge import load_challenge
    from quart_app.door.listener import listen, read_config, url_of
    from quart_app.protocol.bounds import FRAME_BYTES

    if settings.challenge:
        load_challenge(settings.challenge)
    if server := find_server(settings.data):
        return f"runs at {server}"
    config = read_config(FRAME_BYTES)
    with listen(config, settings.host, settings.port, settings.data) as listener:
        return f"none is running; {url_of(listener, config, settings.root_path)} is free"


def _limits(settings: WebSettings) -> str:
    from quart_app.supervisor import require_one_count

    require_one_count(settings)
    tokens = f"{settings.budget_tokens:,}" if settings.budget_tokens else "any number"
    return (
        f"questions by {settings.limit_key} {_rates(settings.limit_questions)}; of all readers "
        f"together {_rates(settings.limit_all)}; tokens a day {tokens}"
    )


def _rates(rates: Sequence[Rate]) -> str:
    return ", ".join(f"{rate.count:,}/{rate.period}" for rate in rates) or "any number"


def _redis(settings: WebSettings) -> str:
    return asyncio.run(_look_at_redis(settings))


async def _look_at_redis(settings: WebSettings) -> str:
    from chains.errors import SettingError
    from quart_app.sharing import open_shared

    async with open_shared(settings) as redis:
        if redis is None:
            return "none"
        if redis.problem is not None:
            raise SettingError(redis.problem)
        return f"{redis.place}, in which servers share limits, sessions and answers"


def unbounded(settings: WebSettings) -> str | None:
    """A warning, where the model wants a key, as those that cost money do, and nothing bounds
    what all readers together may ask of it."""
    is_paid = settings.model not in ("quotes", "local") and settings.openai_api_key is not None
    if not is_paid or settings.limit_all or settings.budget_tokens:
        return None
    return (
        f"{settings.model} may cost money, and readers together may ask any number of questions; "
        "set SCHOLIAST_LIMIT_ALL (as in 2000/day) or SCHOLIAST_BUDGET_TOKENS"
    )


async def _model(settings: WebSettings, seconds: float) -> str:
    from chains.errors import ServiceUnavailable
    from chains.models.failures import describe
    from chains.models.opening import check_model, open_model

    async with open_model(settings) as model:
        try:
            async with asyncio.timeout(seconds) as limit:
                await check_model(model)
        except model.errors as error:
            slow = (
                f"no answer within {seconds:g} s; check that it is loaded and that OPENAI_BASE_URL "
                "is right, or allow more time with --timeout"
            )
            reason = slow if limit.expired() else describe(error)
            raise ServiceUnavailable("model", reason) from None
        return model.label
