from __future__ import annotations

from collections.abc import Iterator, Sequence

from hypothesis import given
from hypothesis import strategies as st

from chains.answering.phrases import Phrases, Run

WORDS = st.lists(st.sampled_from(["a", "bb", "ccc"]), max_size=30)


def longest_runs(text: Sequence[str], said: Sequence[str]) -> Iterator[int]:
    """Letters of the longest run, by looking at each place of the text."""
    runs: dict[int, int] = {}
    for word in said:
        runs = {
            at: runs.get(at - 1, 0) + len(word) for at, there in enumerate(text) if there == word
        }
        yield max(runs.values(), default=0)


@given(WORDS, WORDS)
def test_a_run_is_the_longest_phrase_of_the_text_that_was_said_last(
    text: list[str], said: list[str]
) -> None:
    run = Run(Phrases(text))
    found = []
    for word in said:
        run.add(word)
        found.append(run.letters)
    assert found == list(longest_runs(text, said))
