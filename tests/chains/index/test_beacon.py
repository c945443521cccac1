"""Where the running server of a data folder is found."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from chains.index.beacon import FILE, LOCK, Server, beacon, find_server

URL = "http://localhost:8000/"


def test_a_server_is_found_while_it_serves(tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert find_server(data) is None
    assert not data.exists()
    with beacon(data, URL):
        assert find_server(data) == Server(URL, os.getpid())
    assert find_server(data) is None
    assert not (data / FILE).exists()


def test_what_a_killed_server_left_behind_is_not_found(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text('{"url": "http://localhost:8000/", "pid": 1}')
    (tmp_path / LOCK).touch()
    assert find_server(tmp_path) is None
    with beacon(tmp_path, URL):
        assert find_server(tmp_path) == Server(URL, os.getpid())


def test_the_first_of_two_servers_is_found(tmp_path: Path) -> None:
    with beacon(tmp_path, URL):
        with beacon(tmp_path, "http://localhost:8001/"):
            assert find_server(tmp_path) == Server(URL, os.getpid())
        assert find_server(tmp_path) == Server(URL, os.getpid())


@pytest.mark.parametrize("content", ["", "{}", '{"url": 1, "pid": 1}', "\0"])
def test_a_file_that_cannot_be_read_is_no_server(tmp_path: Path, content: str) -> None:
    with beacon(tmp_path, URL):
        (tmp_path / FILE).write_text(content)
        assert find_server(tmp_path) is None


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    with beacon(tmp_path, URL):
        assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
