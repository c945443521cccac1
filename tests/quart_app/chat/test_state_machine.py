"""Readers ask, cancel, vanish and come back in any order, and time passes: no rule is broken.

At one server, and at two that share a Redis.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis.stateful import run_state_machine_as_test

from quart_app.shared import redis_link
from quart_app.shared.streams import stream_reader, stream_writer
from tests.support.modelled_conversations import Conversations
from tests.support.modelled_servers import ConversationsOfTwo
from tests.support.redis_server import RedisServer


def run_steps(
    examples: int, steps: int, machine: type[Conversations] = Conversations, **options: Any
) -> int:
    """So many conversations of so many steps; how many steps they were."""
    Conversations.steps = 0
    run_state_machine_as_test(
        machine,
        settings=hypothesis_settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            **options,
        ),
    )
    return Conversations.steps


@pytest.mark.timeout(400)  # finding the shortest failing story takes a while
def test_fifteen_hundred_steps_break_no_rule() -> None:
    assert run_steps(examples=60, steps=50, derandomize=True) >= 1500


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_fifty_thousand_steps_break_no_rule() -> None:
    assert run_steps(examples=1500, steps=60, print_blob=True) >= 50_000


def run_steps_of_two(
    redis: RedisServer, monkeypatch: pytest.MonkeyPatch, examples: int, **options: Any
) -> int:
    """The same at two servers."""
    for module in (stream_reader, stream_writer):
        monkeypatch.setattr(module, "PAUSE", 0.0)  # while time stands, it would never end
    for module, bound in (
        (redis_link, "LONGEST_CALL"),
        (redis_link, "LONGEST_LOOK"),
        (stream_reader, "BLOCK"),
    ):
        monkeypatch.setattr(module, bound, 1e6)  # while it passes, Redis does not answer
    monkeypatch.setattr(ConversationsOfTwo, "redis", redis, raising=False)
    return run_steps(examples, 40, ConversationsOfTwo, **options)


@pytest.mark.timeout(400)
def test_three_hundred_steps_at_two_servers_break_no_rule(
    redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run_steps_of_two(redis, monkeypatch, examples=9, derandomize=True) >= 300


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_ten_thousand_steps_at_two_servers_break_no_rule(
    redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run_steps_of_two(redis, monkeypatch, examples=400, print_blob=True) >= 10_000
