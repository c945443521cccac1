from __future__ import annotations

import logging
import sys

import pytest

from quart_app.door.descriptors import RESERVED, make_room

if sys.platform == "win32":
    pytest.skip("there are no such limits", allow_module_level=True)

import resource


@pytest.fixture
def limits(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """The soft and the hard limit, the last one in force."""
    given = [(1024, 4096)]
    monkeypatch.setattr(resource, "getrlimit", lambda _: given[-1])
    monkeypatch.setattr(resource, "setrlimit", lambda _, limit: given.append(limit))
    return given


def test_the_soft_limit_is_raised_as_far_as_needed(limits: list[tuple[int, int]]) -> None:
    assert make_room(2000) == 2000
    assert limits[-1] == (2000 + RESERVED, 4096)


def test_what_fits_changes_nothing(limits: list[tuple[int, int]]) -> None:
    assert make_room(1024 - RESERVED) == 1024 - RESERVED
    assert len(limits) == 1


def test_what_the_system_refuses_is_reported(
    limits: list[tuple[int, int]], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, logger="scholiast")
    assert make_room(5000) == 4096 - RESERVED
    assert limits[-1] == (4096, 4096)
    assert "SCHOLIAST_MAX_CONNECTIONS=5000" in caplog.text


def test_a_system_without_a_limit_has_room(
    limits: list[tuple[int, int]], caplog: pytest.LogCaptureFixture
) -> None:
    limits.append((resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert make_room(5000) == 5000
    assert caplog.text == ""
