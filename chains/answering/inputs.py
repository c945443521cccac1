"""What a prompt and the quoting model get to see of a question and its passages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chains.answering.held_back import holds_back
from chains.answering.leaning import says_nothing, subjects_of
from chains.answering.reach import Reach
from chains.answering.talk import quiz
from chains.index.library import Library
from chains.index.passages import Passage
from chains.index.ranking import opens_section
from chains.models.quotes.evidence import Evidence, EvidenceSource
from chains.prompts.purposes import ANSWERING
from chains.question import Question

PROMPT_INPUTS = tuple(ANSWERING.inputs)
"""The names that a prompt template may use."""


def prompt_inputs(question: Question, passages: Sequence[Passage]) -> dict[str, Any]:
    """The values for `PROMPT_INPUTS`, in the shape of the examples in the prompt files."""
    contents = {passage.id: passage.page_content for passage in passages}
    return {
        "question": question.text,
        "selections": [
            {"text": s.text or contents.get(s.chunk_id or "", ""), "page": s.page or ""}
            for s in question.selections
        ],
        "sources": [
            {
                "index": index,
                "chapter": passage.chapter,
                "section": " > ".join(passage.chunk.section),
                "content": passage.page_content,
                "kind": "solution" if holds_back(passage, question.text) else "",
            }
            for index, passage in enumerate(passages, 1)
        ],
    }


async def gather_evidence(
    question: Question, reach: Reach, passages: Sequence[Passage], library: Library
) -> Evidence:
    """The same as data with vectors, for a model that quotes.

    `question` is put so that it stands alone. Where the reader asks for more about the same, what
    was said is not to be repeated. Solutions that the reader has not asked for are left out.
    """
    own_words = _own_words(question, reach)
    goes_on = reach.intent.is_about_answer or says_nothing(reach.asked)
    return Evidence(
        question=own_words,
        vector=passages[0].vector,
        sources=tuple(
            EvidenceSource(
                index=index,
                sentences=passage.chunk.sentences,
                vectors=passage.sentences,
                section=passage.chunk.section,
                selected=passage.selected,
                content=passage.page_content,
                cosine=passage.cosine,
                opens=opens_section(passage.chunk),
            )
            for index, passage in enumerate(passages, 1)
            if not holds_back(passage, reach.asked)
        ),
        held_back=any(holds_back(passage, reach.asked) for passage in passages),
        selections=tuple(s.text for s in question.selections if s.text),
        said=tuple(turn.answer for turn in question.history) if goes_on else (),
        before=question.history[-1].question if own_words != question.text else "",
        wish=reach.wish,
        quiz=await quiz(reach, question.history, passages, library),
        language=passages[0].book.language,
    )


def _own_words(question: Question, reach: Reach) -> str:
    """What sentences are chosen by: of a follow-up that names a subject, its own words. The
    question before it has been answered, and its words would drown the new ones."""
    is_follow_up = bool(question.history) and reach.within is None
    return reach.asked if is_follow_up and subjects_of(reach.asked) else question.text
