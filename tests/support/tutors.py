"""Tutors of the example book, with a scripted endpoint behind them or with quotes."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

from chains.answering.inputs import PROMPT_INPUTS
from chains.events import Event
from chains.index.library import Library
from chains.index.retriever import BookRetriever
from chains.models.model import Model
from chains.models.opening import open_model
from chains.models.quotes.quoting_model import QuotingChatModel
from chains.prompts.prompt import load_prompt
from chains.question import Question
from chains.settings import Settings
from chains.tutor import TutorChain
from tests.support.scripted_openai import ScriptedOpenAI, Step

ZMP = Question("What is the zero moment point?")
FRANCE = Question("What is the capital of France?")


def tutor_with(library: Library, model: Model) -> TutorChain:
    prompt = load_prompt("answer", Settings.model_construct(), PROMPT_INPUTS)
    return TutorChain(BookRetriever(library=library), {"answer": prompt}, model)


@asynccontextmanager
async def scripted(
    library: Library, *script: Step
) -> AsyncIterator[tuple[TutorChain, ScriptedOpenAI]]:
    """A tutor whose model is an endpoint that plays the script for every question."""
    async with ScriptedOpenAI(list(script)) as endpoint:
        settings = Settings.model_construct(model="scripted", openai_base_url=endpoint.base_url)
        async with open_model(settings) as model:
            yield tutor_with(library, model), endpoint


def quoting_tutor(library: Library) -> TutorChain:
    return tutor_with(library, Model(QuotingChatModel(), "quotes", "no model connected", "quotes"))


def streaming(tutor: TutorChain, question: Question, **config: Any) -> AsyncGenerator[Event]:
    return cast("AsyncGenerator[Event]", tutor.astream(question, cast("Any", config)))
