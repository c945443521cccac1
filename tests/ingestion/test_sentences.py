"""Sentences: where they end, what is none, and their places in the source."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chains.language.boundaries import sentence_spans
from ingestion.chunks.sections import block_tree
from ingestion.chunks.sentences import PageSentence, find_sentences
from ingestion.markdown.parser import parse


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


def sentences(text: str) -> list[PageSentence]:
    return find_sentences(text, block_tree(parse(text)))


@pytest.mark.parametrize(
    "text",
    [
        "See Fig. 3 and Eqs. (4) to (6) of Sec. II for details.",
        "Sensors, e.g. IMUs, i.e. Inertial units, drift by 0.5 deg. per hour.",
        "The U.S. Navy paid Dr. Smith and J. R. Jones et al. [7] for it.",
        "It costs approx. 5 kg, max. 10 W, vs. No. 4 before.",
        "Node.js 20.0 and v. 3 run; version 1.2.3 does not.",
        "It waits... then goes on (really!) without a stop.",
    ],
)
def test_a_sentence_is_not_split_within(text: str) -> None:
    assert split(text) == [text]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("It walks. It runs! Does it? Yes.", ["It walks.", "It runs!", "Does it?", "Yes."]),
        ("“It fell.” (It rose.) Then.", ["“It fell.”", "(It rose.)", "Then."]),
        ("Built in 2020. 3 of them left.", ["Built in 2020.", "3 of them left."]),
        ("Motors, gears, etc. The rest is air.", ["Motors, gears, etc.", "The rest is air."]),
        ("これは文です。次の文。", ["これは文です。", "次の文。"]),
        ("One line\nanother line", ["One line", "another line"]),
    ],
)
def test_a_sentence_ends_where_a_reader_would_end_it(text: str, parts: list[str]) -> None:
    assert split(text) == parts


@given(st.text(alphabet="aB1 .!?\n(\"'e.g。", max_size=80))
def test_sentences_hold_all_text_in_order(text: str) -> None:
    spans = list(sentence_spans(text))
    assert all(start < end for start, end in spans)
    assert all(one[1] <= two[0] for one, two in pairwise(spans))
    assert "".join("".join(split(text)).split()) == "".join(text.split())


def test_a_sentence_is_shown_as_read_and_placed_as_written() -> None:
    text = "> **First** [one](a.md 'b. C').\n> A *se-\n> cond* &amp; `x. Y` $a. B$.\n"
    first, second = sentences(text)
    assert (first.text, second.text) == ("First one.", "A se- cond & x. Y $a. B$.")
    assert text[first.start : first.end] == "**First** [one](a.md 'b. C')."
    assert text[second.start : second.end] == "A *se-\n> cond* &amp; `x. Y` $a. B$."


def test_code_tables_headings_math_and_html_hold_none() -> None:
    text = """# A heading.

    code here.

```
A sentence. In code.
```

| A cell. |
|---|
| Another cell. |

$$
x. Y
$$

<pre>
Some HTML.
</pre>

<span class="caption">A label.</span>

![A picture.](a.png)

`only.code`
"""
    assert sentences(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "[Next: Walking](walking.md)",
        "Previous: [Balance](a.md) | Next: [Hands](b.md)",
        "<https://example.org/a.b>",
        "Home > Chapters > Walking",
        "[Home](/) » Chapters » Walking",
    ],
)
def test_lines_of_links_and_breadcrumbs_are_no_sentences(text: str) -> None:
    assert sentences(f"{text}\n\n- {text}\n") == []


def test_a_list_item_knows_what_introduces_it() -> None:
    text = """There are two. They are:

1. Electric motors:
   - with brushes
   - without. Like servos.
2. Hydraulics

Not introduced by this.

- loose item
"""
    found = sentences(text)
    leads = {one.text: one.lead if one.lead is None else found[one.lead].text for one in found}
    assert leads == {
        "There are two.": None,
        "They are:": None,
        "Electric motors:": "They are:",
        "with brushes": "Electric motors:",
        "without.": "Electric motors:",
        "Like servos.": "Electric motors:",
        "Hydraulics": "They are:",
        "Not introduced by this.": None,
        "loose item": None,
    }


def test_a_check_box_is_no_part_of_its_sentence() -> None:
    text = "- [ ] Understand **torque**\n"
    [found] = sentences(text)
    assert (found.text, text[found.start : found.end]) == (
        "Understand torque",
        "Understand **torque**",
    )


def test_lines_with_bold_labels_are_sentences_of_their_own() -> None:
    found = sentences("**Voltage**: 48 V is usual\n**Current**: up to 30 A\nin short bursts\n")
    assert [one.text for one in found] == [
        "Voltage: 48 V is usual",
        "Current: up to 30 A in short bursts",
    ]


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        (
            "<details>\n<summary>More</summary>\nIt <b>turns</b> &amp; stops. Twice.\n</details>",
            ["It turns & stops.", "Twice."],
        ),
        ('<p align="center">It is\n  wide.</p>\n<p>Fig. 3</p>', ["It is wide."]),
        ("<figure><img src='a'><figcaption>An arm bends.</figcaption></figure>", []),
        (
            "<table><tr><td>No.</td><td>The arm bends as far as it can.</td></tr></table>",
            ["The arm bends as far as it can."],
        ),
        ("<ul><li>A knee bends.</li><li>two</li></ul>", ["A knee bends."]),
        ("<div><svg><text>A label.</text></svg>A", []),
    ],
)
def test_html_between_the_markdown_holds_sentences_that_are_written_as_such(
    html: str, shown: list[str]
) -> None:
    text = f"Above.\n\n{html}\n\nBelow.\n"
    found = sentences(text)
    assert [one.text for one in found] == ["Above.", *shown, "Below."]
    for one in found:
        assert one.text.split()[0] in text[one.start : one.end]


def test_an_item_of_a_list_may_be_nothing_but_code() -> None:
    found = sentences("Options are:\n\n- `--release` (1, 2)\n- `--quiet`\n- `1`\n")
    assert [one.text for one in found] == ["Options are:", "--release (1, 2)", "--quiet"]
