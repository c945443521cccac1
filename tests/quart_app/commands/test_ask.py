"""`scholiast ask`: an answer in the terminal, from a running server or from one of its own."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import socket
from pathlib import Path
from typing import IO

import pytest
from websockets.sync.client import connect

from chains.index.beacon import beacon
from quart_app.commands.ask import _show
from tests.support.commands import PATIENCE, ROOT, Served, refused, run, served, started
from tests.support.scripted_openai import (
    CUT,
    END,
    HANG,
    Finish,
    ScriptedOpenAI,
    Step,
    choice,
    delta,
)

ZMP = "What is the zero moment point?"
FRANCE = "What is the capital of France?"


@pytest.fixture
def beside(running: Served, monkeypatch: pytest.MonkeyPatch, alone: Path) -> Served:
    """The running server, with the working directory that it runs in."""
    monkeypatch.chdir(running.folder)
    return running


def test_the_running_server_answers_and_sources_lead_to_its_pages(beside: Served) -> None:
    result = run("ask", ZMP)
    assert result.exit_code == 0
    answer, sources = result.stdout.split("\nSources\n")
    assert "The zero moment point (ZMP) is the point on the ground" in answer
    assert f"    {beside.url}book/motion/balance#zmp\n" in sources
    assert result.stderr.startswith("quotes: quoted from the book")
    assert result.stderr.endswith(" ms\n")
    assert "\x1b" not in result.output


@pytest.mark.usefixtures("beside")
def test_selections_and_page_say_what_the_question_is_about() -> None:
    passages = ("An accelerometer at rest reads one g upward.", "A gyroscope drifts.")
    chosen = [part for text in passages for part in ("--selection", text)]
    result = run("ask", "explain this", *chosen, "--page", "/book/hardware/sensors", "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["sources"][0]["file"] == "02-hardware/02-sensors.md"


@pytest.mark.usefixtures("beside")
def test_json_is_one_object_and_nothing_else() -> None:
    result = run("ask", ZMP, "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    printed = json.loads(result.stdout)
    assert printed["question"] == ZMP
    assert set(printed["cited"]) <= {source["index"] for source in printed["sources"]}
    assert printed["sources_used"] == len(printed["cited"])
    assert (printed["status"], printed["model"].split(":")[0]) == ("completed", "quotes")


@pytest.mark.usefixtures("beside")
def test_what_the_book_does_not_cover_ends_with_1_and_the_nearest_sections() -> None:
    result = run("ask", FRANCE)
    assert result.exit_code == 1
    assert result.stdout.startswith("Nearest sections\n[1] ")
    assert result.stderr.startswith("The book does not seem to cover this.")
    printed = run("ask", FRANCE, "--json")
    assert (printed.exit_code, printed.stderr) == (1, "")
    error = json.loads(printed.stdout)["error"]
    assert error["code"] == "CONTENT_NOT_FOUND"
    assert error["suggestions"]


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ([" "], "The question is empty."),
        (["x" * 1001], "at most 1000"),
        (["x", *["--selection", "y"] * 6], "at most 5"),
        (["x", "--selection", "y" * 2001], "at most 2000"),
        (["x", "--selection", ""], "A selection is empty."),
    ],
)
def test_wrong_use_ends_with_2_and_starts_no_server(arguments: list[str], problem: str) -> None:
    result = run("ask", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert problem in result.stderr


@pytest.mark.usefixtures("alone")
def test_without_a_book_it_ends_with_1_and_one_line() -> None:
    result = run("ask", ZMP)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "scholiast ingest PATH" in result.stderr


def test_without_a_server_it_runs_one_and_sources_lead_to_files(example_data: Path) -> None:
    result = run("ask", ZMP)
    assert result.exit_code == 0, result.output
    assert "    03-motion/01-balance.mdx\n" in result.stdout
    assert "http" not in result.stdout
    assert not (example_data / "server.json").exists()


def test_a_server_without_a_place_is_not_taken_for_none(example_copy: Path) -> None:
    with (
        served(example_copy.parent, SCHOLIAST_LIMIT_CONNECTIONS="1") as server,
        connect(server.url.replace("http", "ws", 1) + "ws/chat"),
    ):
        line = refused(1, "ask", ZMP)
    assert "it runs and refuses this command with HTTP 429: Too many connections" in line


def test_an_address_where_nobody_answers_is_given_up(example_data: Path) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        beacon(example_data, f"http://127.0.0.1:{silent.getsockname()[1]}/"),
    ):
        assert run("ask", ZMP).exit_code == 0


async def test_a_server_that_dies_is_printed_and_the_next_question_needs_none(
    example_copy: Path,
) -> None:
    async with ScriptedOpenAI(["Half an ", HANG]) as endpoint:
        settings = {"SCHOLIAST_MODEL": "scripted", "OPENAI_BASE_URL": endpoint.base_url}
        with (
            served(example_copy.parent, **settings) as server,
            started(example_copy.parent, "ask", ZMP) as asking,
        ):
            assert await read(asking.stdout, 7) == "Half an"
            server.process.kill()
            said, problem = await asyncio.to_thread(asking.communicate, timeout=PATIENCE)
    assert (asking.returncode, said) == (1, "\n")
    assert problem.startswith("scholiast: The server did not answer: it closed the connection")
    assert problem.count("\n") == 1
    assert (example_copy / "server.json").exists()
    result = await asyncio.to_thread(run, "ask", ZMP)
    assert result.exit_code == 0
    assert "(ZMP) is the point on the ground" in result.stdout


async def test_it_streams_and_ctrl_c_ends_it_with_130_and_one_line(
    alone: Path, example_data: Path
) -> None:
    async with ScriptedOpenAI(["Half an ", HANG]) as endpoint:
        settings = {
            "SCHOLIAST_DATA": str(example_data),
            "SCHOLIAST_MODEL": "scripted",
            "OPENAI_BASE_URL": endpoint.base_url,
            "SCHOLIAST_MODEL_TIMEOUT_GAP": "300",
        }
        with started(alone, "ask", ZMP, **settings) as asking:
            assert await read(asking.stdout, 7) == "Half an"
            asking.send_signal(signal.SIGINT)
            said, problem = await asyncio.to_thread(asking.communicate, timeout=PATIENCE)
        await endpoint.until_idle()
    assert (asking.returncode, said, problem) == (130, "\n", "scholiast: Stopped.\n")
    assert not (example_data / "server.json").exists()


@pytest.mark.usefixtures("example_data")
@pytest.mark.parametrize(("script", "said"), [([CUT], ""), (["Half an answer.", CUT], "Half an")])
async def test_a_model_that_fails_is_printed_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch, script: list[Step], said: str
) -> None:
    monkeypatch.setenv("SCHOLIAST_MODEL", "scripted")
    async with ScriptedOpenAI(script) as endpoint:
        monkeypatch.setenv("OPENAI_BASE_URL", endpoint.base_url)
        result = await asyncio.to_thread(run, "ask", ZMP)
    assert result.exit_code == 1
    assert result.stdout.startswith(said)
    assert result.stdout == "" or result.stdout.endswith("\n")
    assert result.stderr == (
        "The model cannot answer right now. Please ask again later. "
        "`scholiast doctor` shows what is wrong.\n"
    )


@pytest.mark.usefixtures("example_data")
@pytest.mark.parametrize("as_json", [False, True])
async def test_a_model_that_thinks_is_shown_beside_its_answer(
    monkeypatch: pytest.MonkeyPatch, as_json: bool
) -> None:
    monkeypatch.setenv("SCHOLIAST_MODEL", "scripted")
    script: list[Step] = [choice({"reasoning": "Hm."}), 0.3, delta("Hm, a point?"), END]
    async with ScriptedOpenAI(script) as endpoint:
        monkeypatch.setenv("OPENAI_BASE_URL", endpoint.base_url)
        result = await asyncio.to_thread(run, "ask", ZMP, *["--json"] * as_json)
    assert result.exit_code == 0
    if as_json:
        assert (json.loads(result.stdout)["answer"], result.stderr) == ("Hm, a point?", "")
    else:
        assert result.stdout.startswith("Hm, a point?\n")
        assert result.stderr.startswith("The model is thinking…\nscripted · ")


@pytest.mark.usefixtures("example_data")
@pytest.mark.parametrize(
    ("script", "code", "printed"),
    [
        (["Half an answer", Finish("content_filter")], 1, "The model refused to answer, or to go"),
        ([], 1, "The model wrote no answer."),
        (["Half an answer", Finish("length")], 0, "The answer reached its longest length"),
    ],
)
async def test_an_answer_that_is_not_whole_says_why(
    monkeypatch: pytest.MonkeyPatch, script: list[Step], code: int, printed: str
) -> None:
    monkeypatch.setenv("SCHOLIAST_MODEL", "scripted")
    async with ScriptedOpenAI(script) as endpoint:
        monkeypatch.setenv("OPENAI_BASE_URL", endpoint.base_url)
        result = await asyncio.to_thread(run, "ask", ZMP)
    assert (result.exit_code, result.stderr.startswith(printed)) == (code, True)


@pytest.mark.usefixtures("example_data")
async def test_a_model_that_cannot_be_reached_is_printed_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with ScriptedOpenAI() as endpoint:
        pass
    monkeypatch.setenv("SCHOLIAST_MODEL", "gone")
    monkeypatch.setenv("OPENAI_BASE_URL", endpoint.base_url)
    result = await asyncio.to_thread(run, "ask", ZMP)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "The model cannot answer right now" in result.stderr
    assert "`scholiast doctor`" in result.stderr


@pytest.mark.timeout(400)  # it reads a thousand tokens, on a busy machine ten a second
def test_the_local_model_says_nothing_but_the_answer(alone: Path, example_data: Path) -> None:
    prompt = (ROOT / "prompts" / "answer.md").read_text(encoding="utf-8")
    short = re.sub(r"(?m)^max_tokens: .*\n", "", prompt).replace("---\n", "---\nmax_tokens: 9\n", 1)
    (alone / "answer.md").write_text(short, encoding="utf-8")
    settings = {
        "SCHOLIAST_DATA": str(example_data),
        "SCHOLIAST_MODEL": "local",
        "SCHOLIAST_PROMPTS": str(alone),
    }
    with started(alone, "ask", ZMP, **settings) as asking:
        said, printed = asking.communicate(timeout=360)
    assert asking.returncode == 0, printed
    # Whether so small a model cites is a matter of chance.
    answer, sources = re.split(r"\n(?:Sources|Found, not cited)\n", said)
    assert answer.strip()
    assert "03-motion/01-balance.mdx" in sources
    cut_short, signature = printed.splitlines()
    assert cut_short == "The answer reached its longest length and was cut."
    assert signature.startswith("local (")


async def read(stream: IO[str] | None, count: int) -> str:
    """The first letters of an output, as soon as they are there."""
    assert stream
    return await asyncio.to_thread(stream.read, count)


@pytest.mark.parametrize(("cited", "heading"), [([0], "Sources"), ([], "Found, not cited")])
def test_sources_that_the_answer_does_not_cite_are_not_passed_off_as_its_own(
    capsys: pytest.CaptureFixture[str], cited: list[int], heading: str
) -> None:
    sources = [{"index": 1, "section": "Walking > Gait", "url": "/book/a", "file": "a.md"}]
    messages = [
        {"type": "response_start", "data": {"sources": sources}},
        {"type": "response_chunk", "data": {"sources": [sources[n] for n in cited]}},
        {
            "type": "response_end",
            "data": {"status": "completed", "model": "m", "response_time_ms": 1},
        },
    ]
    _show(messages[-1], messages, None)
    assert capsys.readouterr().out.split("\n")[2:4] == [heading, "[1] Walking > Gait"]
