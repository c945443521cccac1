"""`scholiast prompts try`: each save asks again, and what changed in the answer is marked."""

from __future__ import annotations

import asyncio
import os
import pty
import re
from pathlib import Path
from typing import IO

import pytest

from chains.events import Finish, Grounding, PromptVersion
from chains.prompts.prompt_file import FOLDER
from quart_app.commands.prompting import try_prompt
from tests.support.commands import started, started_on
from tests.support.heeding_model import HeedingModel

ANSWER = (FOLDER / "answer.md").read_text(encoding="utf-8")
WAITING = "Waiting for the next save."


def until(lines: IO[str] | None, end: str) -> list[str]:
    """The lines up to one that holds this."""
    assert lines
    found: list[str] = []
    while not found or end not in found[-1]:
        line = lines.readline()
        assert line, found
        found.append(line.rstrip("\n"))
    return found


async def test_a_save_asks_again_and_a_broken_one_is_told(example_copy: Path, alone: Path) -> None:
    file = alone / "own.md"
    file.write_text(ANSWER, encoding="utf-8")
    command = ("prompts", "try", "own.md", "--question", "What is the zero moment point?")
    async with HeedingModel() as model:
        variables = {
            "SCHOLIAST_MODEL": model.model,
            "OPENAI_BASE_URL": model.base_url,
            "OPENAI_API_KEY": "none",
            "PYTHONUNBUFFERED": "1",
        }
        with started(alone, *command, **variables) as process:
            first = await asyncio.to_thread(until, process.stdout, WAITING)
            assert first[0].startswith("own, version ")
            assert any(
                "sentences supported" in line and "first word after" in line for line in first
            )
            mute = "\n".join(line for line in ANSWER.split("\n") if "the number of" not in line)
            file.write_text(mute.replace("Begin with the answer", "Begin with it"), "utf-8")
            second = await asyncio.to_thread(until, process.stdout, WAITING)
            assert second[0] != first[0]
            assert {"What changed:", "The same answer as before."} & set(second)
            file.write_text(mute.replace("{{ question }}", "{{ qestion }}"), encoding="utf-8")
            told = await asyncio.to_thread(until, process.stdout, "qestion")
            assert told[0].startswith("! own.md, line ")
        assert len(model.requests) == 2


async def test_on_a_terminal_the_answer_stands_beside_the_last_one(
    example_copy: Path, alone: Path
) -> None:
    file = alone / "own.md"
    file.write_text(ANSWER, encoding="utf-8")
    command = ("prompts", "try", "own.md", "--question", "What is the zero moment point?")
    master, terminal = pty.openpty()
    async with HeedingModel() as model:
        variables = {
            "SCHOLIAST_MODEL": model.model,
            "OPENAI_BASE_URL": model.base_url,
            "OPENAI_API_KEY": "none",
            "TERM": "xterm-256color",
            "COLUMNS": "100",
        }
        with started_on(terminal, alone, *command, **variables):
            await asyncio.to_thread(read_until, master, WAITING)
            short = ANSWER.replace("source in sources %}", "source in sources[:1] %}")
            file.write_text(short, encoding="utf-8")
            shown = await asyncio.to_thread(read_until, master, WAITING)
    os.close(master)
    os.close(terminal)
    assert re.search(r"before\s+now", re.sub(r"\x1b\[[0-9;]*m", "", shown))
    assert "\x1b[9;31m" in shown  # struck through
    assert "What changed" not in shown


@pytest.mark.parametrize(("cited", "said"), [(1, "1 source cited"), (2, "2 sources cited")])
def test_one_source_is_counted_as_one(
    cited: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    end = Finish(
        status="completed",
        total_tokens=290,
        tokens_estimated=False,
        sources_used=cited,
        grounding=Grounding(2, 2),
        prompt=PromptVersion("own", "1"),
        model="scripted",
        index_version="1",
    )
    try_prompt._show_end(end, 0.1, 0.2, False)
    assert f"supported, {said}, first word" in capsys.readouterr().out


def read_until(terminal: int, end: str) -> str:
    """What a terminal was sent, up to this text."""
    found = b""
    while end.encode() not in found:
        found += os.read(terminal, 4096)
    return found.decode()
