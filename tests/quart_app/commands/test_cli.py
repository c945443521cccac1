"""`scholiast` itself, `status`, and `ingest` beside a server."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import threading
from importlib.metadata import version
from pathlib import Path
from typing import NoReturn

import pytest

from chains.index.beacon import beacon
from tests.support.commands import ROOT, Served, refused, run, served

HEAVY = {"hypercorn", "langchain_core", "numpy", "onnxruntime", "openai", "pydantic", "quart",
         "qdrant_client", "rich", "websockets"}  # fmt: skip


def test_python_m_quart_app_is_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "quart_app", "--version"], capture_output=True, text=True,
        cwd=ROOT, check=True,
    )  # fmt: skip
    assert done.stdout == f"scholiast, version {version('scholiast')}\n"


def test_help_costs_no_import_of_a_server_or_a_model() -> None:
    script = (
        "import quart_app.commands.cli, sys; print(*{name.split('.')[0] for name in sys.modules})"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert HEAVY & set(done.stdout.split()) == set()
    help_text = run("--help").stdout
    assert all(
        f"\n  {name} " in help_text for name in ("ask", "doctor", "ingest", "serve", "status")
    )


def test_wrong_use_ends_with_2() -> None:
    for arguments in (["nothing"], ["serve", "--port", "65536"], ["ask"], ["ingest"]):
        assert run(*arguments).exit_code == 2


@pytest.mark.parametrize(
    "script",
    [
        (
            "import sys, builtins; from quart_app.__main__ import run; load = builtins.__import__\n"
            "def interrupted(name, *rest):\n"
            "    if name == 'click': raise KeyboardInterrupt\n"
            "    return load(name, *rest)\n"
            "builtins.__import__ = interrupted; run()"
        ),
        (
            "import os, signal, sys, time; from quart_app import __main__ as command\n"
            "class Held:\n"
            "    def __del__(self): os.kill(os.getpid(), signal.SIGINT); time.sleep(.1)\n"
            "def main(**_):\n"
            "    held = Held(); del held; time.sleep(60)\n"
            "import quart_app.commands.cli as cli; cli.main.callback = main\n"
            "sys.argv[1:] = ['status']; command.run()"
        ),
    ],
    ids=["while it is loaded", "within a __del__"],
)
def test_ctrl_c_is_never_lost_and_prints_no_trace(script: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert (done.returncode, done.stderr) == (130, "scholiast: Stopped.\n")


def test_ctrl_c_ends_every_command_with_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(**_: object) -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr("chains.settings.Settings.read", interrupted)
    for arguments in (["doctor"], ["status"], ["ask", "what"], ["prompts", "check"], ["serve"]):
        result = run(*arguments)
        assert (result.exit_code, result.stdout) == (130, ""), arguments
        assert result.stderr == "scholiast: Stopped.\n"


def test_status_without_a_server_prints_the_book_and_how_to_start_one(example_data: Path) -> None:
    result = run("status")
    assert (result.exit_code, result.stderr) == (0, "")
    title, size, index, last, model, server, gate = result.stdout.splitlines()
    assert title == "Humanoid Robots: A Short Textbook"
    assert re.fullmatch(r"10 chapters, 59 sections, \d+ chunks", size)
    assert index.startswith(f"index   {example_data}, version ")
    assert index.endswith(" MB")
    assert re.fullmatch(r"run     \d{4}-\S+Z, \d+\.\d s: \d+ chunks embedded, 0 removed", last)
    assert model == "model   quotes"
    assert server == "server  none is running; start one with `scholiast serve`"
    assert gate.startswith("gate    even: lets in ")


def test_status_asks_the_server_where_one_runs(
    running: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(running.folder)
    assert f"server  {running.url}\n" in run("status").stdout
    printed = json.loads(run("status", "--json").stdout)
    assert printed["server"] == running.url
    assert printed["title"] == "Humanoid Robots: A Short Textbook"
    assert (printed["files"], printed["sections"], printed["data"]) == (10, 59, ".scholiast")
    assert printed["index_version"]
    assert printed["limits"] == []
    assert printed["last_run"]["version"] == printed["index_version"]
    assert printed["chunks"] == printed["last_run"]["embedded"]
    assert printed["size"] > 0
    assert printed["model"] == "quotes"


def test_status_prints_what_remains_for_all_readers(example_copy: Path) -> None:
    bounds = {"SCHOLIAST_LIMIT_ALL": "2000/day", "SCHOLIAST_BUDGET_TOKENS": "5000000"}
    with served(example_copy.parent, **bounds):
        run("ask", "What is the zero moment point?")
        *_, questions, tokens = run("status").stdout.splitlines()
    assert questions == "left    1,999 of 2,000 questions today (UTC), for all readers together"
    assert re.fullmatch(r"left    4,99\d,\d{3} of 5,000,000 tokens today \(UTC\), .*", tokens)


@pytest.mark.usefixtures("alone")
def test_status_without_a_book_ends_with_1() -> None:
    assert "scholiast ingest PATH" in refused(1, "status")
    assert "scholiast ingest PATH" in refused(1, "status", "--json")


@pytest.mark.parametrize("answer", [b"SSH-2.0-x\r\n", b"HTTP/1.1 200 OK\r\n\r\n[1]", b""])
def test_status_reads_the_index_where_the_address_is_not_a_servers(
    example_data: Path, answer: bytes
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:

        def speak() -> None:
            client, _ = other.accept()
            with client:
                client.recv(1)
                client.sendall(answer)

        thread = threading.Thread(target=speak)
        thread.start()
        with beacon(example_data, f"http://127.0.0.1:{other.getsockname()[1]}/"):
            printed = json.loads(run("status", "--json").stdout)
        thread.join()
    assert printed["server"] is None
    assert printed["files"] == 10


def test_ingest_beside_a_server_is_done_by_the_server(
    running: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(running.folder)
    book = str(ROOT / "examples" / "book")
    printed = json.loads(run("ingest", book, "--json").stdout)
    assert (printed["files"], printed["embedded"], printed["has_written"]) == (10, 0, False)
    checked = run("ingest", book, "--check")
    assert (checked.exit_code, checked.stdout) == (0, "The index is up to date.\n")
    assert "reads no other folder" in refused(1, "ingest", str(ROOT / "docs"))


def test_a_server_whose_token_is_unknown_is_named_with_its_address(example_copy: Path) -> None:
    (example_copy / "ingest.token").unlink(missing_ok=True)  # of a server that had the folder
    with beacon(example_copy, "http://127.0.0.1:9/"):
        line = refused(1, "ingest", str(ROOT / "examples" / "book"))
        assert "in use by the server at http://127.0.0.1:9/" in line
        (example_copy / "ingest.token").write_text("x" * 32)
        line = refused(1, "ingest", str(ROOT / "examples" / "book"))
    assert "does not answer" in line


@pytest.mark.usefixtures("example_data")
def test_colors_are_for_terminals_that_want_them(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b" not in run("status").output
    assert "\x1b" in run("status", color=True).output
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in run("status", color=True).output
