"""Condensing: a follow-up and its history become a question that stands alone.

A language model is asked to reword it, but only where the question leans on what went before,
since each call makes the reader wait. Without a language model, with a small one, which makes up
another question, and where the model fails, the follow-up is searched for together with the
question that it leans on.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.runnables import RunnableConfig
from langchain_core.runnables.config import patch_config

from chains.answering.intents import intent_of
from chains.answering.leaning import leans, named, says_nothing, speaks_of_conversation
from chains.answering.prose import Prose
from chains.models.failures import describe
from chains.models.model import Model
from chains.models.spending import Spend, estimated_tokens, spend_freely
from chains.prompts.prompt import FOLDER, Prompt, find_prompt, make_prompt
from chains.prompts.prompt_file import read_prompt_file
from chains.prompts.purposes import CONDENSING
from chains.question import Question, Turn
from chains.settings import Settings

log = logging.getLogger("scholiast.condense")

INPUTS = tuple(CONDENSING.inputs)
"""The names that the prompt may use."""
TIMEOUT = 3.0
"""Seconds for the model; the reader waits for it before the first source shows."""
LONGEST = 300
"""Characters; a model that writes more has answered the question instead of rewording it."""
MOST_READ = 2 * LONGEST
"""Characters; there may be blanks and quotation marks around a question."""
LONGEST_TURN = 800
"""Characters of an earlier question, and as many of its answer, that the model is shown."""


@dataclass(frozen=True, slots=True)
class Condensed:
    """A question that stands alone, and who worded it.

    Worded by the rule, it is surely about the earlier question; `named` are the terms, if any,
    that the follow-up turns to, and that the book has to cover as well.
    """

    question: str
    by: Literal["reader", "rule", "model"]
    named: frozenset[str] = frozenset()


def load_condense_prompt(settings: Settings) -> Prompt:
    """Read and check condense.md."""
    return make_prompt(read_prompt_file(condense_file(settings)), INPUTS)


def condense_file(settings: Settings) -> Path:
    """Where condense.md is; a prompts folder without one gets that of the package."""
    folder = settings.prompts or FOLDER
    if not (folder / "condense.md").is_file():
        folder = FOLDER
    return find_prompt("condense", folder)


async def condense(
    question: Question,
    model: Model,
    prompt: Prompt | None = None,
    config: RunnableConfig | None = None,
    *,
    language: str = "english",
    spend: Spend = spend_freely,
) -> Condensed:
    """Return the question as it can be searched for and judged without its history.

    `language` is that of the book: the rule knows only English, so in another language the model
    is asked about every question that has a history. `spend` gets what that costs. Failures of
    the model are logged, not raised.

    >>> from chains.models.quotes.quoting_model import QuotingChatModel
    >>> from chains.question import Turn
    >>> quotes = Model(QuotingChatModel(), "quotes", kind="quotes")
    >>> history = (Turn("What is the ZMP?", (), "A point on the ground."),)
    >>> asyncio.run(condense(Question("Why does it matter?", history=history), quotes)).question
    'Why does it matter? (What is the ZMP?)'
    """
    if not question.history:
        return Condensed(question.text, "reader")
    if question.selections:  # “this” is the selection
        leaning, certain = speaks_of_conversation(question.text), True
    else:
        leaning, certain = leans(question.text), language == "english"
    if prompt is not None and model.kind == "large" and (leaning or not certain):
        reworded = await _ask(question, model, prompt, config, spend)
        if reworded is not None:
            return Condensed(reworded, "model")
    if leaning:
        together = _with_what_it_leans_on(question)
        return Condensed(together, "rule", named(question.text))
    return Condensed(question.text, "reader")


async def _ask(
    question: Question,
    model: Model,
    prompt: Prompt,
    config: RunnableConfig | None,
    spend: Spend,
) -> str | None:
    """The model's wording, or None where it gives none that can be used."""
    messages = prompt.messages({"question": question.text, "turns": _turns(question.history)})
    config = patch_config(config, run_name="condense")
    tokens = estimated_tokens(messages)  # of a call that is given up
    try:
        async with asyncio.timeout(TIMEOUT):
            text, counted = await _wording(model, messages, config, model.options(prompt))
        tokens = counted or estimated_tokens([*messages, AIMessage(text)])
    except TimeoutError:
        log.info("a follow-up was not condensed within %g s", TIMEOUT)
        return None
    except model.errors as error:
        tokens = 0
        log.warning("a follow-up was not condensed: %s", describe(error))
        return None
    finally:
        spend(tokens)
    text = without_thoughts(text, model).strip().strip('"“”').strip()
    return text if 0 < len(text) <= LONGEST and text.isprintable() else None


async def _wording(
    model: Model,
    messages: Sequence[BaseMessage],
    config: RunnableConfig,
    options: Mapping[str, Any],
) -> tuple[str, int]:
    """What the model writes, and the tokens that it reports, or 0.

    What is too long to be a question is not read to its end: it may have none.
    """
    text, tokens = "", 0
    stream = cast("AsyncGenerator[AIMessageChunk]", model.chat.astream(messages, config, **options))
    async with aclosing(stream) as chunks:
        async for chunk in chunks:
            text += chunk.text
            if len(text) > MOST_READ:
                return text, 0
            if chunk.usage_metadata:
                tokens += chunk.usage_metadata["total_tokens"]
    return text, tokens


def without_thoughts(text: str, model: Model) -> str:
    """All that a model has written but its thoughts, in whatever form it writes them."""
    pieces = Prose().feed(f"<think>{text}" if model.thinks_first else text, is_last=True)
    return "".join(piece if isinstance(piece, str) else piece.text for piece in pieces)


def _turns(history: Sequence[Turn]) -> list[dict[str, str]]:
    return [
        {"speaker": speaker, "text": text[:LONGEST_TURN]}
        for turn in history
        for speaker, text in (("reader", turn.asked), ("tutor", turn.answer))
    ]


def _with_what_it_leans_on(question: Question) -> str:
    """The question, and in parentheses those before it.

    Its own words come first, since they say whether a reason or a definition is wanted.
    """
    earlier = asked_before(question)
    return f"{question.text} ({earlier})" if earlier else question.text


def asked_before(question: Question) -> str:
    """The questions before this one that name a subject, back to one that stands alone."""
    earlier: list[str] = []
    for turn in reversed(question.history):
        # A selection is what its question was about, whatever the question says.
        if turn.selections or not _is_bare(turn.question):
            earlier.insert(0, " ".join(turn.asked.split()))
            if turn.selections or not leans(turn.question):
                break
    return " ".join(earlier)


def _is_bare(text: str) -> bool:
    """Whether a question names no subject: “An example?”, “What are the advantages?”."""
    return says_nothing(text) or intent_of(text).kind != "question"
