from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chains.answering.citations import Citations
from chains.events import Source

PIECES = [
    *"ab1 [](),.`~$\\\n-<>",
    "[1]",
    "[1, 2]",
    "【2】",
    "$$",
    "```",
    "    ",
    "<think>",
    "</think>",
]


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
        ("A stray ` tick.\n\nNext [9] one.", "A stray ` tick.\n\nNext one.", []),
        ("[00001] [x] [", "[00001] [x] [", []),
        ("", "", []),
    ],
)
def test_only_numbers_with_a_source_pass(written: str, kept: str, cited: list[int]) -> None:
    assert stream(written) == (kept, cited)


@pytest.mark.parametrize(
    ("written", "kept", "cited"),
    [
        ("A list [1, 2], [2; 1].", "A list [1][2], [2][1].", [1, 2]),
        ("A range [1-2], [1–2].", "A range [1][2], [1][2].", [1, 2]),
        ("It walks【2】. Or【1†source】.", "It walks[2]. Or[1].", [2, 1]),
        ("It walks [^1] [Source 2] [sources 1, 2].", "It walks [1] [2] [1][2].", [1, 2]),
        ("机器人行走[1]。", "机器人行走[1]。", [1]),
        ("**Walk**[1] (see there)[2] “so”[1]", "**Walk**[1] (see there)[2] “so”[1]", [1, 2]),
    ],
)
def test_the_forms_that_models_use_become_one(written: str, kept: str, cited: list[int]) -> None:
    assert stream(written) == (kept, cited)


@pytest.mark.parametrize(
    "written",
    [
        r"$p \in [1, 2]$, $$x[1] + [2]$$",
        r"\(x \in [1, 2]\) and \[ \sqrt[2]{x} [1] \]",
        r"The root \sqrt[2]{x} is no citation.",
        "Code `a[1]`, ``b ` [1]``",
        "```\na [1]\n\nb [1]\n```\n",
        "- Call:\n  ~~~py\n  a [1]\n  ~~~\n",
        "> ```\n> a [1]\n> ```\n",
        "So:\n\n    a [1]\n    b [1]\n",
        "xs[1], f(x)[1], m[1][2], é[1], a_[1]",
        "Colours go from [0, 255] or [1, 9], and [2-1].",
        "The element [0]",
        "[1]: https://example.org",
        "See [1](https://example.org).",
    ],
)
def test_brackets_that_are_no_citations_stay(written: str) -> None:
    assert stream(written) == (written, [])


@pytest.mark.parametrize(
    ("written", "cited"),
    [
        ("It costs $5 for each [1], or $6 [2].", [1, 2]),
        ("A formula $x[1]$ [2] and a stray $y.\n\nNext [1].", [2, 1]),
        ("- a\n\n    more of the item [1]\n\n```a``` [2]", [1, 2]),
        ("```\nx\n```\n[1]\n~~~\n```\n~~~\n[2]", [1, 2]),
        ("\\$5 [1] and \\` [2]", [1, 2]),
    ],
)
def test_prose_beside_formulas_and_code_is_cited(written: str, cited: list[int]) -> None:
    assert stream(written) == (written, cited)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("<think>\nSource [2] speaks of it.\n</think>\n\nA point [1].", "A point [1]."),
        ("Mine.</think>A point [1].", "Mine.A point [1]."),
        ('<data-source number="2">\nA point [1].\n</data-source>', "\nA point [1].\n"),
        ("<Thinking>[2]", ""),
        ("`<think>` opens, a < b, <b>, [1]", "`<think>` opens, a < b, <b>, [1]"),
    ],
)
def test_thoughts_and_the_prompts_fences_never_reach_a_reader(written: str, kept: str) -> None:
    assert stream(written) == (kept, [1] if "[1]" in kept else [])


@given(
    st.text(max_size=60) | st.lists(st.sampled_from(PIECES), max_size=30).map("".join),
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
@pytest.mark.parametrize(
    "text", [" " * 9, "`", " \n", "[", "$", "$a[", "`a", "<", "\\(", "[1 ", "<data-a "]
)
def test_a_model_that_goes_round_in_circles_costs_no_time(text: str) -> None:
    text *= 100_000 // len(text)
    citations = Citations([])
    parts = [citations.feed(text[at : at + 80])[0] for at in range(0, len(text), 80)]
    assert "".join(parts) + citations.flush()[0] == text
    assert citations.feed(text + "x")[0] + citations.flush()[0] == text + "x"


def test_blanks_are_not_held_back_for_good() -> None:
    citations = Citations([])
    assert len("".join(citations.feed(" " * 10)[0] for _ in range(100))) > 700
