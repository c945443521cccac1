from collections.abc import Sequence
from itertools import pairwise
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chains.answering.citations import Citations
from chains.answering.marking import Marking
from chains.answering.proof.streamed import Ended
from chains.events import Source
from tests.support.judging import BelievingJudge

PIECES = [
    *"ab1 [](),.`~$\\\n-<>",
    "\n1.",
    "\n- ",
    "a. B",
    "[1]",
    "[1, 2]",
    "【2】",
    "$$",
    "```",
    "    ",
    "<think>",
    "</think>",
    "[THINK]",
    "<|channel|>analysis<|message|>",
    "<|end|>",
    "<channel|>",
    "<answer>",
    "[1], [2]",
    "(source 1)",
]


HARMONY = (
    "<|channel|>analysis<|message|>As [2] says.<|end|><|start|>assistant<|channel|>final<|message|>"
)


def sources(count: int) -> list[Source]:
    return [
        Source(n, f"chunk_{n:032x}", "a.md", "A", "A > B", "B", "/book/a#b", "Quote.")
        for n in range(1, count + 1)
    ]


def stream(text: str, cuts: Sequence[int] = (), count: int = 2) -> tuple[str, list[int]]:
    marking = Marking(sources(count), BelievingJudge())
    edges = [0, *sorted(cut % (len(text) + 1) for cut in cuts), len(text)]
    for a, b in pairwise(edges):
        [*marking.feed(text[a:b])]
    list(marking.feed("", is_last=True))
    return marking.text, [source.index for source in marking.cited]


@pytest.mark.parametrize(
    ("written", "kept", "cited"),
    [
        ("It walks [1].", "It walks. [1]", [1]),
        ("It walks [7].", "It walks.", []),
        ("They [2][1] walk.", "They walk. [2][1]", [2, 1]),
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
        ("A list [1, 2] is.", "A list is. [1][2]", [1, 2]),
        ("A range [1-2]. One [1–2].", "A range. [1][2] One. [1][2]", [1, 2]),
        ("It walks【2】. Or【1†source】.", "It walks. [2] Or. [1]", [2, 1]),
        ("It walks [^1]. It [Source 2] runs.", "It walks. [1] It runs. [2]", [1, 2]),
        ("机器人行走[1]。", "机器人行走。[1]", [1]),
        ("It walks [[1]]. It runs [[1], [2]]", "It walks. [1] It runs [1][2]", [1, 2]),
        ("It walks ([2]). It runs ([1][7]; x).", "It walks. [2] It runs (; x). [1]", [2, 1]),
        ("It walks [[7]]. It runs ([1], [7]).", "It walks. It runs. [1]", [1]),
        ("It walks [1], [2]. It runs [2]、[1]。", "It walks. [1][2] It runs。[2][1]", [1, 2]),
        ("It walks [1], [2], and [7].", "It walks. [1][2]", [1, 2]),
        (
            "It walks [Source 1, Source 2]. It runs (source 2).",
            "It walks. [1][2] It runs. [2]",
            [1, 2],
        ),
        ("It walks [1 and 2]. It runs [cite: 2].", "It walks. [1][2] It runs. [2]", [1, 2]),
        ("它走［1］。", "它走。[1]", [1]),
        ("It walks **[1]**. It *runs* *[2]*.", "It walks. [1] It *runs*. [2]", [1, 2]),
        ("It walks.<sup>[1][2]</sup> A __[1], [7]__.", "It walks. [1][2] A. [1]", [1, 2]),
        ("**It walks [1].** It_is __so__ [2] *", "**It walks.** [1] It_is __so__ * [2]", [1, 2]),
        ("**Walk**[1] (see there)[2] “so”[1]", "**Walk** (see there) “so” [1][2]", [1, 2]),
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
        "The elements [0], [1]",
        "So x = [1, 2], f(&[1, 2]) and y ∈ [1, 2].",
        "Sources (so many) are (source x) here.",
        "[1]: https://example.org",
        "See [1](https://example.org).",
        "See [[1]](https://example.org).",
        "Two to the <sup>2</sup>, *[a]*, **[0]**, x*y*[0, 1]*z and `**[1]**`",
    ],
)
def test_brackets_that_are_no_citations_stay(written: str) -> None:
    assert stream(written) == (written, [])


