"""A model whose stream is cut within a character, where JSON writes that as two escapes."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from quart_app.settings import WebSettings
from tests.support.generating import text
from tests.support.scripted_openai import END, TRICKLE, ScriptedOpenAI, Step, choice
from tests.support.talking import ask, text_of
from tests.support.upstream import ZMP, reader

FIRST, SECOND = "\ud83e", "\uddbf"  # of 🦿
THOUGHT = choice({"reasoning_content": f"Hm {FIRST}"})
STOP = choice(finish_reason="stop")


def part(text: str) -> dict[str, str]:
    return {"type": "text", "text": text}


def says(*contents: object) -> list[bytes]:
    return [choice({"content": content}) for content in contents]


CUT_WITHIN: dict[str, Sequence[bytes]] = {
    "two deltas": [*says(f"A leg {FIRST}", f"{SECOND}."), END],
    "a half alone in each": [*says("A leg ", FIRST, SECOND, "."), END],
    "parts": [*says([part(f"A leg {FIRST}")], [part(f"{SECOND}.")]), END],
    "parts of one delta": [*says([part(f"A leg {FIRST}"), part(f"{SECOND}.")]), END],
    "texts for parts": [*says([f"A leg {FIRST}", f"{SECOND}."]), END],
    "a part without a type": [*says([{"text": f"A leg {FIRST}"}], f"{SECOND}."), END],
    "a text, then a part": [*says(f"A leg {FIRST}", [part(f"{SECOND}.")]), END],
    "a part, then a text": [*says([part(f"A leg {FIRST}")], f"{SECOND}."), END],
    "a thought between": [*says(f"A leg {FIRST}"), THOUGHT, *says(f"{SECOND}."), END],
    "an empty delta between": [*says(f"A leg {FIRST}", "", None, f"{SECOND}."), END],
    "a comment between": [*says(f"A leg {FIRST}"), b": x\n\n", *says(f"{SECOND}."), END],
    "its end beside the second": [
        *says(f"A leg {FIRST}"),
        choice({"content": f"{SECOND}."}, "stop"),
    ],
    "all of it again at the end": [
        *says(f"A leg {FIRST}", f"{SECOND}."),
        choice(message={"content": "A leg 🦿."}),
        END,
    ],
    "not cut": [*says("A leg \ud83e\uddbf."), END],
}
ALONE: dict[str, tuple[Sequence[bytes], str]] = {
    "no second": ([*says(FIRST, "A leg."), END], "�A leg."),
    "no first": ([*says(f"{SECOND}A leg."), END], "�A leg."),
    "the wrong way round": ([*says(SECOND, FIRST, "A leg."), END], "��A leg."),
    "two firsts": ([*says(FIRST, FIRST, SECOND), END], "�🦿"),
    "the last word": ([*says(f"A leg{FIRST}"), END], "A leg�"),
    "the last word, with its end": ([choice({"content": f"A leg{FIRST}"}, "stop")], "A leg�"),
    "the last part, with its end": (
        [choice({"content": [part(f"A leg{FIRST}")]}, "stop")],
        "A leg�",
    ),
    "thousands of firsts": ([*says(*[FIRST] * 3000), END], "�" * 3000),
}


@pytest.mark.parametrize("pace", ["at once", "one byte at a time"])
async def test_two_halves_of_a_character_in_two_deltas_come_together(pace: str) -> None:
    first: list[Step] = [] if pace == "at once" else [TRICKLE]
    found = {name: await text([*first, *script]) for name, script in CUT_WITHIN.items()}
    assert found == dict.fromkeys(CUT_WITHIN, "A leg 🦿.")


async def test_half_a_character_without_the_other_costs_no_word_of_the_answer() -> None:
    found = {name: await text(list(script)) for name, (script, _) in ALONE.items()}
    assert found == {name: said for name, (_, said) in ALONE.items()}


async def test_a_reader_is_sent_the_whole_character(example: WebSettings) -> None:
    script = [*says(f"A leg {FIRST}", f"{SECOND} and {FIRST}"), STOP]
    async with ScriptedOpenAI(list(script)) as endpoint, reader(example, endpoint) as socket:
        messages = await ask(socket, ZMP)
    assert text_of(messages) == "A leg 🦿 and �"
    assert messages[-1]["data"]["status"] == "completed"
