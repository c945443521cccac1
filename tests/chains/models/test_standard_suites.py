"""LangChain's standard suites over the models of this project.

One is at an endpoint, whose streams are read from bytes; the other one quotes.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from anyio.from_thread import start_blocking_portal
from langchain_core.language_models import BaseChatModel
from langchain_tests.integration_tests import ChatModelIntegrationTests
from langchain_tests.unit_tests import ChatModelUnitTests

from chains.models.completions import Completions
from chains.models.endpoint import open_endpoint
from chains.models.model import Timeouts
from chains.models.quotes.quoting_model import QuotingChatModel
from tests.support.scripted_openai import ScriptedOpenAI


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with (
        start_blocking_portal() as portal,  # many of these tests hold the thread they are in
        portal.wrap_async_context_manager(ScriptedOpenAI(["Yes, ", "it ", "is."])) as endpoint,
    ):
        yield endpoint.base_url


class TextAlone:
    """What the suites need to know: a book's tutor gives its model text, and no tools."""

    @property
    def has_tool_calling(self) -> bool:
        return False

    @property
    def has_structured_output(self) -> bool:
        return False


class AtAnEndpoint(TextAlone):
    @property
    def chat_model_class(self) -> type[BaseChatModel]:
        return Completions

    @property
    def chat_model_params(self) -> dict[str, object]:
        return {"model": "scripted", "api_key": "none"}


class TestUnit(AtAnEndpoint, ChatModelUnitTests):
    pass


class TestIntegration(AtAnEndpoint, ChatModelIntegrationTests):
    @pytest.fixture
    async def model(
        self, address: str, monkeypatch: pytest.MonkeyPatch
    ) -> AsyncIterator[BaseChatModel]:
        monkeypatch.setenv("OPENAI_API_BASE", address)  # for models that the tests make
        async with open_endpoint("scripted", address, None, Timeouts()) as chat:
            yield chat


class Quoting(TextAlone):
    @property
    def chat_model_class(self) -> type[BaseChatModel]:
        return QuotingChatModel


class TestQuotingUnit(Quoting, ChatModelUnitTests):
    pass


class TestQuotingIntegration(Quoting, ChatModelIntegrationTests):
    pass