@pytest.mark.parametrize(
    ("written", "kept", "cited"),
    [
        ("It costs $5 [1]. Or $6 [2].", "It costs $5. [1] Or $6. [2]", [1, 2]),
        (
            "So $x[1]$ [2], a stray $y.\n\nNext [1].",
            "So $x[1]$, a stray $y. [2]\n\nNext. [1]",
            [2, 1],
        ),
        (
            "- a\n\n    more of it [1]\n\n```a``` [2]",
            "- a\n\n    more of it [1]\n\n```a``` [2]",
            [1, 2],
        ),
        ("```\nx\n```\n\nSo [1]\n~~~\n```\n~~~\n", "```\nx\n```\n\nSo [1]\n~~~\n```\n~~~\n", [1]),
        ("\\$5 [1] and \\` [2]", "\\$5 and \\` [1][2]", [1, 2]),
    ],
)
def test_prose_beside_formulas_and_code_is_cited(written: str, kept: str, cited: list[int]) -> None:
    assert stream(written) == (kept, cited)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("It walks [1] and runs [2]. It stands.", "It walks and runs. [1][2] It stands."),
        ("It walks.[1] [2] it stands", "It walks. [1][2] it stands"),
        ("Dr. Kato [1] saw Fig. 3 [2], e.g. there.", "Dr. Kato saw Fig. 3, e.g. there. [1][2]"),
        ("“It walks.” [1] *It runs!* [2]", "“It walks.” [1] *It runs!* [2]"),
        ("- walks [1]\n- runs [2]\n", "- walks [1]\n- runs [2]\n"),
        ("1. Walk\n2. Run [1]", "1. Walk\n2. Run [1]"),
        ("It walks [1]\non its feet.\n\nIt runs", "It walks\non its feet. [1]\n\nIt runs"),
        ("Call `a.b. C` [1]. `D` is.", "Call `a.b. C`. [1] `D` is."),
    ],
)
def test_a_citation_stands_behind_its_sentence(written: str, kept: str) -> None:
    assert stream(written)[0] == kept


