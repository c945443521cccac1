from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chains.answering.grounding import claims_of, ground
from chains.events import Grounding

ZMP = "The zero moment point is a point on the ground. It stays inside the support polygon."
BATTERY = "A lithium-ion cell stores about 250 Wh per kilogram."


def test_what_a_source_says_word_for_word_is_supported() -> None:
    assert ground(f"From it: {ZMP} [1]\n\n- {BATTERY} [2]", [ZMP, BATTERY]) == Grounding(3, 3)


def test_what_no_source_says_is_not() -> None:
    answer = f"{ZMP} Honda introduced robots during nineteen eighty-six [1]."
    assert ground(answer, [ZMP, BATTERY]) == Grounding(3, 2)
    assert ground(answer, []) == Grounding(3, 0)


def test_a_sentence_has_to_stand_in_one_source_and_not_in_several_together() -> None:
    halves = ["Motors drive every joint.", "Batteries store chemical energy."]
    answer = "Motors drive batteries; chemical energy store every joint."
    assert ground(answer, halves) == Grounding(1, 0)
    assert ground(answer, [" ".join(halves)]) == Grounding(1, 1)


def test_a_sentence_in_other_words_of_the_source_is_supported_if_most_are_its() -> None:
    assert ground("Inside the support polygon that point stays.", [ZMP]) == Grounding(1, 1)


@pytest.mark.parametrize(
    ("answer", "sentences"),
    [
        ("Professor Kato, i.e. Dr. Kato, built robots; see Fig. 3 [1].", 1),
        ("Robots stand still. [1] Robots walk fast.[2] Robots fall over.", 3),
        ("1. Robots stand still\n2. Robots walk fast\n   - Robots fall over", 3),
        ("**Robots stand.** _Robots walk fast!_", 2),
        ("Call `robots.walk. Then(fast)` in your program.", 1),
        ("# Robots. And more\n\nRobots stand still.", 1),
        ("零力矩点是地面上的一点。机器人必须保持平衡。", 2),
    ],
)
def test_sentences_end_where_those_of_the_book_do_and_markup_ends_none(
    answer: str, sentences: int
) -> None:
    assert ground(answer, [answer]) == Grounding(sentences, sentences)


@pytest.mark.parametrize(
    "unclaiming",
    [
        "From the book:",
        "**Kinds of motors:**",
        "```python\nprint('no claim at all')\n```",
        "```\ncode that never ends. It goes on",
        "1. 2. 3.",
        "[1][2]",
        "| --- | --- |",
        "## Motors that never tire\n",
        "",
    ],
)
def test_code_and_what_only_leads_in_claim_nothing(unclaiming: str) -> None:
    assert ground(unclaiming, [ZMP]) == Grounding(0, 0)
    assert ground(f"{ZMP}\n\n{unclaiming}", [ZMP]) == Grounding(2, 2)


@pytest.mark.parametrize(
    "text",
    [
        "零力矩点是地面上的一点。机器人必须保持平衡。",
        "ロボットは歩きます。バッテリーは重い。",
        "Точка нулевого момента лежит на земле.",
        "نقطة العزم الصفري تقع على الأرض.",
    ],
)
def test_other_scripts_are_supported_by_themselves_alone(text: str) -> None:
    own = ground(text, [text])
    assert own.supported == own.sentences > 0
    assert ground(text, [ZMP]) == Grounding(own.sentences, 0)


def test_markup_in_the_source_is_no_part_of_its_words() -> None:
    source = "The _zero moment point_ is what `zmp_planner` keeps **inside** the [polygon](#p)."
    shown = "The zero moment point is what zmp_planner keeps inside the polygon."
    assert ground(shown, [source]) == Grounding(1, 1)


@given(st.text(max_size=200), st.lists(st.text(max_size=200), max_size=3))
def test_no_text_is_too_odd_and_never_is_more_supported_than_said(
    answer: str, sources: list[str]
) -> None:
    found = ground(answer, sources)
    assert 0 <= found.supported <= found.sentences


@given(st.text(max_size=300) | st.text(alphabet="abcdefgh _*`#|[1].:\n", max_size=100))
def test_a_source_supports_all_of_itself(text: str) -> None:
    found = ground(text, [text])
    assert found.supported == found.sentences


def test_each_row_of_a_table_is_a_claim_and_its_head_is_none() -> None:
    answer = "It was built then:\n\n| Robot | Year |\n|---|---|\n| ASIMO | 2000 [2] |"
    assert [(claim.text.split(), claim.cited) for claim in claims_of(answer)] == [
        (["ASIMO", "2000"], (2,))
    ]
