"""`scholiast doctor`: every check runs, and what fails is printed with its fix."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest
from click.testing import Result

from chains.prompts.prompt_file import FOLDER
from quart_app.commands.doctor import unbounded
from quart_app.settings import WebSettings
from tests.support.commands import Served, run
from tests.support.scripted_openai import HANG, ScriptedOpenAI, Status, Step

NAMES = ["settings", "prompts", "embeddings", "index", "server", "limits", "model"]


@pytest.fixture(autouse=True)
def port(monkeypatch: pytest.MonkeyPatch, alone: Path) -> None:
    """Any free one."""
    monkeypatch.setenv("SCHOLIAST_PORT", "0")


def lines(result: Result) -> dict[str, str]:
    """The line of each check that failed; each check has one."""
    printed = [line.split(maxsplit=2) for line in result.stdout.splitlines() if line[0] != "!"]
    assert [name for _, name, _ in printed] == NAMES
    assert result.stderr == ""
    failed = {name: text for mark, name, text in printed if mark == "✗"}
    assert result.exit_code == (1 if failed else 0)
    return failed


@pytest.mark.usefixtures("example_data")
def test_all_is_well_with_a_book_and_quotes() -> None:
    result = run("doctor")
    assert lines(result) == {}
    assert "Humanoid Robots: A Short Textbook, 10 chapters, 59 sections" in result.stdout
    assert "none is running" in result.stdout
    assert "no language model connected" in result.stdout


def test_all_is_well_while_a_server_runs(running: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(running.folder)
    result = run("doctor")
    assert lines(result) == {}
    assert f"runs at {running.url} (process {running.process.pid})" in result.stdout


def test_every_check_runs_whatever_failed_before(
    alone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (alone / "hypercorn.toml").write_text("bind =")
    monkeypatch.setenv("SCHOLIAST_PROMPTS", "nowhere")
    monkeypatch.setenv("SCHOLIAST_EMBEDDING_PATH", "no-model")
    monkeypatch.setenv("SCHOLIAST_MODEL", "local")
    monkeypatch.setenv("SCHOLIAST_GGUF", "no.gguf")
    failed = lines(run("doctor"))
    assert sorted(failed) == ["embeddings", "index", "model", "prompts", "server"]
    assert "SCHOLIAST_PROMPTS" in failed["prompts"]
    assert "SCHOLIAST_EMBEDDING_PATH" in failed["embeddings"]
    assert "hypercorn.toml" in failed["server"]
    assert "SCHOLIAST_GGUF" in failed["model"]


@pytest.mark.usefixtures("example_data")
def test_a_prompt_that_shows_no_sources_is_reported_and_one_without_a_rule_is_warned_of(
    alone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCHOLIAST_PROMPTS", str(alone))
    answer = (FOLDER / "answer.md").read_text(encoding="utf-8")
    rule = answer.index("- End each sentence")
    (alone / "answer.md").write_text(answer[:rule] + answer[answer.index("- Begin with") :])
    result = run("doctor")
    assert lines(result) == {}
    assert "no rule says that the model cites its sources" in result.stdout
    start, end = answer.index("{% for source in"), answer.index("{% if selections")
    (alone / "answer.md").write_text(answer[:start] + answer[end:])
    assert "answer.md, line 12: “sources” is never used" in lines(run("doctor"))["prompts"]


def test_without_a_book_the_command_to_ingest_one_is_named() -> None:
    failed = lines(run("doctor"))
    assert list(failed) == ["index"]
    assert "scholiast ingest PATH" in failed["index"]


@pytest.mark.usefixtures("example_data")
def test_a_port_that_is_taken_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        monkeypatch.setenv("SCHOLIAST_PORT", str(other.getsockname()[1]))
        assert "SCHOLIAST_PORT" in lines(run("doctor"))["server"]


def test_wrong_settings_are_reported_and_end_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCHOLIAST_PORT", "abc")
    result = run("doctor")
    assert result.exit_code == 1
    (line,) = result.stdout.splitlines()
    assert line.startswith("✗ settings   SCHOLIAST_PORT: ")


@pytest.mark.usefixtures("example_data")
def test_a_misspelt_variable_is_printed_and_harms_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCHOLIAST_MODLE", "local")
    result = run("doctor")
    assert lines(result) == {}
    assert "! settings   SCHOLIAST_MODLE is no setting; did you mean" in result.stdout


@pytest.mark.usefixtures("example_data")
async def test_a_model_that_answers_is_well(monkeypatch: pytest.MonkeyPatch) -> None:
    async with ScriptedOpenAI(["Yes."], key="right") as endpoint:
        assert await reported_of_model(endpoint, monkeypatch, key="right") is None


@pytest.mark.usefixtures("example_data")
@pytest.mark.parametrize(
    ("script", "fix"),
    [
        (Status(404, "model_not_found"), "SCHOLIAST_MODEL"),
        (Status(400), "refused the request"),
        (Status(429, "insufficient_quota"), "no credit"),
        (HANG, "no answer within 1 s"),
    ],
)
async def test_a_model_that_refuses_is_printed_with_the_fix(
    monkeypatch: pytest.MonkeyPatch, script: Step, fix: str
) -> None:
    async with ScriptedOpenAI([script]) as endpoint:
        assert fix in str(await reported_of_model(endpoint, monkeypatch))


@pytest.mark.usefixtures("example_data")
async def test_a_wrong_key_is_printed_and_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    async with ScriptedOpenAI(key="right") as endpoint:
        printed = str(await reported_of_model(endpoint, monkeypatch, key="wrong-one"))
    assert "OPENAI_API_KEY" in printed
    assert "wrong-one" not in printed


@pytest.mark.usefixtures("example_data")
async def test_an_endpoint_that_is_not_there_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    async with ScriptedOpenAI() as endpoint:
        pass
    assert "nothing listens at" in str(await reported_of_model(endpoint, monkeypatch))


async def reported_of_model(
    endpoint: ScriptedOpenAI, monkeypatch: pytest.MonkeyPatch, key: str = "any"
) -> str | None:
    """What the doctor finds wrong with the model at an endpoint; all else is well."""
    monkeypatch.setenv("SCHOLIAST_MODEL", "scripted")
    monkeypatch.setenv("OPENAI_API_KEY", key)
    monkeypatch.setenv("OPENAI_BASE_URL", endpoint.base_url)
    failed = lines(await asyncio.to_thread(run, "doctor", "--timeout", "1"))
    assert list(failed) in ([], ["model"])
    return failed.get("model")


def test_limits_for_all_readers_are_shown(
    example_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCHOLIAST_LIMIT_ALL", "100/hour, 2000/day")
    monkeypatch.setenv("SCHOLIAST_BUDGET_TOKENS", "5000000")
    result = run("doctor")
    assert lines(result) == {}
    assert "together 100/hour, 2,000/day; tokens a day 5,000,000" in result.stdout


@pytest.mark.parametrize(
    ("settings", "is_warned"),
    [
        ({"SCHOLIAST_MODEL": "gpt", "OPENAI_API_KEY": "sk-1"}, True),
        ({"SCHOLIAST_MODEL": "gpt", "OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}, False),
        ({"OPENAI_API_KEY": "sk-1"}, False),
        (
            {"SCHOLIAST_MODEL": "gpt", "OPENAI_API_KEY": "sk-1", "SCHOLIAST_LIMIT_ALL": "9/day"},
            False,
        ),
        (
            {"SCHOLIAST_MODEL": "gpt", "OPENAI_API_KEY": "sk-1", "SCHOLIAST_BUDGET_TOKENS": "9"},
            False,
        ),
    ],
)
@pytest.mark.usefixtures("alone")
def test_a_model_with_a_key_and_no_limit_for_all_readers_is_warned_of(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], is_warned: bool
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    assert (unbounded(WebSettings.read()) is not None) is is_warned
