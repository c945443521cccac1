"""The order of what two searches found: by vectors and by words.

The scores of both are scaled to 0..1 over what each of them found, and their mean is taken
(convex combination; Bruch, Gai and Ingber, 2023), which keeps how far apart two chunks are;
reciprocal ranks forget it. docs/decisions/0020-scores-and-not-ranks.md has the figures.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from chains.index.book import Chunk
from chains.language.explaining import defines
from chains.language.languages import Language
from chains.language.terms import terms_of

VECTORS_SHARE = 0.5
"""How much of a score vectors are, where the embeddings know the language of the book."""
VECTORS_SHARE_LATIN, VECTORS_SHARE_OTHER = 0.3, 0.1
"""How much in a language that they do not know: one in Latin letters shares words with theirs;
in Arabic, Chinese or Thai they find hardly more than chance does, and only settle ties.
docs/decisions/0024-languages.md has the figures."""
NEIGHBOURS = 3
"""How many other chunks of its file speak for a chunk."""
NEIGHBOURS_SHARE = 0.2
"""What their mean score adds: a file that has several good chunks is more likely the right one."""
REPEATED = 0.5
"""What is left of its score for each better chunk of the same section: six chunks of one section
say less than those of several."""

OPENING, DEFINING = 0.15, 0.15
"""What a chunk gains for a question like “What is …?” by opening the section that is called so, and
by a sentence that defines it. The searches alone find what has its words most often, which comes
later in the section."""
MOST = OPENING + DEFINING
LONGEST_LINE = 60
"""Characters of a heading's line beside the heading: marks, attributes, blank lines."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a chunk stands: its file and its section there."""

    file: str
    section: tuple[str, ...]
    occurrence: int


def opens_section(chunk: Chunk) -> bool:
    """Whether nothing but the heading stands before a chunk in its section."""
    return chunk.start <= 2 * len("".join(chunk.section[-1:])) + LONGEST_LINE


def explains(chunk: Chunk, asked: frozenset[str], language: str) -> float:
    """What a chunk gains by explaining what is asked for, given by its terms; at most `MOST`.

    Of sections within each other the outermost one counts: below “Mutexes”, “Shared mutexes” are
    about some of them.
    """
    heading = terms_of("".join(chunk.section[-1:]), language=language)
    above = terms_of(" ".join(chunk.section[:-1]), language=language)
    opens = opens_section(chunk) and not asked <= above
    named = len(asked & heading) / len(asked) if opens else 0.0
    defined = max((defines(sentence.text, asked) for sentence in chunk.sentences), default=0.0)
    return OPENING * named**2 + DEFINING * defined


def share_of_vectors(language: Language, *, is_known: bool) -> float:
    """How much of a score vectors are in a language that the embeddings know, or do not know."""
    if is_known:
        return VECTORS_SHARE
    return VECTORS_SHARE_LATIN if language.is_latin else VECTORS_SHARE_OTHER


def fuse(
    by_vector: Mapping[str, float], by_words: Mapping[str, float], share: float = VECTORS_SHARE
) -> dict[str, float]:
    """The mean of both scores, each scaled, for the chunk of each id; 0 to 1, best first.

    `share` is the weight of the vectors. What one of the searches did not find has 0 there.

    >>> fuse({"a": 0.9, "b": 0.7, "c": 0.5}, {"b": 8.0, "d": 2.0})
    {'b': 0.75, 'a': 0.5, 'c': 0.0, 'd': 0.0}
    """
    vector, words = _scaled(by_vector), _scaled(by_words)
    means = {
        chunk: share * vector.get(chunk, 0.0) + (1 - share) * words.get(chunk, 0.0)
        for chunk in dict.fromkeys((*vector, *words))
    }
    return dict(sorted(means.items(), key=lambda item: (-item[1], item[0])))


def rank(fused: Mapping[str, float], places: Mapping[str, Place]) -> list[tuple[str, float]]:
    """The ids with their scores, 0 to 1.2, best first, by where their chunks stand.

    `fused` are scores as `fuse` gives them, best first; `places` has at least the same ids.

    >>> one, other = Place("a.md", ("A",), 0), Place("b.md", ("B",), 0)
    >>> rank({"1": 0.9, "2": 0.8, "3": 0.6}, {"1": one, "2": one, "3": other})
    [('1', 0.9533333333333334), ('3', 0.6), ('2', 0.43000000000000005)]
    """
    files: dict[str, list[float]] = defaultdict(list)
    for chunk, score in fused.items():
        files[places[chunk].file].append(score)
    sections: dict[Place, int] = defaultdict(int)
    ranked: list[tuple[str, float]] = []
    for chunk, score in fused.items():
        place = places[chunk]
        near = _neighbours(files[place.file], score)
        ranked.append((chunk, (score + NEIGHBOURS_SHARE * near) * REPEATED ** sections[place]))
        sections[place] += 1
    return sorted(ranked, key=lambda one: -one[1])


def _neighbours(of_file: list[float], own: float) -> float:
    """The mean of the best other scores of a file; those that it lacks count as 0."""
    best = of_file[: NEIGHBOURS + 1]
    return (sum(best) - max(own, best[-1] if len(best) > NEIGHBOURS else 0.0)) / NEIGHBOURS


def _scaled(scores: Mapping[str, float]) -> dict[str, float]:
    """The scores from 0, the lowest of them, to 1; a single one, or equal ones, are 1."""
    if not scores:
        return {}
    low, high = min(scores.values()), max(scores.values())
    if high == low:
        return dict.fromkeys(scores, 1.0)
    return {chunk: (score - low) / (high - low) for chunk, score in scores.items()}
