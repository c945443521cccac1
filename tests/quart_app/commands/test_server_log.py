"""The log of `scholiast serve` for what collects logs."""

from __future__ import annotations

import json
import logging
from datetime import datetime
from pathlib import Path

from quart_app.commands.server_log import json_formatter
from tests.support.commands import served
from tests.support.talking import ask, client, receive


async def test_the_log_is_an_object_a_line_where_that_is_set(
    alone: Path, example_data: Path
) -> None:
    variables = {"SCHOLIAST_DATA": str(example_data), "SCHOLIAST_LOG": "json"}
    with served(alone, **variables) as server:
        async with client(server.url) as socket:
            await receive(socket)
            end = (await ask(socket, "What is the zero moment point?"))[-1]["data"]
        code, said = server.end()
    assert code == 0
    lines = [json.loads(line) for line in said.splitlines()]
    (answered,) = [line for line in lines if line["logger"] == "scholiast.answers"]
    assert answered.keys() == {"timestamp", "level", "logger", "message"}
    assert answered["level"] == "info"
    assert answered["message"].startswith(f"{end['query_id']} completed ")
    assert datetime.fromisoformat(answered["timestamp"]).tzinfo is not None


def test_a_stack_trace_and_what_would_act_stay_in_their_object() -> None:
    try:
        raise ValueError("a\x1b[31mb\nc\u202ed")
    except ValueError as error:
        record = logging.getLogger("x").makeRecord(
            "x", logging.ERROR, "", 0, "failed\n%s", ("\x07",), (ValueError, error, None)
        )
    line = json_formatter().format(record)
    assert "\n" not in line
    assert line.isascii()
    assert line.isprintable()
    said = json.loads(line)
    assert said["message"] == "failed\n\x07"
    assert said["exception"].endswith("ValueError: a\x1b[31mb\nc\u202ed")
