"""Sections and chunks: they hold the text as written, whole, and of a size that fits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chains.index.book import Chunk, Section
from ingestion.chunks.pieces import BUDGET, HUGE, weigh
from ingestion.chunks.splitter import SplitPage, split_page
from ingestion.markdown.parser import parse

LONG = " ".join(f"The motor number {n} turns the joint by some degrees." for n in range(60))
BLOCKS = st.sampled_from(
    [
        "# One\n",
        "## Two {#two}\n",
        "Setext\n======\n",
        "A *short* paragraph. It has two sentences, see Fig. 3.\n",
        f"{LONG}\n",
        "It consists of:\n",
        "- a\n- b. And c.\n\n  more of b\n- d\n",
        "".join(f"{n}. item {n} of a long list that goes on\n" for n in range(1, 50)),
        "```python\n# One\n\n    x = 1  \n```\n",
        "```\n" + "".join(f"line {n}\n" + "\n" * (n % 7 == 0) for n in range(300)) + "```\n",
        "| a | b |\n|---|---|\n| 1 | 2. Then |\n",
        "$$\nE = mc^2\n$$\n",
        "> quoted. Text\n> # not a section\n",
        ":::tip[T]\n\nInside. The box.\n\n:::\n",
        ":::tip[N]\n\nA note[^n].\n\n[^n]: Of it.\n\nBelow it.\n\n:::\n",
        f":::tip[N]\n\n{LONG} A note[^m].\n\n[^m]: Of it.\n\nBelow it.\n\n:::\n",
        "import X from './x';\n",
        "<X a={{b: 1}}>\n\nIn X.\n\n</X>\n",
        "[ref]: https://example.org\n",
        "<!-- a comment -->\n",
        "x" * 9000 + "\n",
        "---\n",
        "\n\n",
    ]
)
DOCUMENTS = st.builds(
    lambda front, blocks: front + "\n".join(blocks),
    st.sampled_from(["", "---\ntitle: T\n---\n"]),
    st.lists(BLOCKS, max_size=12),
)


def split(text: str, title: str = "Title") -> SplitPage:
    return split_page("a.mdx", text, parse(text, mdx=True), title)


def places(page: SplitPage) -> Iterator[tuple[Chunk, int, int]]:
    """The chunks, and where in the file they stand."""
    sections = {(section.path, section.occurrence): section for section in page.sections}
    for chunk in page.chunks:
        start = sections[chunk.section, chunk.occurrence].start
        yield chunk, start + chunk.start, start + chunk.end


@given(DOCUMENTS)
def test_sections_follow_one_another_and_cover_the_page(text: str) -> None:
    sections = split(text).sections
    end = parse(text).front_matter.end
    for section in sections:
        assert text[end : section.start].strip() == ""
        end = section.end
    assert text[end:].strip() == ""
    assert len({(one.path, one.occurrence) for one in sections}) == len(sections)


@given(DOCUMENTS)
def test_chunks_are_slices_of_the_file_in_order_each_with_its_own_id(text: str) -> None:
    page = split(text)
    last = 0
    for chunk, start, end in places(page):
        assert last <= start < end
        assert text[start:end] == chunk.content == chunk.content.strip("\n")
        last = end
    assert len({chunk.id for chunk in page.chunks}) == len(page.chunks)


@given(DOCUMENTS)
def test_sentences_stand_in_their_chunk_and_leads_before_their_items(text: str) -> None:
    for chunk in split(text).chunks:
        for number, sentence in enumerate(chunk.sentences):
            assert 0 <= sentence.start < sentence.end <= len(chunk.content)
            written = chunk.content[sentence.start : sentence.end]
            assert sentence.text.split()[0].strip("*") in written
            assert sentence.lead is None or sentence.lead < number


@given(DOCUMENTS)
def test_no_text_is_lost_and_no_chunk_is_huge(text: str) -> None:
    page = split(text)
    held = "".join(chunk.content for chunk in page.chunks)
    for words in (
        "short",
        "number 59",
        "b. And c.",
        "item 49",
        "line 299",
        "mc^2",
        "In X.",
        "2. T",
    ):
        assert held.count(words) == text.count(words)
    assert held.count("x" * 100) * 100 + 2000 >= text.count("x" * 100) * 100 - 2000
    assert all(weigh(chunk.content) <= HUGE * 1.1 for chunk in page.chunks)


def test_the_heading_path_begins_with_the_title_and_counts_repetitions() -> None:
    text = "Above.\n\n## A\n\n### Example\n\nx\n\n### Example\n\ny\n\n## B\n\n#### `C` deep\n"
    assert [(one.path, one.occurrence, one.anchor) for one in split(text).sections] == [
        (("Title",), 0, ""),
        (("Title", "A"), 0, "a"),
        (("Title", "A", "Example"), 0, "example"),
        (("Title", "A", "Example"), 1, "example-1"),
        (("Title", "B"), 0, "b"),
        (("Title", "B", "C deep"), 0, "c-deep"),
    ]


def test_a_heading_of_level_one_is_not_put_below_the_title_again() -> None:
    assert [one.path for one in split("# Chapter\n\n## A\n").sections] == [
        ("Chapter",), ("Chapter", "A"),
    ]  # fmt: skip


def test_a_section_is_the_heading_and_the_text_below() -> None:
    text = "---\ntitle: T\n---\n\n# A\n\ntext\n\n# B\n"
    first, second = split(text).sections
    assert text[first.start : first.end] == "# A\n\ntext\n\n"
    assert second == Section(("B",), 0, "b", first.end, len(text))


def test_an_edit_above_leaves_the_chunks_of_other_sections_alone() -> None:
    before = split("# A\n\nOld text.\n\n# B\n\nSame here.\n")
    after = split("# A\n\nNew and longer text.\n\nMore.\n\n# B\n\nSame here.\n")
    assert before.chunks[-1] == after.chunks[-1]
    assert before.chunks[0].id != after.chunks[0].id


def test_equal_chunks_of_a_section_have_ids_of_their_own() -> None:
    code = "```\n" + "x = 1\n" * 60 + "```\n"
    first, second = split(f"# A\n\n{code}\n{code}").chunks
    assert first.content == second.content
    assert (first.repeat, second.repeat) == (0, 1)


def test_a_list_stays_with_its_lead_in() -> None:
    filler = LONG[: len(LONG) // 4]
    [_, chunk] = split(
        f"{filler}\n\nThe parts are:\n\n" + "- a part of it that is long\n" * 20
    ).chunks
    assert chunk.content.startswith("The parts are:")
    assert {chunk.sentences[one.lead].text for one in chunk.sentences if one.lead is not None} == {
        "The parts are:"
    }


def test_a_long_list_is_cut_between_items() -> None:
    items = [f"- item {n} with **some** words about it\n  and a second line\n" for n in range(60)]
    chunks = split("They are:\n\n" + "".join(items)).chunks
    assert len(chunks) > 2
    assert chunks[0].content.startswith("They are:\n\n- item 0 ")
    assert all(chunk.content.startswith("- item ") for chunk in chunks[1:])
    assert all(chunk.content.endswith("second line") for chunk in chunks)


def test_a_table_stays_whole_unless_it_is_huge() -> None:
    table = "| Part | Mass |\n|---|---|\n" + "| a part | 5 kg |\n" * 40
    assert BUDGET < weigh(table) < HUGE
    [chunk] = split(f"The masses:\n\n{table}").chunks
    assert chunk.content == f"The masses:\n\n{table}".rstrip()


def test_huge_code_is_cut_between_lines_at_empty_ones() -> None:
    blocks = [f"def f{n}():\n" + "    call(1, 2, 3)\n" * 12 for n in range(12)]
    code = "```python\n" + "\n".join(blocks) + "```\n"
    chunks = split(code).chunks
    assert all(chunk.content.startswith(("```python", "def f")) for chunk in chunks)
    lines = [line for chunk in chunks for line in chunk.content.split("\n")]
    assert [one for one in lines if one] == [one for one in code.split("\n") if one]


def test_newlines_and_form_feeds_in_code_are_kept() -> None:
    text = "```\na\x0cb\u2028c\x85d\n\te  \n```\n\nEnd.\x0c Not a line end.\n"
    [chunk] = split(text).chunks
    assert chunk.content == text.rstrip("\n")


@pytest.mark.parametrize("book", ["humanoid-robotics", "rust"])
def test_no_line_of_code_of_a_real_book_is_altered(books: Path, book: str) -> None:
    for path in sorted((books / book).rglob("*.md*")):
        text = path.read_text("utf-8")
        page = split_page(path.name, text, parse(text, mdx=path.suffix == ".mdx"), "T")
        spans = [(start, end) for _, start, end in places(page)]
        for start, line in code_lines(text):
            inside = [span for span in spans if span[0] <= start and start + len(line) <= span[1]]
            assert len(inside) == 1, (path.name, line)
        assert all(text[start:end] == chunk.content for chunk, start, end in places(page))


@pytest.mark.parametrize("book", ["humanoid-robotics", "rust"])
def test_nearly_every_passage_of_a_real_book_fits_the_embedding_model(
    books: Path, book: str
) -> None:
    from chains.embeddings.minilm import MiniLM

    model, cut = MiniLM(), []
    for path in sorted((books / book).rglob("*.md*")):
        text = path.read_text("utf-8")
        page = split_page(path.name, text, parse(text, mdx=path.suffix == ".mdx"), "T")
        encodings = (model._tokenizer.encode(chunk.embedded_text) for chunk in page.chunks)
        cut += [bool(encoding.overflowing) for encoding in encodings]
    assert sum(cut) / len(cut) < 0.12


def code_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines between fences that hold anything, and where they begin."""
    position, fence = 0, ""
    for line in text.split("\n"):
        mark = line.lstrip(" >")[:3]
        if fence:
            if mark == fence and not line.strip(" >`~"):
                fence = ""
            elif line.strip():
                yield position, line
        elif mark in ("```", "~~~"):
            fence = mark
        position += len(line) + 1


def test_text_below_a_footnote_in_a_long_box_is_kept() -> None:
    text = f":::note\n\n{LONG}\n\nA note[^1].\n\n[^1]: At the end.\n\nBelow the note.\n\n:::\n"
    chunks = split_page("a.md", text, parse(text), "T").chunks
    assert "Below the note." in chunks[-1].content
    assert sum("At the end." in chunk.content for chunk in chunks) == 1


def test_the_title_of_a_box_that_is_cut_is_in_a_chunk() -> None:
    long = "Oil runs down the wall of the tank. " * 40
    solved = ":::solution\n\nTwo.\n\n:::"
    text = (
        f"::::warning[Heat of tanks]\n\n{long}\n\n{long}\n\n::::\n\n{long}\n\n{solved}\n\n"
        f"::::exercise[Sets of wires]\n\nHow many?\n\n{solved}\n\n::::\n\n"
        f"::::exercise[Length of pipes]\n\n{solved}\n\nHow long?\n\n::::\n"
    )
    contents = [chunk.content for chunk in split(text).chunks if chunk.kind == "chunk"]
    for title in ("Heat of tanks", "Sets of wires", "Length of pipes"):
        assert sum(title in one for one in contents) == 1
