"""The table in docs/architecture.md of the files that take a question to its first frame."""

from __future__ import annotations

import json
import re
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from chains.index import retriever
from quart_app.serve import serving
from quart_app.settings import WebSettings
from tests.support.talking import client, receive

ROOT = Path(__file__).parents[2]
MOST_FILES = 20


def files_in_the_docs() -> list[str]:
    """The files of the table, from the route to the frame."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    section = text.partition("\n## A question on its way\n")[2].partition("\n## ")[0]
    return re.findall(r"^\| \d+ \| `([^`]+)` \|", section, flags=re.MULTILINE)


async def test_the_files_of_a_question_are_those_of_the_table(
    example: WebSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: set[str] = set()

    def note(frame: FrameType, event: str, _: Any) -> None:
        file = Path(frame.f_code.co_filename)
        if event == "call" and file.is_relative_to(ROOT):
            seen.add(file.relative_to(ROOT).as_posix())

    threading.setprofile(note)  # for the threads in which the index is searched: new ones
    monkeypatch.setattr(retriever, "_BESIDE", ThreadPoolExecutor(1))
    try:
        async with serving(example) as url, client(url) as socket:
            await receive(socket)
            seen.clear()
            sys.setprofile(note)
            question = {"question": "What is the zero moment point?"}
            await socket.send(json.dumps({"type": "question", "data": question}))
            first = await receive(socket)
            sys.setprofile(None)
            assert first["type"] == "response_start"
            while (await receive(socket))["type"] != "response_end":
                pass
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
    named = files_in_the_docs()
    assert 10 < len(named) <= MOST_FILES
    assert [file for file in named if file not in seen] == []
