"""Chat models: which one the settings ask for, opened and closed in one place.

``quotes`` needs nothing, ``local`` runs llama.cpp in this process, any other name is a model at
an OpenAI-compatible endpoint. Callers get a LangChain `BaseChatModel` in each case.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from functools import partial

from chains.models.model import Model, Timeouts
from chains.models.quotes.quoting_model import QuotingChatModel
from chains.settings import Settings

QUOTES_NOTICE = (
    "quoted from the book, no language model connected; to connect one, set SCHOLIAST_MODEL to "
    "its name and OPENAI_API_KEY, or OPENAI_BASE_URL for a server of your own"
)
LOCAL_SOURCES, LOCAL_TOKENS = 3, 256
"""With more sources its first word comes even later, and in long answers it repeats itself."""
LOCAL_NOTICE = "a small local model, experimental: it invents things, so check what it cites"
LOCAL_TIMEOUTS = Timeouts(first=60.0, between=30.0)
"""Where no setting says otherwise. It reads the sources of a question for seconds, and questions
wait for each other."""


@asynccontextmanager
async def open_model(settings: Settings, timeouts: Timeouts | None = None) -> AsyncIterator[Model]:
    """Open the model that `settings.model` names and close it, with its connections, after use.

    Raises SettingError where a key, a package or a file is missing. It sends the model no
    request: see `check_model`.
    """
    if settings.model == "quotes":
        yield Model(QuotingChatModel(), "quotes", QUOTES_NOTICE, "quotes")
        return
    from chains.models.endpoint import open_endpoint  # the OpenAI SDK takes two seconds to import
    from chains.models.failures import endpoint_errors

    if settings.model == "local":
        from chains.models.local import count_tokens, open_local

        timeouts = timeouts or _timeouts(settings, LOCAL_TIMEOUTS)
        async with (
            open_local(settings.gguf) as local,
            open_endpoint(local.model, local.base_url, local.key, timeouts) as chat,
        ):
            yield Model(
                chat,
                local.name,
                LOCAL_NOTICE,
                "small",
                endpoint_errors(),
                sources=LOCAL_SOURCES,
                max_tokens=settings.max_tokens,
                most_tokens=LOCAL_TOKENS,
                timeouts=timeouts,
                count_tokens=partial(count_tokens, local),
            )
        return
    timeouts = timeouts or _timeouts(settings, Timeouts())
    key = settings.openai_api_key.get_secret_value() if settings.openai_api_key else None
    async with open_endpoint(settings.model, settings.openai_base_url, key, timeouts) as chat:
        limit, errors = settings.max_tokens, endpoint_errors()
        model = Model(chat, settings.model, errors=errors, max_tokens=limit, timeouts=timeouts)
        yield replace(model, thinks_first=settings.model_thinks_first)


def _timeouts(settings: Settings, usual: Timeouts) -> Timeouts:
    return replace(
        usual,
        first=settings.model_timeout or usual.first,
        between=settings.model_timeout_gap or usual.between,
        think=settings.model_timeout_think,
    )


async def check_model(model: Model) -> None:
    """Ask the model for one token the way a question does; return once it has begun to answer.

    Raises one of `model.errors`, which `describe` puts into words.
    """
    async with aclosing(model.chat.astream("Say yes.", max_tokens=16)) as chunks:  # type: ignore[type-var]
        async for chunk in chunks:
            if chunk.text or "finish_reason" in chunk.response_metadata:
                return
