"""The order of what two searches found."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chains.index.book import Chunk, Sentence
from chains.index.ranking import Place, explains, fuse, rank

SCORES = st.dictionaries(st.sampled_from("abcdefghij"), st.floats(-1, 20), max_size=10)


def place(file: str, section: str = "Section", occurrence: int = 0) -> Place:
    return Place(file, (section,), occurrence)


def test_how_far_apart_two_scores_are_counts_and_not_their_ranks() -> None:
    by_vector = {"clear": 0.9, "near": 0.5, "far": 0.1}
    by_words = {"near": 8.0, "clear": 7.9, "far": 1.0}
    assert list(fuse(by_vector, by_words)) == ["clear", "near", "far"]


def test_a_search_that_finds_nothing_leaves_the_other_its_order() -> None:
    assert list(fuse({"a": 0.2, "b": 0.9}, {})) == ["b", "a"]
    assert list(fuse({}, {"a": 2.0, "b": 9.0})) == ["b", "a"]
    assert fuse({}, {}) == {}


def test_a_single_hit_counts_in_full() -> None:
    assert fuse({"a": 0.4}, {"a": 3.0}) == {"a": 1.0}


def test_neighbours_of_its_file_speak_for_a_chunk() -> None:
    fused = {"lone": 0.8, "one": 0.79, "two": 0.7, "three": 0.6}
    places = {"lone": place("a.md")} | {
        name: place("b.md", name) for name in ("one", "two", "three")
    }
    assert next(iter(rank(fused, places)))[0] == "one"


def test_chunks_of_one_section_make_way_for_another() -> None:
    fused = {"1": 1.0, "2": 0.9, "3": 0.8, "4": 0.5}
    places = dict.fromkeys("123", place("a.md")) | {"4": place("b.md")}
    assert [chunk for chunk, _ in rank(fused, places)] == ["1", "2", "4", "3"]


def test_sections_of_one_name_are_told_apart() -> None:
    fused = {"1": 1.0, "2": 0.9}
    same = rank(fused, dict.fromkeys("12", place("a.md")))
    apart = rank(fused, {"1": place("a.md"), "2": place("a.md", occurrence=1)})
    assert same[1][1] < apart[1][1]


@given(SCORES, SCORES, st.lists(st.sampled_from("xyz"), min_size=10, max_size=10))
def test_every_chunk_is_ranked_once_from_0_to_1_2_and_always_in_the_same_order(
    by_vector: dict[str, float], by_words: dict[str, float], sections: list[str]
) -> None:
    places = {chunk: place(chunk, s) for chunk, s in zip("abcdefghij", sections, strict=True)}
    ranked = rank(fuse(by_vector, by_words), places)
    assert {chunk for chunk, _ in ranked} == by_vector.keys() | by_words.keys()
    assert all(0 <= score <= 1.2 for _, score in ranked)
    reordered = dict(reversed(by_vector.items())), dict(reversed(by_words.items()))
    assert rank(fuse(*reordered), places) == ranked


def test_what_opens_a_section_or_defines_a_thing_explains_it() -> None:
    def chunk(section: str, start: int, text: str) -> Chunk:
        sentences = (Sentence(0, len(text), text),)
        return Chunk("a.md", ("Book", section), 0, start, start + 40, text, sentences)

    asked = frozenset({"mutex"})
    opening = chunk("Mutexes", 12, "Two threads may not write at once.")
    later = chunk("Mutexes", 900, "Locking the mutex twice blocks its thread.")
    defining = chunk("Threads", 900, "A mutex is a lock that one thread has at a time.")
    assert explains(opening, asked, "english") > 0.1
    assert explains(defining, asked, "english") > 0.1
    assert explains(later, asked, "english") == 0
