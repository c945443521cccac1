"""What the quoting model quotes for each kind of question, from chunks cut from real Markdown."""

from __future__ import annotations

from textwrap import dedent

import numpy as np
import pytest

from chains.embeddings.base import BookEmbeddings
from chains.embeddings.provider import open_embeddings
from chains.models.quotes.evidence import Evidence, EvidenceSource
from chains.models.quotes.quotation import quote
from chains.settings import Settings
from ingestion.chunks.splitter import split_page
from ingestion.markdown.parser import parse

PIP = """
    # Packages

    Packages are shared by an index. To install one from the index, run this command:

    ```sh
    pip install left-pad
    ```

    The index is run by volunteers. They meet every year.
    """
ROBOTS = """
    # Robots of note

    Robots have become lighter over the years.

    | Robot | Year | Maker |
    |---|---|---|
    | WABOT-1 | 1973 | Waseda University |
    | ASIMO | 2000 | Honda |
    | [ASIMO in films](films.md) | 2004 | many |
    | When was ASIMO built? | | |
    """
GAIT = """
    # Gait

    Walking has been studied for centuries. A gait is the pattern in which a walker moves its feet.
    It repeats with every stride.

    *Figure 3:* A gait of a walker with two legs. Every gait has its own pattern. (Credit: A. Kato)

    A gait has two phases (see Chapter 4). The pattern of a gait ( ) can be drawn. As shows, a gait
    of a walker may change.
    """
MEMORY = """
    # Memory

    The stack is a part of memory in which calls keep their values. The stack is fast, since its
    top is always known. The heap is a part of memory that keeps values of any size. Books on
    memory are many.
    """


@pytest.fixture(scope="module")
def minilm() -> BookEmbeddings:
    return open_embeddings(Settings.model_construct())


def ask(
    embeddings: BookEmbeddings,
    question: str,
    *pages: str,
    max_words: int = 60,
    before: str = "",
    selections: tuple[str, ...] = (),
) -> str:
    """The answer to a question from the chunks of some pages, with its lead-in."""
    chunks = [
        chunk
        for page in pages
        for text in [dedent(page).strip() + "\n"]
        for chunk in split_page("a.md", text, parse(text), "Page").chunks
    ]
    spans = [
        [(s.start + len(c.heading), s.end + len(c.heading)) for s in c.sentences] for c in chunks
    ]
    vector = np.asarray(embeddings.embed_query(question), np.float32)
    made = embeddings.embed_chunks([chunk.embedded_text for chunk in chunks], spans)
    sources = tuple(
        EvidenceSource(
            number,
            chunk.sentences,
            np.asarray(vectors.sentences, np.float32).reshape(len(chunk.sentences), -1),
            chunk.section,
            content=chunk.content,
            cosine=float(np.asarray(vectors.chunk) @ vector),
        )
        for number, (chunk, vectors) in enumerate(zip(chunks, made, strict=True), 1)
    )
    lines = "From “{section}”:", "The book has this on it, in “{section}”:"
    evidence = Evidence(question, vector, sources, selections=selections, before=before)
    return "".join(quote(evidence, max_words, *lines))


def test_a_command_is_shown_as_the_block_that_a_sentence_introduces(
    minilm: BookEmbeddings,
) -> None:
    said = ask(minilm, "Which command installs a package from the index?", PIP)
    shown = "run this command:\n\n```sh\npip install left-pad\n```\n\n[1]"
    assert shown in said


def test_code_is_left_out_where_none_is_asked_for(minilm: BookEmbeddings) -> None:
    assert "```" not in ask(minilm, "Who runs the index of packages?", PIP)


def test_a_value_is_answered_by_its_row_below_the_head_of_the_table(
    minilm: BookEmbeddings,
) -> None:
    said = ask(minilm, "In which year was ASIMO built?", ROBOTS)
    assert "| Robot | Year | Maker |\n|---|---|---|\n| ASIMO | 2000 | Honda [1] |" in said
    assert not any(other in said for other in ("WABOT", "films", "When was"))


def test_captions_and_sentences_that_lack_something_are_never_quoted(
    minilm: BookEmbeddings,
) -> None:
    said = ask(minilm, "What is the pattern of a gait?", GAIT, max_words=200)
    for left_out in ("Figure", "its own pattern", "Credit", "(see", "( )", "As shows"):
        assert left_out not in said
    assert "A gait is the pattern in which a walker moves its feet. [1]" in said


