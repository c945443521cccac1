"""A scripted tutor behind a real server, whose sentences carry their proofs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from chains.events import Delta, FinishedSentence, Proof, Source, Sources
from quart_app.answers.running import Answers
from quart_app.serve import serving
from quart_app.services import Services, open_services
from quart_app.settings import WebSettings
from tests.support.scripted_tutor import BASIS, FINISH, ScriptedTutor

Said = tuple[str, Sequence[Proof]]
"""A sentence of an answer, and what proves it."""


@asynccontextmanager
async def proving(settings: WebSettings) -> AsyncIterator[tuple[str, ScriptedTutor]]:
    """A server's address, and the tutor that answers there."""
    tutor = ScriptedTutor()

    @asynccontextmanager
    async def opening(settings: WebSettings, frame_bytes: int) -> AsyncIterator[Services]:
        async with open_services(settings, frame_bytes) as services:
            answers = Answers(tutor, services.sessions, window=settings.resume_window)
            yield replace(services, answers=answers)
            await answers.close()

    async with serving(settings, opening) as url:
        yield url, tutor


class Saying:
    """Puts an answer into a tutor's script, sentence by sentence."""

    def __init__(self, tutor: ScriptedTutor, sources: Sequence[Source]) -> None:
        self._tutor = tutor
        self._sources = {source.index: source for source in sources}
        self._length = 0
        self._cited: set[int] = set()
        tutor.say(Sources(tuple(sources), BASIS))

    def say(self, *sentences: Said, between: str = " ") -> None:
        """Each sentence comes first, and then its citations with what proves it."""
        for text, proofs in sentences:
            start, end = self._length, self._length + len(text)
            finished = FinishedSentence(start, end, 0.9 if proofs else 0.1, tuple(proofs))
            new = [proof.source for proof in proofs if proof.source not in self._cited]
            self._cited.update(new)
            marks = "".join(f"[{proof.source}]" for proof in proofs)
            content = (f" {marks}" if marks else "") + between
            sources = tuple(self._sources[index] for index in new)
            self._tutor.say(text, Delta(content, sources, (finished,)))
            self._length = end + len(content)

    def finish(self) -> None:
        """End the answer."""
        self._tutor.say(FINISH)
