"""How well sentences are judged that were taken from books, and those that were spoilt by rule.

    python -m benchmarks.evaluation.sentences [--count N] [--paraphrases FILE] [--wrong] DATA ...

DATA are the data folders of ingested books. For each of N sentences of a book, the search finds
sources as it would for a question about its section, and its own chunk is among them. Judged are
the sentence as it stands, and it with another number, with a negation put in or taken out, with
another name, and a sentence of another chapter. FILE has rows with `book` (the folder's name),
`chunk` (an id), `text` (a sentence of it) and `para` (the same in other words). Prints the shares
beside those that are asked, and the CPU time of a sentence. With --wrong, what was judged wrongly.
"""

from __future__ import annotations

import json
import random
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import process_time

import click
import numpy as np
from rich.console import Console
from rich.table import Table

from chains.answering.proof.decision import Verdict, decide
from chains.answering.proof.grounds import Grounds
from chains.embeddings.provider import open_embeddings
from chains.index.book import Chunk, Sentence
from chains.index.library import Library
from chains.index.passages import Candidate, Passage
from chains.index.records import chunk_of, list_chunks
from chains.index.search import find_candidates, read_chunks, read_sentence_vectors
from chains.index.store import open_store
from chains.settings import Settings
from quart_app.evaluation.retrieval import share

SOURCES = 6
ASKED = {"original": 0.99, "paraphrase": 0.9, "corrupted": 0.9}
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{2,}(?: [A-Z][a-z]{2,})?")
_NUMBER = re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)*(?![\w])")
_IS = re.compile(r"\b(is|are|was|were|can|will|does|do|has been|have been|could|would|must)\b")
_NOT = re.compile(r" not\b|n[’']t\b| never\b")


@dataclass(frozen=True)
class Judged:
    """A sentence, what was done to it, and how it was judged."""

    kind: str
    text: str
    origin: str
    verdict: Verdict
    is_right: bool


class Bench:
    """The sentences of one ingested book, and what its search finds."""

    def __init__(self, library: Library, seed: int = 7) -> None:
        self.library = library
        self.random = random.Random(seed)
        store = library.store
        self.chunks = {
            id_: chunk_of(payload) for id_, payload in sorted(list_chunks(store).items())
        }
        texts = [s.text for chunk in self.chunks.values() for s in chunk.sentences]
        self.names = sorted({name for text in texts for name in _NAME.findall(text)})
        self.seconds: list[float] = []

    def pick(self, count: int) -> Iterator[tuple[str, Chunk, Sentence]]:
        """Sentences of prose from different chunks."""
        ids = list(self.chunks)
        self.random.shuffle(ids)
        for id_ in ids:
            good = [s for s in self.chunks[id_].sentences if _is_good(s)]
            if good and count > 0:
                count -= 1
                yield id_, self.chunks[id_], self.random.choice(good)

    def grounds(self, id_: str) -> tuple[Grounds, list[Passage]]:
        """What the search finds for the section of a chunk, with that chunk."""
        store, chunk = self.library.store, self.chunks[id_]
        text = " ".join(chunk.section[-2:])
        vector = self.library.embeddings.embed_query(text)
        found = find_candidates(store, text, vector, {})[:SOURCES]
        if id_ not in {candidate.id for candidate in found}:
            found = [*found[: SOURCES - 1], *read_chunks(store, [id_])]
        self.random.shuffle(found)
        return self._read(found, vector)

    def _read(self, found: list[Candidate], vector: list[float]) -> tuple[Grounds, list[Passage]]:
        sentences = read_sentence_vectors(self.library.store, [c.id for c in found])
        passages = [
            Passage.of(c, self.library.latest, vector, sentences[c.id], selected=False)
            for c in found
        ]
        return Grounds(passages, self.library.latest.language), passages

    def judge(self, text: str, grounds: Grounds) -> Verdict:
        """As an answer's sentence is judged."""
        begun = process_time()
        verdict = decide(text, grounds)
        if not verdict.is_certain and self.library.embeds_sentences:
            vector = np.asarray(self.library.embeddings.embed_query(text), dtype=np.float32)
            verdict = decide(text, grounds, vector)
        self.seconds.append(process_time() - begun)
        return verdict

    def spoilt(self, text: str, chunk: Chunk, passages: list[Passage]) -> Iterator[tuple[str, str]]:
        """What was done to a sentence, and what became of it."""
        near = " ".join(passage.page_content for passage in passages)
        if found := _NUMBER.search(text):
            others = [n for n in _NUMBER.findall(near) if n not in text] or [found[0] + "7"]
            other = self.random.choice([self.random.choice(others), _another(found[0])])
            yield "number", text[: found.start()] + other + text[found.end() :]
        if _NOT.search(text):
            yield "negation out", _NOT.sub("", text, count=1)
        elif found := _IS.search(text):
            yield "negation in", text[: found.end()] + " not" + text[found.end() :]
        if found := _NAME.search(text):
            others = [n for n in _NAME.findall(near) if n not in text] or self.names
            if others := [name for name in others if name not in text]:
                other = self.random.choice(others)
                yield "name", text[: found.start()] + other + text[found.end() :]
        for other_chunk in self.random.sample(list(self.chunks.values()), 20):
            good = [s for s in other_chunk.sentences if _is_good(s)]
            if good and other_chunk.file != chunk.file:
                yield "other chapter", self.random.choice(good).text
                return