def test_the_sentence_that_answers_comes_first_and_what_stood_before_it_later(
    minilm: BookEmbeddings,
) -> None:
    said = ask(minilm, "What is a gait?", GAIT)
    assert said.startswith("From “Gait”:\n\nA gait is the pattern")


def test_a_pronoun_without_its_noun_is_not_quoted(minilm: BookEmbeddings) -> None:
    page = "# Gait\n\nIt repeats with every stride of a gait. A gait has a rhythm of its own."
    said = ask(minilm, "What repeats with every stride of a gait?", page)
    assert "It repeats" not in said


def test_both_sides_of_a_comparison_are_quoted(minilm: BookEmbeddings) -> None:
    said = ask(
        minilm, "What is the difference between the stack and the heap?", MEMORY, max_words=34
    )
    assert "The stack is a part of memory" in said
    assert "The heap is a part of memory" in said


def test_the_words_around_a_gap_choose_the_sentence(minilm: BookEmbeddings) -> None:
    page = (
        "# Cells\n\nCells of a body are studied in schools. The powerhouse of a cell is the "
        "mitochondrion. Cells of plants have walls, and plants are studied as well."
    )
    said = ask(minilm, "In schools one learns: the powerhouse of a cell is the ____.", page)
    assert said.split("\n\n")[1].startswith("The powerhouse of a cell is the mitochondrion.")


def test_an_option_that_a_sentence_supports_counts_for_it(minilm: BookEmbeddings) -> None:
    page = (
        "# Sleep\n\nSleep has stages, and each stage of sleep has waves of its own. "
        "Dreams are most vivid while the eyes move rapidly. Sleep of children is long."
    )
    question = "Which is true of sleep? a) it has no waves b) dreams are vivid while the eyes move"
    said = ask(minilm, question, page, max_words=12)
    assert "Dreams are most vivid while the eyes move rapidly." in said


def test_what_is_code_in_the_book_is_code_in_the_answer(minilm: BookEmbeddings) -> None:
    page = "# Lists\n\nA list has a method `append`, which adds a value to the end of a list `a`."
    said = ask(minilm, "Which method adds a value to the end of a list?", page)
    assert "A list has a method `append`, which adds a value to the end of a list `a`. [1]" in said


def test_an_index_in_code_is_quoted_and_passes_for_no_citation(minilm: BookEmbeddings) -> None:
    page = "# Lists\n\nThe first value of a list is `xs[0]`, since places are counted from zero."
    said = ask(minilm, "How is the first value of a list written?", page)
    assert "`xs[0]`" in said


def test_the_lead_in_names_the_section_and_says_where_the_answer_is_not_sure(
    minilm: BookEmbeddings,
) -> None:
    assert ask(minilm, "What is a gait?", GAIT).startswith("From “Gait”:\n\n")
    unsure = ask(minilm, "Which animals sleep while they stand upright at night?", GAIT)
    assert unsure.startswith("The book has this on it, in “Gait”:\n\n")


@pytest.mark.parametrize(
    "content",
    [
        "print(1)\n```\n\nSo it prints one value and no more than that.",
        "It prints one value and no more than that:\n\n```python\nprint(1)",
        "A value is drawn like this, from left to right:\n\n```mermaid\na --> b\n```",
    ],
)
def test_half_a_block_and_a_drawing_are_not_quoted(minilm: BookEmbeddings, content: str) -> None:
    vector = np.asarray(minilm.embed_query("Show the code that prints"), np.float32)
    source = EvidenceSource(1, (), np.empty((0, 384), np.float32), ("Print",), content=content)
    assert list(quote(Evidence("Show the code that prints", vector, (source,)), 60)) == []


def test_an_echo_of_the_question_brings_the_sentence_beside_it(minilm: BookEmbeddings) -> None:
    page = (
        "# Wheels and legs\n\nWheels remain the better choice on a flat floor. "
        "They carry weight at standstill for free, as the next chapter shows."
    )
    said = ask(minilm, "Why are wheels the better choice on a flat floor?", page)
    assert "flat floor. [1] They carry weight at standstill for free" in said