@pytest.mark.parametrize(
    "written",
    [
        "| Gait | [1] |\n|---|---|\n| Walk. Run | 2 [2] |",
        "## A gait [1]\n",
        "```\nx = 1\n```\n\n[1]\n\nIt walks.",
        "According to [1], it walks; see [2] for more.",
        "As [1] says, it walks, and sources [1] and [2] agree.",
    ],
)
def test_in_tables_and_headings_and_as_a_word_a_citation_keeps_its_place(written: str) -> None:
    text, cited = stream(written)
    assert text == written
    assert cited


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("<think>\nSource [2] speaks of it.\n</think>\n\nA point [1].", "A point. [1]"),
        ("Mine.</think>A point [1].", "Mine.A point. [1]"),
        ('<data-source number="2">\nA point [1].\n</data-source>', "\nA point. [1]\n"),
        ("[data-selection]\nA point [1].\n[/data-source]", "\nA point. [1]\n"),
        ('[data-source number="2"]\nA point [1].', "\nA point. [1]"),
        ("A point [1].\n</data-source", "A point. [1]\n"),
        ('A point [1].\n<data-source number="2', "A point. [1]\n"),
        ("A point [1].\n[data-selection", "A point. [1]\n"),
        ("<Thinking>[2]", ""),
        ("<thought>[2]</thought>\nA point [1].", "A point. [1]"),
        ("<seed:think>[2]</seed:think>A point [1].", "A point. [1]"),
        ("[THINK]As [2] says.[/THINK]A point [1].", "A point. [1]"),
        ("◁think▷[2]◁/think▷A point [1].", "A point. [1]"),
        ("<think effort=1>[2]</think >A point [1].", "A point. [1]"),
        ("<reasoning>[2]</reasoning>\nA point [1].", "A point. [1]"),
        (
            "<|begin_of_thought|>[2]<|end_of_thought|>\n<|begin_of_solution|>A point [1].",
            "A point. [1]",
        ),
        ("<|START_THINKING|>[2]<|END_THINKING|><|START_RESPONSE|>A point [1].", "A point. [1]"),
        (f"{HARMONY}A point [1].<|return|>", "A point. [1]"),
        (f"{HARMONY.replace('<|end|>', '')}A point [1].", "A point. [1]"),
        (
            "<|channel|>commentary to=f <|constrain|>json<|message|>[2]<|call|>A point [1].",
            "A point. [1]",
        ),
        ("<|channel|>analysis<|message|>A tag </think> [2]", ""),
        ("<|channel>thought\n[2]<channel|>A point [1].", "A point. [1]"),
        ("<|channel>thought\n<channel|>A point [1].", "A point. [1]"),
        ("<think>[2]</think>\n<answer>\nA point [1].\n</answer>", "A point. [1]\n"),
        ("<think>[2]</think><response>A point [1].</response>", "A point. [1]"),
        (
            "An <answer>, a <response>, a <thinker> [1].",
            "An <answer>, a <response>, a <thinker>. [1]",
        ),
        (
            "`<|channel|>` opens, |x| <|y|, a <| b, [1]",
            "`<|channel|>` opens, |x| <|y|, a <| b, [1]",
        ),
        ("```\n<|channel|>final<|message|>\n```", "```\n<|channel|>final<|message|>\n```"),
        ("So [think] of it, [THIS] a ◁ b [1].", "So [think] of it, [THIS] a ◁ b. [1]"),
        ("`<think>` opens, a < b, <b>, [1]", "`<think>` opens, a < b, <b>, [1]"),
    ],
)
def test_thoughts_and_the_prompts_fences_never_reach_a_reader(written: str, kept: str) -> None:
    expected = (kept, [1] if "[1]" in kept else [])
    assert stream(written) == expected
    assert [at for at in range(len(written)) if stream(written, [at]) != expected] == []
    assert stream(written, list(range(len(written)))) == expected


@given(
    st.text(max_size=60) | st.lists(st.sampled_from(PIECES), max_size=30).map("".join),
    st.lists(st.integers(0, 100), max_size=8),
)
def test_where_the_text_is_cut_changes_nothing(text: str, cuts: list[int]) -> None:
    assert stream(text, cuts) == stream(text)


def test_only_white_space_waits_for_what_follows() -> None:
    citations = Citations({1})
    assert list(citations.feed("Every")) == ["Every"]
    assert list(citations.feed(" word")) == [" word"]
    assert list(citations.feed(" [1")) == []
    assert list(citations.feed("] counts.")) == [" counts."]
    assert list(citations.feed(" Next")) == [Ended("Every word counts.", cited=(1,)), " ", "Next"]


@pytest.mark.parametrize(
    "text",
    [" " * 9, "`", " \n", "[", "$", "$a[", "`a", "<", "\\(", "[1 ", "<data-a ", "a", "。", ". ("],
)
def test_a_model_that_goes_round_in_circles_costs_no_time(text: str) -> None:
    text *= 100_000 // len(text)
    marking = Marking([], BelievingJudge())
    begun = process_time()
    for at in range(0, len(text), 80):
        list(marking.feed(text[at : at + 80]))
    list(marking.feed("", is_last=True))
    cut = "<data-a "  # of a fence, where the answer ends within it
    assert marking.text == text.removesuffix(cut)
    assert process_time() - begun < 10  # linear it takes one, and quadratic minutes


def test_blanks_are_not_held_back_for_good() -> None:
    citations = Citations([])
    pieces = [piece for _ in range(100) for piece in citations.feed(" " * 10)]
    assert sum(len(piece) for piece in pieces if isinstance(piece, str)) > 700
