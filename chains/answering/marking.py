"""The text of an answer with the citations of its sentences, as it streams."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chains.answering.citations import Citations
from chains.answering.proof.claims import claims
from chains.answering.proof.judge import Judge, Reading
from chains.answering.proof.streamed import Ended
from chains.events import Delta, FinishedSentence, Proof, Source

LEFT_OUT = "Some of this answer was left out, because the book does not support it."
"""The end of a strict answer that lost a sentence."""
MOST_SENTENCES = 1000
"""That are judged of one answer; those behind them keep what the model cites, or are left out of a
strict one."""
_END_MARKS_WITHOUT_BLANK = ("。", "！", "？")


class Marking:
    """Takes a model's text and gives the deltas of the answer.

    A citation stands behind its sentence, after its full stop. What the model cites stays where
    that source supports the sentence; where others do, the best of them is cited instead; and
    where none does, nothing is. A part that claims nothing keeps what the model cites there. With
    `strict`, a sentence that no source supports is left out, and the end of the answer says so.

    `cited` are the sources that it cites so far, in order of appearance.
    """

    def __init__(self, sources: Sequence[Source], judge: Judge, *, strict: bool = False) -> None:
        self.cited: list[Source] = []
        self._parts: list[str] = []
        self._length = 0
        self._last = ""
        self._sources = {source.index: source for source in sources}
        self._judge = judge
        self._strict = strict
        self._has_left_out = False
        self._citations = Citations(self._sources)
        self._part: list[str] = []  # of a strict answer, until it is judged
        self._content: list[str] = []
        self._new: list[Source] = []
        self._finished: list[FinishedSentence] = []
        self._judged = 0

    @property
    def text(self) -> str:
        """What went out so far."""
        return "".join(self._parts)

    @property
    def is_thinking(self) -> bool:
        """Whether the model thinks, between tags in its text."""
        return self._citations.is_thinking

    def begin_with_thought(self) -> None:
        """What comes first is a thought, though the model writes no tag before it."""
        list(self.feed("<think>"))

    def feed(self, text: str, *, is_last: bool = False) -> Iterator[Delta | Reading]:
        """What of the answer may go out now. A Reading is to be awaited before the next is taken:
        it is a sentence that is being decided, or has been."""
        for piece in self._citations.feed(text, is_last=is_last):
            if isinstance(piece, str):
                self._put(piece)
            elif isinstance(piece, tuple):
                self._count(piece)
            elif self._judged < MOST_SENTENCES and claims(piece, self._judge.language):
                reading = self._judge.begin(piece)
                if not reading.done.is_set():
                    yield from self._delta()
                yield reading
                self._finish(piece, reading)
            elif self._strict and self._judged >= MOST_SENTENCES:
                self._part, self._has_left_out = [], True
            else:
                self._release()
                self._cite(piece.cited)
        if is_last and self._has_left_out:
            self._write(f"\n\n{LEFT_OUT}" if self._length else LEFT_OUT)
        yield from self._delta()
        possible = self._citations.possible_end
        if self._judged >= MOST_SENTENCES or possible is None:
            return
        if claims(possible, self._judge.language):
            self._judge.begin(possible)

    def _put(self, text: str) -> None:
        if self._strict:
            self._part.append(text)
        else:
            self._write(text)

    def _release(self) -> None:
        """Let the part of a strict answer out."""
        part, self._part = "".join(self._part), []
        self._write(part if self._length else part.lstrip())

    def _write(self, text: str) -> None:
        if text:
            self._content.append(text)
            self._length += len(text)
            self._last = text[-1]

    def _finish(self, ended: Ended, reading: Reading) -> None:
        self._judged += 1
        verdict = self._judge.verdict(reading)
        proofs = verdict.proofs_of(ended.cited)
        if self._strict and not proofs:
            self._part, self._has_left_out = [], True
            return
        self._release()
        end = self._length
        shown = tuple(Proof(ground.source, ground.text) for ground in proofs)
        support = round(verdict.support, 2)
        self._finished.append(FinishedSentence(end - len(ended.text), end, support, shown))
        self._cite(tuple(dict.fromkeys(ground.source for ground in proofs)))

    def _cite(self, numbers: tuple[int, ...]) -> None:
        if not numbers:
            return
        blank = "" if self._last in _END_MARKS_WITHOUT_BLANK else " "
        self._write(blank + "".join(f"[{number}]" for number in numbers))
        self._count(numbers)

    def _count(self, numbers: tuple[int, ...]) -> None:
        for source in (self._sources[number] for number in numbers):
            if source not in self.cited:
                self.cited.append(source)
                self._new.append(source)

    def _delta(self) -> Iterator[Delta]:
        content = "".join(self._content)
        self._parts.append(content)
        if content or self._finished:
            yield Delta(content, tuple(self._new), tuple(self._finished))
        self._content, self._new, self._finished = [], [], []
