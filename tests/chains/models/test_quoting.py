"""The quoting model, over sentences with vectors of the real MiniLM."""

import re
from collections.abc import AsyncIterator, Sequence
from typing import Any

import numpy as np
import pytest
from langchain_core.messages import AIMessageChunk, HumanMessage
from numpy.typing import NDArray

from chains.embeddings.base import BookEmbeddings
from chains.embeddings.provider import open_embeddings
from chains.index.book import Sentence
from chains.models.quotes.evidence import EVIDENCE, Evidence, EvidenceSource
from chains.models.quotes.quoting_model import QuotingChatModel
from chains.settings import Settings

Line = str | tuple[str, int]
"""A sentence, or a list item with the number of the sentence that introduces it."""

GAIT: list[Line] = [
    "Walking is hard for machines with two legs.",
    "A gait is the pattern in which a walker lifts and sets down its feet.",
    "It repeats with every stride.",
    "Three gaits are common among humanoids:",
    ("Static walking keeps the center of mass above the standing foot", 3),
    ("Dynamic walking falls forward and catches itself with the next step", 3),
    ("Running has a phase in which no foot touches the ground", 3),
]
BATTERY: list[Line] = [
    "Lithium-ion cells store more energy per kilogram than any other cell in common use.",
    "A humanoid carries its battery in the torso, because there it disturbs balance least.",
    "How long would you expect it to last?",
    "Where:",
    ("Q is the charge that the cell holds", 3),
]


@pytest.fixture(scope="module")
def minilm() -> BookEmbeddings:
    return open_embeddings(Settings.model_construct())


@pytest.fixture(scope="module")
def evidence(minilm: BookEmbeddings) -> "Evidences":
    return Evidences(minilm)


class Evidences:
    """Builds Evidence the way retrieval does."""

    def __init__(self, embeddings: BookEmbeddings) -> None:
        self._embeddings = embeddings

    def __call__(
        self, question: str, *sources: Sequence[Line], selection: str = "", heading: str = "Text"
    ) -> Evidence:
        vector = self._embeddings.embed_query(f"{question}\n{selection}".strip())
        return Evidence(
            question,
            np.asarray(vector, np.float32),
            tuple(
                self._source(index, lines, heading, selection)
                for index, lines in enumerate(sources, 1)
            ),
            (selection,) if selection else (),
        )

    def _source(
        self, index: int, lines: Sequence[Line], heading: str, selection: str
    ) -> EvidenceSource:
        sentences, start = [], 0
        for line in lines:
            text, lead = (line, None) if isinstance(line, str) else line
            sentences.append(Sentence(start, start + len(text), text, lead))
            start += len(text) + (1 if lead is None else 3)
        texts = [sentence.text for sentence in sentences]
        vectors = self.vectors(texts)
        section = ("Book", heading)
        return EvidenceSource(index, tuple(sentences), vectors, section, selection in texts)

    def vectors(self, texts: list[str]) -> NDArray[np.float32]:
        return np.asarray(self._embeddings.embed_documents(texts), np.float32)


async def answer(evidence: Evidence, **options: Any) -> str:
    return "".join([chunk.text async for chunk in stream(evidence, **options)])


def stream(evidence: Evidence, **options: Any) -> AsyncIterator[AIMessageChunk]:
    message = HumanMessage("The prompt.", additional_kwargs={EVIDENCE: evidence})
    return QuotingChatModel().astream([message], **options)


async def test_a_definition_begins_the_answer_to_what_is(evidence: Evidences) -> None:
    said = await answer(evidence("What is a gait?", BATTERY, GAIT))
    assert said.startswith(
        "A gait is the pattern in which a walker lifts and sets down its feet. [2]"
    )


async def test_every_sentence_is_word_for_word_and_cites_its_source(evidence: Evidences) -> None:
    given = evidence("Where do humanoids carry their battery?", GAIT, BATTERY)
    said = await answer(given)
    quotes = re.findall(r"(.+?) \[(\d)\]", said)
    assert quotes
    for text, index in quotes:
        texts = [sentence.text for sentence in given.sources[int(index) - 1].sentences]
        assert text.strip().removeprefix("- ") in texts


async def test_a_list_item_stands_below_the_line_that_introduces_it(evidence: Evidences) -> None:
    said = await answer(evidence("Which gaits are common?", GAIT))
    assert "Three gaits are common among humanoids:\n\n- Static walking" in said
    assert "\n- Dynamic walking falls forward and catches itself with the next step [1]\n- " in said


async def test_a_list_within_a_list_is_indented(evidence: Evidences) -> None:
    nested: list[Line] = [
        "Grippers come in two kinds:",
        ("Rigid grippers, which differ in their jaws", 0),
        ("Parallel jaws hold boxes and plates", 1),
        ("Soft grippers, which adapt to what they hold", 0),
    ]
    said = await answer(evidence("Which jaws hold boxes?", nested))
    assert "\n- Rigid grippers, which differ in their jaws [1]\n   - Parallel jaws hold" in said


