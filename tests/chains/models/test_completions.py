"""What is read of an endpoint beside text: refusals, usage, and where it wants its limit."""

from __future__ import annotations

import weakref
from typing import Any

import pytest
from langchain_core.callbacks import BaseCallbackHandler, StdOutCallbackHandler
from langchain_core.messages import AIMessageChunk
from openai import BadRequestError

from chains.models.completions import Completions
from chains.models.endpoint import OPENAI, open_endpoint
from chains.models.model import Timeouts
from tests.support.scripted_openai import END, ScriptedOpenAI, Status, Step, choice

OLD = Status(400, "unsupported_parameter", "Use 'max_completion_tokens'.", param="max_tokens")


async def whole(chat: Completions, **options: Any) -> AIMessageChunk:
    """The answer as LangChain adds it up for callbacks, a trace among them."""
    chunks = [chunk async for chunk in chat.astream("Why?", **options)]
    total = sum(chunks[1:], chunks[0])
    assert isinstance(total, AIMessageChunk)
    return total


def usage(prompt: int, answer: int) -> dict[str, int]:
    total = prompt + answer
    return {"prompt_tokens": prompt, "completion_tokens": answer, "total_tokens": total}


async def test_a_count_that_grows_from_chunk_to_chunk_is_added_up_to_the_last() -> None:
    script: list[Step] = [choice({"content": "x"}, usage=usage(100, n)) for n in (1, 2, 7)]
    async with (
        ScriptedOpenAI([*script, END]) as endpoint,
        open_endpoint("scripted", endpoint.base_url, None, Timeouts()) as chat,
    ):
        total = await whole(chat)
    assert total.text == "xxx"
    assert total.usage_metadata is not None
    counts = [total.usage_metadata[name] for name in ("input_tokens", "output_tokens")]
    assert [*counts, total.usage_metadata["total_tokens"]] == [100, 7, 107]


@pytest.mark.parametrize("callbacks", [[], [StdOutCallbackHandler()]], ids=["none", "some"])
async def test_chunks_are_kept_to_the_end_only_where_callbacks_will_ask_for_them(
    callbacks: list[BaseCallbackHandler],
) -> None:
    script: list[Step] = [choice({"content": "x", "n": 1}) for _ in range(9)]  # never joined
    async with (
        ScriptedOpenAI([*script, END]) as endpoint,
        open_endpoint("scripted", endpoint.base_url, None, Timeouts()) as chat,
    ):
        chunks, kept = [], 0
        async for chunk in chat.astream("Why?", {"callbacks": callbacks}):
            chunks.append(weakref.ref(chunk))
            kept = sum(one() is not None for one in chunks)
            del chunk
    assert (kept > 9) is bool(callbacks)


async def test_a_refusal_is_kept_with_its_words() -> None:
    script: list[Step] = [choice({"refusal": word}) for word in ("I ", "cannot.")]
    async with (
        ScriptedOpenAI([*script, END]) as endpoint,
        open_endpoint("scripted", endpoint.base_url, None, Timeouts()) as chat,
    ):
        total = await whole(chat)
    assert (total.text, total.additional_kwargs["refusal"]) == ("", "I cannot.")


async def test_an_endpoint_that_refuses_the_old_limit_gets_the_new_one_from_then_on() -> None:
    async with (
        ScriptedOpenAI([OLD], ["Yes."]) as endpoint,
        open_endpoint("scripted", endpoint.base_url, None, Timeouts()) as chat,
    ):
        for _ in range(2):
            assert (await whole(chat, max_tokens=9)).text == "Yes."
        limits = [
            (request.body.get("max_tokens"), request.body.get("max_completion_tokens"))
            for request in endpoint.requests
        ]
    assert limits == [(9, None), (None, 9), (None, 9)]


@pytest.mark.parametrize(
    "status", [Status(400, "unsupported_value", param="temperature"), Status(400)]
)
async def test_another_refusal_is_one(status: Status) -> None:
    async with (
        ScriptedOpenAI([status]) as endpoint,
        open_endpoint("scripted", endpoint.base_url, None, Timeouts()) as chat,
    ):
        with pytest.raises(BadRequestError):
            await whole(chat, max_tokens=9)
    assert len(endpoint.requests) == 1


async def test_openai_itself_gets_the_new_limit_at_once() -> None:
    async with open_endpoint("gpt", None, "sk-none", Timeouts()) as chat:
        assert chat.openai_api_base == OPENAI
        body = chat._get_request_payload("Why?", max_tokens=9)
    assert ("max_tokens" in body, body["max_completion_tokens"]) == (False, 9)
