"""The tutors of a server, one for each book; embeddings, model and prompts are the same."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, ExitStack, aclosing, asynccontextmanager
from typing import cast

from chains.answering.condense import condense_file
from chains.book_names import MOST, data_folder_of, named_books
from chains.bookshelf import Bookshelf
from chains.embeddings.base import BookEmbeddings
from chains.embeddings.provider import open_embeddings
from chains.errors import ScholiastError
from chains.index.aliases import books_of
from chains.index.library import Library
from chains.index.retriever import BookRetriever
from chains.index.store import open_store
from chains.models.model import Model, Timeouts
from chains.models.opening import open_model
from chains.models.spending import Spend, spend_freely
from chains.prompts.live_prompts import LivePrompt, LivePrompts
from chains.prompts.prompt import FOLDER, find_prompt
from chains.prompts.purposes import ANSWERING, CONDENSING
from chains.tutor import ANSWER, TutorChain
from quart_app.settings import WebSettings

log = logging.getLogger("scholiast.books")

NOT_SERVED = "the book %r is not served: %s (commands for it take --book %s)"
NO_ADDRESS = (
    "the book without a name in %s is not served: it has no address, since SCHOLIAST_BOOK=%s is "
    "meant where none is named; ingest it with --book NAME, or remove that folder"
)
TOO_MANY = "only %d books with names are served, and not %s; take another data folder for these"


@asynccontextmanager
async def open_tutor(
    settings: WebSettings,
    timeouts: Timeouts | None = None,
    spend: Spend = spend_freely,
    prompts: LivePrompts | None = None,
    *,
    follow: bool = False,
) -> AsyncIterator[TutorChain]:
    """Open prompts, embeddings, index and model, and search once, which is slow the first time.

    Raises and takes what `open_services` does; `spend` gets the tokens of each call of the
    model, and `prompts` are those of `load_prompts` where none are given. For `follow` see
    `open_store`.
    """
    prompts = prompts or load_prompts(settings)
    async with AsyncExitStack() as stack:
        embeddings = await stack.enter_async_context(aclosing(open_embeddings(settings)))
        library = _open_library(settings, embeddings, stack, follow=follow)
        model = await stack.enter_async_context(open_model(settings, timeouts))
        tutor = _tutor(library, prompts, model, spend, settings)
        await tutor.warm()
        yield tutor


@asynccontextmanager
async def open_bookshelf(
    settings: WebSettings,
    timeouts: Timeouts | None,
    spend: Spend,
    prompts: LivePrompts,
    *,
    follow: bool = False,
) -> AsyncIterator[Bookshelf]:
    """The same for all books of the data folder; another that cannot be opened is left out, with
    a line in the log."""
    async with open_tutor(settings, timeouts, spend, prompts, follow=follow) as tutor:
        with ExitStack() as stack:
            embeddings = cast("BookEmbeddings", tutor.retriever.library.embeddings)
            tutors = {settings.book: tutor}
            for name in _others(settings):
                try:
                    library = _open_library(
                        settings.of_book(name), embeddings, stack, follow=follow
                    )
                except (ScholiastError, OSError) as error:
                    log.warning(NOT_SERVED, name, error, name)
                    continue
                tutors[name] = _tutor(library, prompts, tutor.model, spend, settings)
            yield Bookshelf(settings.book, tutors)


def load_prompts(settings: WebSettings) -> LivePrompts:
    """The prompt for answers, its variants, and that of condensing, as their files stand.

    Raises SettingError where one cannot be used.
    """
    names = sorted({ANSWER} | settings.prompt_variants)
    folder = settings.prompts or FOLDER
    answers = {name: LivePrompt(find_prompt(name, folder), ANSWERING) for name in names}
    return LivePrompts(answers, LivePrompt(condense_file(settings), CONDENSING))


def _others(settings: WebSettings) -> list[str]:
    """The books with names of the data folder besides the default one; the log says which cannot
    be served. With QDRANT_URL they are those of the Qdrant server."""
    if settings.qdrant_url:
        return [name for name in books_of(settings) if name != settings.book]
    unnamed = data_folder_of(settings.data, "") / "index"
    if settings.book and unnamed.is_dir():
        log.warning(NO_ADDRESS, unnamed, settings.book)
    there = named_books(settings.data, most=None)
    if len(there) > MOST:
        log.warning(TOO_MANY, MOST, ", ".join(there[MOST:]))
    return [name for name in there[:MOST] if name != settings.book]


def _open_library(
    settings: WebSettings,
    embeddings: BookEmbeddings,
    stack: ExitStack | AsyncExitStack,
    *,
    follow: bool,
) -> Library:
    """The book of the settings, open as long as `stack`; closed at once where it cannot be read."""
    with ExitStack() as own:
        library = Library(own.enter_context(open_store(settings, embeddings, follow=follow)))
        stack.push(own.pop_all())
    return library


def _tutor(
    library: Library, prompts: LivePrompts, model: Model, spend: Spend, settings: WebSettings
) -> TutorChain:
    retriever, condensing = BookRetriever(library=library), prompts.condensing.current
    return TutorChain(retriever, prompts, model, condensing, spend, settings.gate)
