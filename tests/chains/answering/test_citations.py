from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chains.answering.citations import Citations
from chains.events import Source


def sources(count: int) -> list[Source]:
    return [
        Source(n, f"chunk_{n:032x}", "a.md", "A", "A > B", "B", "/book/a#b", "Quote.")
        for n in range(1, count + 1)
    ]


def stream(text: str, cuts: Sequence[int] = (), count: int = 2) -> tuple[str, list[int]]:
    citations = Citations(sources(count))
    edges = [0, *sorted(cut % (len(text) + 1) for cut in cuts), len(text)]
    kept = "".join(citations.feed(text[a:b])[0] for a, b in pairwise(edges)) + "".join(
        citations.flush()[0]
    )
    return kept, [source.index for source in citations.cited]


@pytest.mark.parametrize(
    ("written", "kept", "cited"),
    [
        ("It walks [1].", "It walks [1].", [1]),
        ("It walks [7].", "It walks.", []),
        ("Both [2][1] and [2].", "Both [2][1] and [2].", [2, 1]),
        ("A list [1, 2].", "A list [1][2].", [1, 2]),
        ("A half honest list [1, 9].", "A half honest list [1].", [1]),
        ("Code `a[7]` stays.", "Code `a[7]` stays.", []),
        ("```\na[7]\n\nb[8]\n```\nprose [8]", "```\na[7]\n\nb[8]\n```\nprose", []),
        ("A stray ` tick.\n\nNext [9] one.", "A stray ` tick.\n\nNext one.", []),
        ("[0] [00001] [x] [", " [00001] [x] [", []),
        ("", "", []),
    ],
)
def test_only_numbers_with_a_source_pass(written: str, kept: str, cited: list[int]) -> None:
    assert stream(written) == (kept, cited)


@given(
    st.text(alphabet="ab [](),.`\n0123456789", max_size=60),
    st.lists(st.integers(0, 100), max_size=8),
)
def test_where_the_text_is_cut_changes_nothing(text: str, cuts: list[int]) -> None:
    assert stream(text, cuts) == stream(text)


def test_a_delta_that_cites_nothing_is_not_held_back() -> None:
    citations = Citations(sources(1))
    assert citations.feed("Every") == ("Every", ())
    assert citations.feed(" word") == (" word", ())
    assert citations.feed(" [1") == ("", ())
    assert citations.feed("] is") == (" [1] is", (sources(1)[0],))


@pytest.mark.timeout(5)  # linear it takes milliseconds, and quadratic most of a minute
@pytest.mark.parametrize("text", [" " * 100_000, "`" * 100_000, " \n" * 50_000, "[" * 100_000])
def test_a_model_that_goes_round_in_circles_costs_no_time(text: str) -> None:
    citations = Citations([])
    parts = [citations.feed(text[at : at + 80])[0] for at in range(0, len(text), 80)]
    assert "".join(parts) + citations.flush()[0] == text
    assert citations.feed(text + "x")[0] + citations.flush()[0] == text + "x"


def test_blanks_are_not_held_back_for_good() -> None:
    citations = Citations([])
    assert len("".join(citations.feed(" " * 10)[0] for _ in range(100))) > 700
