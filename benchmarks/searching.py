"""How long the search takes in a book of 2,000 chunks, with a question's embedding."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

from benchmarks.server import ingested
from chains.language.boundaries import sentence_spans
from quart_app.settings import WebSettings
from quart_app.tutors import open_tutor

PAGES, SECTIONS = 40, 50
"""Of the book that is searched; a section is a chunk."""
SENTENCES, TITLE = 6, 4
"""Of a section, and words of its heading."""
REPEATS = 3


def write_book(folder: Path, source: Path, pages: int = PAGES) -> None:
    """Write a book of sections with sentences drawn from another book, the same at each call."""
    draw = random.Random(5)
    texts = [file.read_text(encoding="utf-8") for file in sorted(source.rglob("*.md*"))]
    lines = [line for text in texts for line in text.splitlines() if line[:1].isalpha()]
    sentences = [line[start:end] for line in lines for start, end in sentence_spans(line)]
    words = sorted({word for line in lines for word in line.split() if word.isalpha()})
    for page in range(pages):
        parts = [f"# Page {page}"]
        for _ in range(SECTIONS):
            heading = " ".join(draw.sample(words, TITLE))
            parts += [f"## {heading}", " ".join(draw.sample(sentences, SENTENCES))]
        (folder / f"{page:02}.md").write_text("\n\n".join(parts), encoding="utf-8")


def search_times(source: Path, folder: Path, questions: Sequence[str]) -> list[float]:
    """Ask the questions one after another; seconds of each, from text to passages."""
    book = folder / "book"
    book.mkdir()
    write_book(book, source)
    return asyncio.run(_times(ingested(book, folder / "data"), questions))


async def _times(settings: WebSettings, questions: Sequence[str]) -> list[float]:
    times: list[float] = []
    async with open_tutor(settings) as tutor:
        await tutor.warm()
        for question in [*questions] * REPEATS:
            begun = perf_counter()
            await tutor.retriever.ainvoke(question)
            times.append(perf_counter() - begun)
    return times
