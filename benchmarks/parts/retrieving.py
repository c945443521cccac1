"""Retrieval in books of many chunks: a question's embedding, the search, and what is read."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from time import perf_counter
from uuid import UUID

import numpy as np
from qdrant_client import models

from benchmarks.figures.rows import Goal, Row
from benchmarks.parts.bench import Bench, say
from benchmarks.peer.streams import percentile, question
from chains.embeddings.provider import open_embeddings
from chains.index.store import CHUNK_VECTOR, COLLECTION, SENTENCES_VECTOR, WORDS_VECTOR, open_store
from quart_app.settings import WebSettings
from quart_app.tutors import open_tutor

CHUNKS = 1_000, 10_000, 100_000
A_WRITE = 500
QUESTIONS = 60
MOVED = 0.05
"""How far the numbers of a copied vector are moved: copies are near their chunk, and not it."""


async def measure_retrieval(bench: Bench) -> list[Row]:
    """Milliseconds from text to passages, one question after another, with the loop idle."""
    rows: list[Row] = []
    for chunks in CHUNKS[: 1 if bench.is_quick else None]:
        say(f"retrieval in {chunks:,} chunks")
        data = bench.folder / f"chunks-{chunks}"
        if not (data / "made").exists():
            shutil.rmtree(data, ignore_errors=True)
            shutil.copytree(bench.data, data)
            await asyncio.to_thread(_multiply, data, chunks)
            (data / "made").touch()
        times = await _times(bench, data)
        of = f"retrieval in {chunks:,} chunks"
        rows += [
            bench.row(f"{of}, p50", "ms", [percentile(times, 0.5)], (), Goal("≤", 10)),
            bench.row(f"{of}, p95", "ms", [percentile(times, 0.95)], (), Goal("≤", 25)),
        ]
    return rows


async def _times(bench: Bench, data: Path) -> list[float]:
    times: list[float] = []
    settings = WebSettings.read(data=data, model="quotes")
    async with open_tutor(settings) as tutor:
        await tutor.warm()
        for number in range(bench.questions(QUESTIONS), bench.asked + 1):
            begun = perf_counter()
            await tutor.retriever.ainvoke(question(number))
            times.append(1000 * (perf_counter() - begun))
    return times


def _multiply(data: Path, chunks: int) -> None:
    """Write the chunks of the book again and again, each a little elsewhere, with the words and
    places that they have: embedding a hundred thousand would take hours."""
    settings = WebSettings.read(data=data)
    draw = np.random.default_rng(5)
    with open_store(settings, open_embeddings(settings)) as store:
        vectors = [CHUNK_VECTOR, SENTENCES_VECTOR, WORDS_VECTOR]
        found, _ = store.client.scroll(COLLECTION, limit=10_000, with_vectors=vectors)
        own = [point for point in found if isinstance(point.vector, dict) and point.payload]
        copied = [point for point in own if CHUNK_VECTOR in point.vector]  # type: ignore[operator]
        for begin in range(0, chunks - len(copied), A_WRITE):
            points = []
            for number in range(begin, min(begin + A_WRITE, chunks - len(copied))):
                point = copied[number % len(copied)]
                vector = dict(point.vector)  # type: ignore[arg-type]
                moved = np.asarray(vector[CHUNK_VECTOR]) + draw.normal(0, MOVED, 384)
                vector[CHUNK_VECTOR] = (moved / np.linalg.norm(moved)).tolist()
                id_ = str(UUID(int=(1 << 100) + number))
                points.append(models.PointStruct(id=id_, vector=vector, payload=point.payload))
            store.client.upsert(COLLECTION, points)