async def test_two_sentences_of_one_item_share_a_bullet(evidence: Evidences) -> None:
    given = evidence("Why is steel heavy?", GAIT)
    texts = ["Frames are made of:", "Steel is strong.", "Steel is heavy, because it is dense."]
    starts = [0, 22, 39]
    sentences = tuple(
        Sentence(start, start + len(text), text, 0 if start else None)
        for start, text in zip(starts, texts, strict=True)
    )
    vectors = evidence.vectors(texts)
    source = EvidenceSource(1, sentences, vectors, ("Frames",))
    said = await answer(Evidence(given.question, given.vector, (source,)))
    assert said.endswith("- Steel is strong. [1] Steel is heavy, because it is dense. [1]")


async def test_questions_crumbs_and_legends_are_not_quoted(evidence: Evidences) -> None:
    said = await answer(evidence("How long does a charge last in the cell?", BATTERY))
    assert "How long would you expect" not in said
    assert "Where:" not in said


async def test_numbers_in_brackets_of_the_book_never_pass_for_citations(
    evidence: Evidences,
) -> None:
    lines: list[Line] = [
        "A gait is a rhythm of the legs [2].",
        "A gait is a rhythm of many muscles.",
        "Gaits of humanoids, after [3]:",
        ("Walking, which is the gait of most humanoids", 2),
        "Gaits of animals:",
        ("Trotting, which is a gait of horses", 4),
        ("Bounding, which is a gait of dogs [5]", 4),
    ]
    said = await answer(evidence("What is a gait?", lines))
    assert said.startswith("A gait is a rhythm of many muscles. [1]")
    assert set(re.findall(r"\[\d\]", said)) == {"[1]"}


async def test_the_same_statement_is_quoted_once(evidence: Evidences) -> None:
    again = ["A gait is the pattern in which a walker lifts and then sets down its feet."]
    said = await answer(evidence("What is a gait?", GAIT, again))
    assert said.count("pattern in which a walker") == 1


async def test_a_sentence_that_points_back_brings_the_one_before(evidence: Evidences) -> None:
    said = await answer(evidence("What repeats with every stride?", GAIT))
    assert "feet. [1] It repeats with every stride. [1]" in said


async def test_an_abbreviation_stands_for_its_words(evidence: Evidences) -> None:
    lines = [
        "The Center of Pressure (CoP) was named in studies of standing.",
        "The CoP is the point where the pressure below the feet acts as one force.",
    ]
    said = await answer(evidence("What is the center of pressure?", GAIT, lines))
    assert said.startswith(" ".join(f"{line} [2]" for line in lines))


async def test_a_selected_sentence_is_explained_not_echoed(evidence: Evidences) -> None:
    selection = "A gait is the pattern in which a walker lifts and sets down its feet."
    said = await answer(evidence("explain this", BATTERY, GAIT, selection=selection))
    assert selection not in said
    assert "Three gaits are common among humanoids:" in said
    assert "[2]" in said


async def test_a_selection_that_is_all_there_is_gets_quoted(evidence: Evidences) -> None:
    selection = "A gait is the pattern in which a walker lifts and sets down its feet."
    said = await answer(evidence("explain this", [selection], selection=selection))
    assert said == f"{selection} [1]"


@pytest.mark.parametrize("max_words", [1, 15, 40, 120])
async def test_the_quotation_keeps_to_the_word_limit(evidence: Evidences, max_words: int) -> None:
    given = evidence("How do humanoids walk, run and carry batteries?", GAIT, BATTERY)
    said = await answer(given, max_words=max_words)
    count = len(re.sub(r" \[\d\]|^ *- ", "", said, flags=re.MULTILINE).split())
    assert 0 < count <= max(max_words, GAIT[0].count(" ") + 1)


async def test_the_lead_in_is_a_paragraph_of_its_own(evidence: Evidences) -> None:
    said = await answer(evidence("What is a gait?", GAIT), lead_in="From the book:")
    assert said.startswith("From the book:\n\nA gait is")


async def test_each_chunk_holds_one_sentence_and_its_citation(evidence: Evidences) -> None:
    chunks = [chunk async for chunk in stream(evidence("Which gaits are common?", GAIT))]
    texts = [chunk.text for chunk in chunks if chunk.text]
    assert len(texts) > 1
    assert all(text.count("[1]") == 1 or text.endswith(":") for text in texts)
    total = sum(chunks[1:], chunks[0])
    assert isinstance(total, AIMessageChunk)
    assert total.response_metadata["finish_reason"] == "stop"
    assert total.usage_metadata
    assert total.usage_metadata["output_tokens"] == len(total.text.split())


async def test_sources_without_sentences_are_pointed_to(evidence: Evidences) -> None:
    given = Evidence(
        "What does a servo cost?",
        np.ones(384, np.float32),
        (EvidenceSource(1, (), np.empty((0, 384), np.float32), ("Parts", "Prices")),),
    )
    assert await answer(given, lead_in="From the book:") == (
        "The section “Prices” covers this, but has no sentence that can be quoted; see there [1]."
    )


async def test_without_sources_it_says_what_it_can_do(evidence: Evidences) -> None:
    assert (await QuotingChatModel().ainvoke("Hello")).text.startswith("I can only quote")


async def test_a_stop_word_ends_the_answer(evidence: Evidences) -> None:
    given = evidence("What is a gait?", GAIT)
    assert await answer(given, stop=[" lifts"]) == "A gait is the pattern in which a walker"
