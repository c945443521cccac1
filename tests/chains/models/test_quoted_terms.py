"""What the quoting model makes of terms in bold, each in a line above what it means."""

from __future__ import annotations

import pytest

from chains.answering.proof.decision import word_for_word
from chains.answering.proof.grounds import Grounds
from chains.embeddings.base import BookEmbeddings
from chains.embeddings.provider import open_embeddings
from chains.settings import Settings
from tests.chains.models.test_quoted_kinds import ask
from tests.support.grounds import passages

LOANS = """
    # Words of lending

    Banks have lent for centuries. Whoever asks them for money should know these words.

    **Lender**\\
    The company that gives the loan.

    **Principal**\\
    The amount that was borrowed and has not been paid back. It falls with time.

    **Fee.** What the lender takes for its work.

    **Never sign in a hurry.** Read all pages before.
    """
ACCOUNTS = """
    # Basic accounts

    Bookkeepers sort all money into 3 basic types of accounts. That is, all that they write down
    has its place in one of these accounts:

    **Types of accounts**

    **Assets**\\
    Things you own

    **Liabilities**\\
    Things you owe

    **Equity**\\
    What is left of both

    Bookkeepers are needed in all towns.
    """


@pytest.fixture(scope="module")
def minilm() -> BookEmbeddings:
    return open_embeddings(Settings.model_construct())


def test_a_term_stands_before_what_it_means(minilm: BookEmbeddings) -> None:
    answer = ask(minilm, "What is the principal of a loan?", LOANS)
    assert (
        "**Principal:** The amount that was borrowed and has not been paid back. [1] It" in answer
    )


def test_a_short_line_in_bold_is_a_term_and_a_sentence_is_none(minilm: BookEmbeddings) -> None:
    assert "**Fee:** What the lender takes for its work. [1]" in ask(
        minilm, "What is the fee of a loan?", LOANS
    )
    assert "Never sign in a hurry:" not in ask(minilm, "Should I sign in a hurry?", LOANS)


def test_terms_below_a_line_with_a_colon_are_a_list(minilm: BookEmbeddings) -> None:
    answer = ask(minilm, "What are the 3 basic types of accounts?", ACCOUNTS)
    assert (
        "- **Assets:** Things you own [1]\n- **Liabilities:** Things you owe [1]\n"
        "- **Equity:** What is left of both [1]"
    ) in answer
    assert "Types of accounts:" not in answer


def test_a_line_in_bold_above_a_list_introduces_the_list(minilm: BookEmbeddings) -> None:
    page = "# Pumps\n\n**Choose a pump if:**\n- The water is deep\n- The water is cold\n"
    answer = ask(minilm, "When should I choose a pump?", page)
    assert "Choose a pump if:\n\n- The water is deep [1]\n- The water is cold [1]" in answer


def test_a_term_with_what_it_means_stands_in_the_book_word_for_word() -> None:
    grounds = Grounds(passages(("Lender", "The company that gives the loan.")), "english")
    found = word_for_word("**Lender:** The company that gives the loan.", grounds)
    assert found is not None
    assert [proof.text for proof in found.proofs] == ["The company that gives the loan."]
