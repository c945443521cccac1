"""Codes that act on a terminal, from a book, a model or a client: they never reach it."""

from __future__ import annotations

import asyncio
import logging
import re
import socket
import sys
import unicodedata
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from quart_app.commands.console import LogFormatter
from tests.support.commands import ROOT, run, served
from tests.support.scripted_openai import ScriptedOpenAI

CODES = "\x1b]0;owned\x07\x1b[2J\x9b1A\x08\x7f\u202e\u2066\u200b"
"""The title of the window, a cleared screen, a line up, a backspace, turned text, hidden text."""
STYLE = re.compile(r"\x1b\[[\d;]*m")
ZMP = "What is the zero moment point?"


@pytest.fixture
def book(alone: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A book whose names and texts hold such codes, as the only one."""
    folder = alone / "book"
    folder.mkdir()
    point = "The zero moment point is the point on the ground where the moments cancel out."
    (folder / f"zmp{CODES}\n.md").write_text(
        f"# Balance{CODES}\n\n## Zero moment point{CODES}\n\n{point}{CODES}\n", "utf-8"
    )
    (folder / f"broken{CODES}\n.md").write_text("---\ntitle: [\n---\n", "utf-8")
    monkeypatch.setenv("SCHOLIAST_DATA", f"data{CODES}")
    monkeypatch.setenv("SCHOLIAST_MODEL", "openai:model")
    monkeypatch.setenv("SCHOLIAST_TRACE", "1")
    monkeypatch.setenv("SCHOLIAST_PORT", "0")
    monkeypatch.setenv("COLUMNS", "200")  # at 80, a slow answer's times leave no room for a code
    return folder


def printed(*arguments: str) -> str:
    """What a command prints where colours are wanted, without them; nothing in it acts."""
    result = run(*arguments, color=True)
    text = STYLE.sub("", result.output)
    acting = {
        one for one in text if unicodedata.category(one) in ("Cc", "Cf", "Cs", "Zl", "Zp")
    } - {"\n"}
    assert acting == set(), (arguments, text)
    return text


async def test_no_command_prints_a_code_of_the_book_or_the_model(
    book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with ScriptedOpenAI([f"A point{CODES}.\n", "\x1b", "]0;owned\x07 [1]"]) as endpoint:
        monkeypatch.setenv("OPENAI_BASE_URL", endpoint.base_url)
        ingested, *others = [
            await asyncio.to_thread(printed, *arguments)
            for arguments in (
                ("ingest", str(book)),
                ("ingest", str(book), "--json"),
                ("status",),
                ("status", "--json"),
                ("doctor",),
                ("ask", ZMP + CODES),
                ("trace",),
                ("trace", "last"),
                ("trace", "last", "--json"),
                ("trace", "last", "--html", "-"),
                ("trace", "last", "--replay"),
                ("trace", f"none{CODES}"),
            )
        ]
    (line,) = [line for line in ingested.splitlines() if line.startswith("skipped broken")]
    assert "\\x1b]0;owned\\x07\\x1b[2J\\x9b1A\\x08\\x7f\\u202e\\u2066\\u200b\\n.md: " in line
    for text in others[1:-1]:
        assert (
            "\\x1b" in text or "\\u001b" in text
        )  # each of them quotes the book, the model or a name


def test_a_log_keeps_a_message_in_its_line_and_a_trace_free_of_codes() -> None:
    try:
        raise ValueError(f"one\ntwo{CODES}")
    except ValueError:
        error = sys.exc_info()
    message = f"refused %s\n2026-11-22 INFO forged{CODES}"
    record = logging.LogRecord("a", logging.ERROR, "", 1, message, ("me",), error)
    first, *trace = LogFormatter("%(name)s: %(message)s").format(record).split("\n")
    assert first.startswith("a: refused me\\n2026-11-22 INFO forged\\x1b]0;owned")
    assert trace[-1].startswith("two\\x1b]0;owned")
    assert all(line.isprintable() for line in (first, *trace))


def test_an_access_log_shows_codes_of_a_client_and_does_not_send_them(example_copy: Path) -> None:
    folder = example_copy.parent
    (folder / "hypercorn.toml").write_text('accesslog = "-"\nloglevel = "info"\n')
    with served(folder) as server:
        at = urlsplit(server.url)
        with socket.create_connection((str(at.hostname), at.port)) as client:
            agent = b"\x1b]0;owned\x07\xc2\x9b2J"
            client.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\nUser-Agent: " + agent)
            client.sendall(b"\r\nConnection: close\r\n\r\n")
            while client.recv(4096):
                pass
        _, said = server.end()
    (line,) = [line for line in said.splitlines() if "/healthz" in line]
    assert line.isprintable()
    assert "\\x1b]0;owned\\x07" in line


COMMANDS = ROOT / "quart_app" / "commands"


@pytest.mark.parametrize("path", sorted(COMMANDS.rglob("*.py")), ids=lambda path: path.stem)
def test_commands_print_by_what_makes_codes_visible(path: Path) -> None:
    text = path.read_text("utf-8")
    calls = re.findall(r"\bclick\.s?echo\(.*|(?<![_.\w])print\(.*", text)
    if path.stem == "console":
        assert all("visible" in call or "in_one_line" in call for call in calls)
    elif path.stem == "trace":  # a page, whose text is made visible by its template
        assert calls == ["click.echo(render(found), nl=False)"]
    else:
        assert calls == []
    assert "table.add_row(" not in text  # Rich strips few codes; the trace's own `add_row` does
