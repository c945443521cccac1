"""Codes that act on a terminal, in what the commands for authors and prompt engineers print."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.faults.test_terminal import CODES, ZMP, book, printed
from tests.support.commands import ROOT
from tests.support.scripted_openai import ScriptedOpenAI, Status

SHOWN = "\\x1b]0;owned"
IN_ADDRESS = "%1B]0;owned"
__all__ = ["book"]


@pytest.fixture
def questions(book: Path) -> Path:
    """A set of questions with such codes in all that it may hold."""
    file = book.parent / f"questions{CODES}.jsonl"
    row = {"id": f"1{CODES}", "query": ZMP + CODES, "kind": f"a{CODES}", "answer": f"point{CODES}"}
    file.write_text(json.dumps(row) + "\n", "utf-8")
    return file


@pytest.fixture
def prompts(book: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Prompts of a folder, one of which says them, and is kept by git with a title that does."""
    folder = book.parent / f"prompts{CODES}"
    shutil.copytree(ROOT / "prompts", folder)
    file = folder / "answer.md"
    file.write_text(file.read_text("utf-8").rstrip() + f" Be brief.{CODES}\n", "utf-8")
    (folder / f"bad{CODES}.md").write_text(f"---\ntemperature: {CODES}\n---\n{{{{ no }}}}\n")
    name = ("-c", "user.name=a", "-c", "user.email=a@b.example")
    for arguments in (("init", "-q"), ("add", "."), (*name, "commit", "-qm", f"Title{CODES}")):
        subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)
    file.write_text(file.read_text("utf-8") + "Be kind.\n", "utf-8")
    monkeypatch.setenv("SCHOLIAST_PROMPTS", str(folder))
    return folder


async def all_printed(*commands: tuple[str, ...]) -> list[str]:
    return [await asyncio.to_thread(printed, *arguments) for arguments in commands]


async def test_no_command_for_authors_prints_a_code_of_the_book_or_a_name(book: Path) -> None:
    site = book.parent / f"site{CODES}"
    site.mkdir()
    kept = str(book.parent / f"kept{CODES}")
    texts = await all_printed(
        ("ingest", str(book), "--dry-run"),
        ("ingest", str(book)),
        ("links", "--site", str(site)),
        ("backup", kept),
        ("restore", kept),
        ("restore", f"nowhere{CODES}"),
        ("ingest", f"nowhere{CODES}"),
        ("ingest", str(book), "--format", CODES),
        ("ingest", str(book), "--url-style", CODES),
        ("ingest", str(book), CODES),
        (f"no-command{CODES}",),
        (f"--no-option{CODES}",),
    )
    assert [text for text in texts if SHOWN not in text and IN_ADDRESS not in text] == []


async def test_no_command_for_prompts_prints_a_code_of_a_prompt_or_a_question(
    book: Path, questions: Path, prompts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = str(prompts / "answer.md")
    async with ScriptedOpenAI([f"A point{CODES} [1]."]) as endpoint:
        monkeypatch.setenv("OPENAI_BASE_URL", endpoint.base_url)
        _, *texts = await all_printed(
            ("ingest", str(book)),
            ("prompts", "check"),
            ("prompts", "check", "--sarif"),
            ("prompts", "check", "--json"),
            ("prompts", "show", file),
            ("prompts", "show", f"nowhere{CODES}"),
            ("prompts", "show", "answer", "--all"),
            ("prompts", "preview", file),
            ("prompts", "preview", file, "--question", CODES, "--history", CODES, CODES),
            ("prompts", "compare", file, "answer", "--set", str(questions)),
            ("prompts", "compare", file, "answer", "--set", str(questions), "--json"),
            ("prompts", "compare", f"a@{CODES}", "answer", "--set", str(questions)),
            ("eval", str(questions), "--foreign", str(questions), "--min", f"a{CODES}=1"),
            ("eval", str(questions), "--min", CODES),
        )
    quoting = [text for text in texts if SHOWN in text.replace("u001b", "x1b")]
    assert [text for text in texts if text not in quoting] == []


async def test_no_command_prints_a_code_that_an_endpoint_says_in_an_error(
    book: Path, questions: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = f"no{CODES}"
    refused = Status(400, message=message, code=message, param=message, location=message)
    for status in (refused, Status(307, message=message, location=f"http://a{CODES}/")):
        async with ScriptedOpenAI([status]) as endpoint:
            monkeypatch.setenv("OPENAI_BASE_URL", endpoint.base_url)
            await all_printed(
                ("ingest", str(book)),
                ("doctor",),
                ("ask", ZMP),
                ("trace", "last"),
                ("eval", str(questions)),
                ("prompts", "compare", "answer", "answer", "--set", str(questions), "--fresh"),
            )
