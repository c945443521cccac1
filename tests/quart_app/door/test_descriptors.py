from __future__ import annotations

import logging
import sys

import pytest

from quart_app.door.descriptors import OF_AN_ANSWER, RESERVED, Room, make_room

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
    wanted = Room(2000, 100)
    assert make_room(wanted) == wanted
    assert limits[-1] == (2000 + 100 * OF_AN_ANSWER + RESERVED, 4096)


def test_what_fits_changes_nothing(limits: list[tuple[int, int]]) -> None:
    wanted = Room(1024 - RESERVED - OF_AN_ANSWER, 1)
    assert make_room(wanted) == wanted
    assert len(limits) == 1


def test_what_the_system_refuses_is_reported(
    limits: list[tuple[int, int]], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, logger="scholiast")
    assert make_room(Room(5000, 100)) == Room(4096 - RESERVED - 100 * OF_AN_ANSWER, 100)
    assert limits[-1] == (4096, 4096)
    assert "SCHOLIAST_MAX_CONNECTIONS=5000" in caplog.text
    assert "the system allows 4096 open files" in caplog.text


@pytest.mark.parametrize(("hard", "answers"), [(1024, 192), (RESERVED + 40, 10), (100, 1)])
def test_answers_get_at_most_half_of_the_files(
    hard: int, answers: int, limits: list[tuple[int, int]]
) -> None:
    limits.append((hard, hard))
    room = make_room(Room(5000, 1000))
    assert room.answers == answers
    assert room.connections == max(1, hard - RESERVED - OF_AN_ANSWER * answers)


def test_a_system_without_a_limit_has_room(
    limits: list[tuple[int, int]], caplog: pytest.LogCaptureFixture
) -> None:
    limits.append((resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert make_room(Room(5000, 100)) == Room(5000, 100)
    assert caplog.text == ""
