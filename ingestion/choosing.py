"""Choosing: which questions each page answers well, from its headings and definitions.

A question is kept if the search finds its own section first, as it would for a reader who asks it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, cast

from chains.answering.intents import reply
from chains.index.book import Chunk
from chains.index.passages import Candidate
from chains.index.search import find_candidates
from chains.index.starters import (
    A_PAGE,
    Starter,
    Starters,
    read_starters,
    starters_point,
)
from chains.language.wording import is_apparatus, is_review, leans_back
from ingestion.folder.book_folder import BookFile

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings
    from langchain_qdrant import QdrantVectorStore

VERSION = 1
"""Of the choice; another one chooses anew for every page."""
TRIED = 6
"""Questions of a page that are tried at most; each costs an embedding and a search."""
NEAR = 0.45
"""The cosine of a question and its section from which the book surely covers it."""
DEFINED = 0.2
"""What a definition counts for more than a heading: its question reads better."""
POINTS_A_WRITE = 64
_DEFINITION = re.compile(
    r"(?P<term>(?P<article>An?|The) (?:[\w’'-]+ ){1,4}(?:\([\w-]+\) )?"
    r"|[A-Z][\w’'-]+ (?:[\w’'-]+ )?)"
    r"(?P<verb>is|are) (?:an? |the (?:\w+ )?\w+ (?:of|that|which|in|on|by)\b)"
)
_NO_TERM = re.compile(
    r"\b(?:this|that|these|those|it|they|there|here|one|first|second|next|last|other|same|result"
    r"|answer|reason|problem|question|idea|goal|example|following|what|which|who|how|why|when"
    r"|above|below|chapter|section|figure|table|we|you|he|she|its|their|and|or|of|in|for|to)\b",
    re.IGNORECASE,
)
_ARTICLE = re.compile(r"^(?:an?|the) ")
_ASKS = re.compile(r"[?？؟]\W*$")


def keep_starters(store: QdrantVectorStore, files: Sequence[BookFile], language: str) -> bool:
    """Bring the questions in the index to what these pages answer.

    A page that has not changed keeps its questions, whatever else has. Whether any was written.
    """
    held = read_starters(store, [one.file.file for one in files])
    made = {one.file.file: _digest(one) for one in files}
    new: dict[str, Starters] = {}
    known: dict[str, Candidate] = {}
    for one in files:
        name = one.file.file
        if name not in held or held[name].made_from != made[name]:
            new[name] = Starters(name, made[name], tuple(_choose(store, one, language, known)))
    every = {one.file.file: new.get(one.file.file) or held[one.file.file] for one in files}
    digest = hashlib.sha256(json.dumps(list(made.items())).encode()).hexdigest()[:16]
    if new or digest not in {one.made_from for one in read_starters(store).values()}:
        new[""] = Starters("", digest, _of_the_book(every))
    points = [starters_point(starters) for starters in new.values()]
    for start in range(0, len(points), POINTS_A_WRITE):
        store.client.upsert(store.collection_name, points[start : start + POINTS_A_WRITE])
    return bool(points)


def _digest(one: BookFile) -> str:
    made_from = [VERSION, *(chunk.id for chunk in one.chunks)]
    return hashlib.sha256(json.dumps(made_from).encode()).hexdigest()[:16]


def _of_the_book(pages: Mapping[str, Starters]) -> tuple[Starter, ...]:
    """The best question of each third of the book, so that they say what all of it is about."""
    first = [max(p.questions, key=lambda s: s.score) for p in pages.values() if p.questions]
    thirds = min(A_PAGE, len(first))
    cuts = [round(n * len(first) / thirds) for n in range(thirds + 1)] if thirds else []
    return tuple(
        max(first[start:end], key=lambda starter: starter.score) for start, end in pairwise(cuts)
    )


@dataclass(frozen=True, slots=True)
class _Tried:
    question: str
    chunk: Chunk
    worth: float


def _choose(
    store: QdrantVectorStore, one: BookFile, language: str, known: dict[str, Candidate]
) -> Iterator[Starter]:
    """At most `A_PAGE` questions of a page, in reading order of what was tried, best kind first."""
    embeddings = cast("Embeddings", store.embeddings)
    chosen = 0
    for tried in _spread(list(_questions(one, language))):
        vector = embeddings.embed_query(tried.question)
        best = next(iter(find_candidates(store, tried.question, vector, known)), None)
        if best is None or _section(best.chunk) != _section(tried.chunk):
            continue
        nearness = best.cosine(vector)
        if nearness >= NEAR:
            score = round(nearness + tried.worth, 4)
            yield Starter(tried.question, tried.chunk.section, tried.chunk.occurrence, score)
            chosen += 1
            if chosen == A_PAGE:
                return


def _spread(tried: list[_Tried]) -> list[_Tried]:
    """The questions to try: those of more worth first, one a section, no section twice in a row."""
    sections: dict[tuple[object, ...], _Tried] = {}
    for one in sorted(tried, key=lambda one: one.worth, reverse=True):
        sections.setdefault(_section(one.chunk), one)
    return list(sections.values())[:TRIED]


def _questions(one: BookFile, language: str) -> Iterator[_Tried]:
    define, cover = reply("define", language), reply("cover", language) or ""
    headed: set[tuple[object, ...]] = set()
    page = " ".join(chunk.content for chunk in one.chunks)
    for chunk in (chunk for chunk in one.chunks if chunk.kind == "chunk"):
        heading = chunk.section[-1]
        if is_apparatus(heading) or is_review(heading):
            continue
        for term, verb in _definitions(chunk, page) if define else ():
            worth = DEFINED if _is_marked(term, chunk) else DEFINED / 4
            yield _Tried((define or "").format(term=term, verb=verb), chunk, worth)
        if _section(chunk) not in headed and len(chunk.section) > 1 and chunk.sentences:
            headed.add(_section(chunk))
            if _ASKS.search(heading):
                yield _Tried(heading, chunk, DEFINED / 2)
            else:
                yield _Tried(cover.format(heading=heading), chunk, 0.0)


def _definitions(chunk: Chunk, page: str) -> Iterator[tuple[str, str]]:
    """Terms that a chunk defines, each with the verb that fits: “A gait is a …”.

    A term without an article has to stand on the page in small letters, too: else it is a name.
    """
    for sentence in chunk.sentences:
        found = _DEFINITION.match(sentence.text)
        if not found or leans_back(sentence.text) or _NO_TERM.search(found["term"]):
            continue
        term = found["term"].strip()
        small = term[0].lower() + term[1:]
        if found["article"] or small in page:
            yield small, found["verb"]


def _is_marked(term: str, chunk: Chunk) -> bool:
    """Whether the author set a term off, by a heading or by emphasis."""
    words = _ARTICLE.sub("", term).partition(" (")[0].casefold()
    return any(words in title.casefold() for title in chunk.section) or (
        re.search(rf"[*_]{re.escape(words)}", chunk.content.casefold()) is not None
    )


def _section(chunk: Chunk) -> tuple[object, ...]:
    return chunk.file, chunk.section, chunk.occurrence
