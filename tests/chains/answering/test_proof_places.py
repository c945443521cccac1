"""What a sentence of the book says together with what stands beside it."""

from __future__ import annotations

import pytest

from chains.answering.proof.decision import decide
from chains.answering.proof.grounds import Grounds
from chains.index.scope import Scope, Vocabulary
from tests.support.grounds import cut_chunk, passages

ON_RUST = Scope(Vocabulary(100, {"rust": 60, "zig": 10}))
LEAD = "Publish a new version of your documentation with:"
COMMAND = f"{LEAD}\n\n```\nmike deploy --push 0.1 latest\n```\n\nIt is then at its address."


def test_a_name_that_stands_on_most_of_the_pages_is_said_of_each_sentence() -> None:
    proof = "The compiler finds the method when the program runs."
    grounds = Grounds(passages((proof,), scope=ON_RUST), "english")
    claim = "The compiler of {} finds the method when the program runs."
    assert [ground.text for ground in decide(claim.format("Rust"), grounds).proofs] == [proof]
    assert decide(claim.format("Zig"), grounds).against == "name"
    short = Grounds(passages((proof,), scope=Scope(Vocabulary(4, {"rust": 4}))), "english")
    assert decide(claim.format("Rust"), short).against == "name"


def test_a_name_of_most_pages_does_not_stand_for_another_one() -> None:
    proof = "The compiler of Zig finds the method when the program runs."
    grounds = Grounds(passages((proof,), scope=ON_RUST), "english")
    claim = "The compiler of Rust finds the method when the program runs."
    assert decide(claim, grounds).against == "name"


@pytest.mark.parametrize(
    ("command", "is_proven"),
    [
        ("mike deploy --push 0.1 latest", True),
        ("mike deploy --push 0.2 latest", False),
        ("mike delete --push 0.1 latest", False),
        ("mike deploy --force 0.1 latest", False),
    ],
)
def test_a_command_is_proven_by_the_sentence_that_introduces_it(
    command: str, is_proven: bool
) -> None:
    grounds = Grounds([cut_chunk(COMMAND, LEAD, "It is then at its address.")], "english")
    found = decide(f"You publish a new version of the documentation with `{command}`.", grounds)
    assert [ground.text for ground in found.proofs] == [LEAD] * is_proven


def test_words_of_a_block_of_code_alone_prove_nothing() -> None:
    grounds = Grounds([cut_chunk(COMMAND, LEAD, "It is then at its address.")], "english")
    assert decide("Deploy pushes the latest.", grounds).proofs == ()


def test_the_sentence_that_introduces_a_list_says_what_its_items_name() -> None:
    lead, *items = "Robots have two kinds of files:", "`walk.yml`", "`stand.yml`"
    content = f"{lead}\n\n- {items[0]}\n- {items[1]}\n"
    grounds = Grounds([cut_chunk(content, lead, *items, leads={1: 0, 2: 0})], "english")
    said = "Robots have two kinds of files, `walk.yml` and `stand.yml`."
    assert decide(said, grounds).proofs[0].text == lead
    assert decide(said.replace("stand", "run"), grounds).against == "name"


def test_an_item_far_below_still_belongs_to_what_introduces_it() -> None:
    lead, *items = "Tools of a smith:", "Tongs grip.", "Bellows blow.", "An anvil bears all blows."
    content = "\n".join([lead, *(f"- {item}" for item in items)])
    leads = dict.fromkeys(range(1, 4), 0)
    grounds = Grounds([cut_chunk(content, lead, *items, leads=leads)], "english")
    assert decide("The anvil of a smith bears blows.", grounds).proofs[0].text == items[2]


def test_a_name_with_an_underscore_is_the_same_in_code_and_without_it() -> None:
    proof = "The site_url has to be set, or links of the cards are wrong."
    grounds = Grounds(passages((proof,)), "english")
    said = "The `site_url` has to be set, or links of the cards are wrong, too."
    assert decide(said, grounds).proofs
    assert decide(said.replace("site_url", "site_name"), grounds).against == "name"