def _is_good(sentence: Sentence) -> bool:
    words = len(sentence.text.split())
    return 8 <= words <= 45 and sentence.text.endswith(".") and sentence.lead is None


def _another(number: str) -> str:
    return "".join("1" if c == "9" else str(int(c) + 1) if c.isdigit() else c for c in number)


def examine(bench: Bench, count: int, paraphrases: list[dict[str, str]]) -> Iterator[Judged]:
    """Judge sentences as they stand and spoilt, then those in other words."""
    for id_, chunk, sentence in bench.pick(count):
        grounds, passages = bench.grounds(id_)
        verdict = bench.judge(sentence.text, grounds)
        sections = [(p.chunk.file, p.chunk.section) for p in passages]
        own = [
            s
            for s in verdict.proofs_of(())
            if sections[s.source - 1] == (chunk.file, chunk.section)
        ]
        yield Judged("original", sentence.text, "", verdict, bool(own))
        for kind, text in bench.spoilt(sentence.text, chunk, passages):
            verdict = bench.judge(text, grounds)
            yield Judged(kind, text, sentence.text, verdict, not verdict.proofs)
    for row in paraphrases:
        grounds, passages = bench.grounds(row["chunk"])
        verdict = bench.judge(row["para"], grounds)
        yield Judged("paraphrase", row["para"], row["text"], verdict, bool(verdict.proofs))
        for kind, text in bench.spoilt(row["para"], bench.chunks[row["chunk"]], passages):
            verdict = bench.judge(text, grounds)
            yield Judged(f"paraphrase, {kind}", text, row["text"], verdict, not verdict.proofs)


def judge_sentences(
    data: Path, count: int, paraphrases: list[dict[str, str]]
) -> tuple[list[Judged], float]:
    """Judge sentences of an ingested book; also returns the CPU seconds of one on average."""
    settings = Settings.read(data=data)
    with open_store(settings, open_embeddings(settings)) as store:
        bench = Bench(Library(store))
        judged = list(examine(bench, count, paraphrases))
    return judged, float(np.mean(bench.seconds))


def score_sentences(data: Path, count: int, paraphrases: list[dict[str, str]]) -> dict[str, float]:
    """Shares from 0 to 1 of the sentences judged as they should be, of those marked wrongly, and
    the CPU time of one in milliseconds; without paraphrases there is no share of them."""
    judged, seconds = judge_sentences(data, count, paraphrases)
    kinds = {"original": "sentences_original", "paraphrase": "sentences_paraphrased"}
    scores: dict[str, float] = {}
    for kind in dict.fromkeys(one.kind for one in judged):
        scores |= share(kinds.get(kind, ""), (one.is_right for one in judged if one.kind == kind))
    spoilt = [one.is_right for one in judged if one.kind not in kinds]
    marked = (not one.verdict.proofs for one in judged if one.kind == "original")
    scores |= share("sentences_corrupted", spoilt) | share("sentences_marked_wrongly", marked)
    scores.pop("", None)
    return scores | {"sentence_cpu_ms": round(1000 * seconds, 1)}


@click.command()
@click.option("--count", default=100, help="Sentences of each book.")
@click.option("--paraphrases", type=click.Path(path_type=Path, exists=True))
@click.option("--wrong", is_flag=True, help="Print what was judged wrongly.")
@click.argument("data", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
def main(count: int, paraphrases: Path | None, wrong: bool, data: tuple[Path, ...]) -> None:
    """Judge, and print one table."""
    console = Console()
    lines = paraphrases.read_text(encoding="utf-8").splitlines() if paraphrases else []
    rows = [json.loads(line) for line in lines]
    table = Table("book", "kind", "sentences", "judged rightly", "asked", title="Sentences")
    for folder in data:
        own = [row for row in rows if row["book"] == folder.name]
        judged, seconds = judge_sentences(folder, count, own)
        shares: dict[str, list[bool]] = defaultdict(list)
        for one in judged:
            shares[one.kind].append(one.is_right)
            if wrong and not one.is_right:
                _show(console, one)
        spoilt = [r for k, v in shares.items() if k not in ("original", "paraphrase") for r in v]
        shares["corrupted"] = spoilt
        for kind, rights in shares.items():
            asked = f"≥ {ASKED[kind]}" if kind in ASKED else ""
            table.add_row(folder.name, kind, str(len(rights)), f"{np.mean(rights):.3f}", asked)
        table.add_row(folder.name, "CPU a sentence", "", f"{1000 * seconds:.1f} ms", "≤ 15 ms")
    console.print(table)


def _show(console: Console, judged: Judged) -> None:
    verdict = judged.verdict
    console.print(f"[{judged.kind}] {verdict.support:.2f} {verdict.against}", markup=False)
    console.print(f"    {judged.text}\n    < {judged.origin}", markup=False)
    for ground in verdict.proofs_of(()):
        console.print(f"    = {ground.text}", markup=False)


if __name__ == "__main__":
    main()
