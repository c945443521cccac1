"""A judge of sentences that believes what the model cites."""

from __future__ import annotations

from typing_extensions import override

from chains.answering.proof.decision import Verdict
from chains.answering.proof.grounds import Ground
from chains.answering.proof.judge import Judge, Readers, Reading
from chains.answering.proof.streamed import Ended


class BelievingJudge(Judge):
    """Finds a proof for each source that a sentence cites."""

    def __init__(self) -> None:
        super().__init__([], "english", None, Readers())

    @override
    def begin(self, ended: Ended) -> Reading:
        proofs = tuple(Ground(n, 0, ended.text, "", "english") for n in ended.cited)
        reading = Reading(ended, verdict=Verdict(1.0, proofs))
        reading.done.set()
        return reading
