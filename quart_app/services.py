"""What the server works with, opened in one place and closed in reverse."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from quart import current_app

from chains.embeddings import open_embeddings
from chains.inputs import PROMPT_INPUTS
from chains.library import Library
from chains.models import Model, open_model
from chains.prompts import load_prompt
from chains.retriever import BookRetriever
from chains.store import open_store
from chains.tutor import TutorChain
from quart_app.answers import Answers
from quart_app.connections import ConnectionManager
from quart_app.settings import WebSettings


@dataclass(frozen=True)
class Services:
    """Everything that a route may need."""

    settings: WebSettings
    library: Library
    model: Model
    answers: Answers
    connections: ConnectionManager


@asynccontextmanager
async def open_services(settings: WebSettings) -> AsyncIterator[Services]:
    """Open index, embeddings, prompt and model; raises SettingError or StoreError."""
    async with AsyncExitStack() as stack:
        prompt = load_prompt("answer", settings, PROMPT_INPUTS)
        embeddings = open_embeddings(settings)
        library = Library(stack.enter_context(open_store(settings, embeddings)))
        model = await stack.enter_async_context(open_model(settings))
        tutor = TutorChain(BookRetriever(library=library), prompt, model)
        await tutor.warm()
        answers = Answers(tutor)
        stack.push_async_callback(answers.close)
        connections = ConnectionManager(settings.max_connections)
        yield Services(settings, library, model, answers, connections)


def services() -> Services:
    """Those of the app that serves the current request; for route functions only."""
    opened: Services = current_app.extensions["scholiast"]
    return opened
