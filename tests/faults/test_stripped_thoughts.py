"""Thoughts that lost their control tokens, stand in one another, or in blocks of other names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chains.answering.brackets import LONGEST_DOUBT
from tests.chains.answering.test_citations import stream

THOUGHTS = {
    "gpt-oss without tokens": "analysisThe user asks for [2].assistantfinalA point [1].",
    "a line between": "analysisWe say [2].assistantfinal\nA point [1].",
    "a tool besides": "analysisWe ask.assistantcommentary to=f {}assistantfinalA point [1].",
    "half of the tokens": "analysis<|message|>[2]<|end|>assistantfinal<|message|>A point [1].",
    "nested": "<think>As <think>[2]</think> says, no.</think>\nA point [1].",
    "nested thrice": "<think><thinking><think>a</think>b</thinking>c</think>A point [1].",
    "only named": "<think>The tag <think> begins it.</think>A point [1].",
    "blocks": "<analysis>The user [2].</analysis>\n\n<plan>\n1. Say it.\n</plan>\nA point [1].",
    "steps": "<cot>Hm, [2].</cot><answer>A point [1].</answer>",
    "behind a thought": "<think>[2]</think>\n<analysis>\nIt fits.</analysis>A point [1].",
}
KEPT = (
    *("analysis of variance is a method.", "analysis", "analysisResult is a name.", "Analysis"),
    *("The analysis<plan>An element</plan> is one.", "<plan> is an element of the file.", "<cot>"),
    *("`<plan>The`, `<analysis>` and `</cot>`.", "```\n<plan>\nOne\n</plan>\n```", "anal"),
    "<plan>\n  <step>One</step>\n</plan>",
)
QUOTED = "They wrap it: `<think>`, then `</think>`."
PARTS = (
    *("analysis", "The ", "We ", "assistantfinal", "<think>", "</think>", "<plan>", "</plan>"),
    *(
        "<analysis>",
        "`",
        "\n",
        " ",
        "a",
        "A point.",
        "<|message|>",
        "<|end|>",
        "x" * 120,
        " " * 150,
    ),
)
WORDS = st.lists(st.sampled_from(PARTS), max_size=14).map("".join)


@pytest.mark.parametrize("written", THOUGHTS.values(), ids=THOUGHTS)
def test_a_thought_without_tokens_or_within_another_is_left_out_wherever_it_is_cut(
    written: str,
) -> None:
    expected = ("A point. [1]", [1])
    assert stream(written) == expected
    assert [at for at in range(len(written)) if stream(written, [at]) != expected] == []
    assert stream(written, list(range(len(written)))) == expected


@pytest.mark.parametrize("text", KEPT)
def test_an_answer_with_the_words_of_a_thought_stays(text: str) -> None:
    assert stream(text)[0] == text
    assert stream(text, list(range(len(text))))[0] == text


def test_an_answer_behind_a_thought_that_names_a_tag_may_quote_both_tags() -> None:
    thought = "<think>It may write <think> itself.</think>"
    assert stream(thought + QUOTED)[0] == QUOTED
    assert stream(thought + QUOTED, list(range(200)))[0] == QUOTED


def test_what_may_still_be_a_thought_waits_for_a_bounded_number_of_characters() -> None:
    answer = "word " * (LONGEST_DOUBT // 5)
    assert stream(f"<think>a <think> b</think>{answer}</think>")[0] == answer


@given(WORDS, st.lists(st.integers(0, 2000), max_size=8))
def test_no_cut_of_a_stream_changes_what_is_a_thought(text: str, cuts: list[int]) -> None:
    assert stream(text, cuts) == stream(text)
