"""A comparison as it runs: both prompts over all questions, and on where a run was stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

from chains.models.opening import open_model
from chains.prompts.prompt import Prompt
from chains.tutor import TutorChain
from quart_app.evaluation.comparing.answered import Answered, answer
from quart_app.evaluation.comparing.comparison_watch import Watching
from quart_app.evaluation.comparing.kept_answers import KeptAnswers
from quart_app.evaluation.rows import Row
from quart_app.settings import WebSettings
from quart_app.tutors import open_tutor

AT_ONCE = {"quotes": 2, "local": 1}
"""Questions, by the setting of the model; another one is at an endpoint, which takes more."""
AT_ONCE_THERE = 8


@dataclass(frozen=True, slots=True)
class Variant:
    """A prompt with the model that it is asked of, where that is not the one in the settings."""

    label: str
    prompt: Prompt
    model: str | None = None


@dataclass(frozen=True, slots=True)
class Compared:
    """Two variants and their answers, in the order of the rows; `reused` were given before."""

    book: str
    rows: tuple[Row, ...]
    variants: tuple[Variant, Variant]
    models: tuple[str, str]
    answers: tuple[tuple[Answered, ...], tuple[Answered, ...]]
    reused: int


async def compare(
    settings: WebSettings,
    rows: Sequence[Row],
    variants: tuple[Variant, Variant],
    watching: Watching = Watching(),  # noqa: B008  # it keeps nothing
    *,
    fresh: bool = False,
) -> Compared:
    """Ask every row of both, while `watching` sees each answer.

    Answers of an earlier run are taken again unless `fresh`. Raises what `open_services` does; a
    question that fails is an outcome, too, and the next run asks it again.
    """
    asked: dict[tuple[str, str | None], _Asked] = {}
    async with open_tutor(settings) as tutor:
        for variant in variants:
            same = variant.prompt.version, variant.model
            if same in asked:  # A against A: nothing would differ but chance
                for row in rows:
                    watching.end(row)
            else:
                asked[same] = await _answers(tutor, settings, variant, rows, watching, fresh)
        title = tutor.retriever.library.latest.title
    both = [asked[variant.prompt.version, variant.model] for variant in variants]
    return Compared(
        title,
        tuple(rows),
        variants,
        (both[0].model, both[1].model),
        (both[0].answers, both[1].answers),
        sum(found.reused for found in asked.values()),
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    model: str
    answers: tuple[Answered, ...]
    reused: int


async def _answers(
    tutor: TutorChain,
    settings: WebSettings,
    variant: Variant,
    rows: Sequence[Row],
    watching: Watching,
    fresh: bool,
) -> _Asked:
    """What came of every row with this variant, from earlier runs where they have it."""
    name = variant.model or settings.model
    async with AsyncExitStack() as stack:
        model = tutor.model
        if variant.model is not None:
            opened = open_model(settings.model_copy(update={"model": variant.model}))
            model = await stack.enter_async_context(opened)
        own = TutorChain(
            tutor.retriever, tutor.prompts, model, tutor.condensing, tutor.spend, tutor.strictness
        )
        kept = KeptAnswers(
            settings.data, variant.prompt, model.label, tutor.retriever.library.latest.version
        )
        known = 0 if fresh else sum(kept.get(row) is not None for row in rows)
        slots = asyncio.Semaphore(AT_ONCE.get(name, AT_ONCE_THERE))

        async def ask(row: Row) -> Answered:
            if fresh or (found := kept.get(row)) is None:
                async with slots:
                    watching.begin(row)
                    found = await answer(own, variant.prompt, row, watching)
                kept.keep(row, found)
            watching.end(row)
            return found

        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(ask(row)) for row in rows]
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None  # that of a full disk, most likely
    answers = tuple(task.result() for task in tasks)
    return _Asked(variant.prompt.model or model.name, answers, known)
