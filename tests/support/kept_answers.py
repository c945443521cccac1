"""The answers that docs/samples.md keeps, read back: each sentence with what proves it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from typing_extensions import override

from chains.answering.marking import Marking
from chains.answering.proof.decision import Verdict
from chains.answering.proof.grounds import Ground, plain
from chains.answering.proof.judge import Judge, Readers, Reading
from chains.answering.proof.streamed import Ended
from chains.events import Delta, Source

SAMPLES = Path(__file__).parents[2] / "docs" / "samples.md"
_HEAD = re.compile(r"(\d+)\. (.+?): (.+)\n")
_QUOTED = re.compile(r"(?:^>.*\n?)+", re.MULTILINE)
_LINE = re.compile(r"^(\d+)\. (.+)$", re.MULTILINE)
_PROOF = re.compile(r"\[(\d)\] [^“]*“(.+?)”(?=; \[\d\] |\Z)")


@dataclass(frozen=True)
class KeptAnswer:
    """An answer as it came, with its citations. `proofs` are those of the sentences that do not
    stand in the book word for word, by their number from 1."""

    number: int
    book: str
    question: str
    text: str
    proofs: dict[int, tuple[tuple[int, str], ...]]


def kept_answers(book: str) -> list[KeptAnswer]:
    """Those on a book."""
    return [answer for answer in _read(SAMPLES.read_text("utf-8")) if answer.book == book]


def _read(page: str) -> Iterator[KeptAnswer]:
    for part in re.split(r"^### ", page, flags=re.MULTILINE)[1:]:
        head = _HEAD.match(part)
        assert head is not None, part
        question, answer = list(_QUOTED.finditer(part))[:2]
        proofs = {
            int(number): tuple((int(n), said) for n, said in _PROOF.findall(proof))
            for number, proof in _LINE.findall(part[answer.end() :])
        }
        yield KeptAnswer(
            int(head[1]), head[2], _unquoted(question[0]), _unquoted(answer[0]), proofs
        )


def _unquoted(lines: str) -> str:
    return "\n".join(line[2:] for line in lines.splitlines())


class KeptJudge(Judge):
    """Finds the proofs that were kept, in the order of the sentences."""

    def __init__(self, answer: KeptAnswer) -> None:
        super().__init__([], "english", None, Readers())
        self._answer = answer
        self._finished = 0

    @override
    def begin(self, ended: Ended) -> Reading:
        reading = Reading(ended)
        reading.done.set()
        return reading

    @override
    def verdict(self, reading: Reading) -> Verdict:
        self._finished += 1
        own = [(n, plain(reading.ended.text)) for n in reading.ended.cited]
        proofs = self._answer.proofs.get(self._finished, own)
        return Verdict(1.0, tuple(Ground(n, 0, said, "", "english") for n, said in proofs))


def replayed(answer: KeptAnswer, sources: Sequence[Source]) -> list[Delta]:
    """The deltas of the answer, each with what is cited in it."""
    marking = Marking(sources, KeptJudge(answer))
    deltas = [one for one in marking.feed(answer.text, is_last=True) if isinstance(one, Delta)]
    assert "".join(delta.content for delta in deltas) == answer.text
    return deltas
