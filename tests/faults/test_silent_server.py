"""A server that has the index and says nothing: commands say so, and not to stop it."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from quart_app.commands import chat_client, status
from tests.support.commands import refused, run, served


def test_a_server_that_has_the_index_and_does_not_answer_is_named(
    example_copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(status, "TIMEOUT", 0.3)  # it never answers
    monkeypatch.setattr(chat_client, "CONNECT_TIMEOUT", 0.3)
    with served(example_copy.parent) as server:
        server.process.send_signal(signal.SIGSTOP)
        line = (
            f"scholiast: The server at {server.url} (process {server.process.pid}) has the index "
            "and does not answer; try again, or see its log.\n"
        )
        assert refused(1, "status") == line
        assert refused(1, "ask", "What is a gait?") == line
        assert line.removeprefix("scholiast: ") in run("doctor").output
        assert run("backup", "book.tgz").exit_code == 0  # a backup needs no answer
        server.process.send_signal(signal.SIGCONT)


def test_a_server_whose_index_cannot_be_read_is_named_with_what_it_says(
    example_copy: Path,
) -> None:
    with served(example_copy.parent) as server:
        for file in example_copy.glob("index/*/book/segments/*/payload_storage/page_*.dat"):
            file.write_bytes(bytes(file.stat().st_size))
        line = refused(1, "status")
    assert f"The server at {server.url} " in line
    assert "has the index and says: " in line
    assert str(example_copy) not in line
    assert "stop" not in line
