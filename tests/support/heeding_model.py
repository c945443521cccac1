"""An OpenAI-compatible server whose model heeds its prompt: it cites where it is told to."""

from __future__ import annotations

import asyncio
import re
from typing import Any

from typing_extensions import override

from tests.support.scripted_openai import CUT, Request, ScriptedOpenAI, Step

_SOURCE = re.compile(r'<data-source number="(\d+)"[^>]*>\n(.*?)\n</data-source>', re.DOTALL)
_SENTENCE = re.compile(r"[A-Z][^.!?\n]{20,200}[.!?](?=\s|\Z)")
SENTENCES = 3
"""Of an answer: the first of each source."""


class HeedingModel(ScriptedOpenAI):
    """Answers with sentences of the sources, and cites them if the prompt says so; between two
    answers to a question it says `judgement`.

    `fails_at` is the number of the request, from 1, that it answers with an error. A script that
    ends with `CUT` breaks the answer off.
    """

    def __init__(self, *, fails_at: int | None = None) -> None:
        super().__init__(["Yes."])
        self._fails_at = fails_at
        self.judgement = "0"

    @override
    async def _stream(
        self,
        request: Request,
        script: list[Step],
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> bool:
        if len(self.requests) == self._fails_at:
            writer.transport.abort()
            raise ConnectionAbortedError
        messages = request.body["messages"]
        is_judge = "<data-answer" in messages[-1]["content"]
        said: list[Step] = [self.judgement] if is_judge else _answer(messages)
        if script[-1] is CUT:
            said = [said[0], CUT]
        return await super()._stream(request, said, reader, writer)


def _answer(messages: list[dict[str, Any]]) -> list[Step]:
    prompt = str(messages[-1]["content"])
    cites = any("the number of" in str(message["content"]) for message in messages)
    said: list[Step] = []
    for number, content in _SOURCE.findall(prompt)[:SENTENCES]:
        if sentence := _SENTENCE.search(content):
            text = sentence[0]
            said.append(f"{text[:-1]} [{number}]{text[-1]} " if cites else f"{text} ")
    return said or ["The sources do not cover this."]
