"""Answers as they come, for people to judge: asked by a fixed rule, read blind, kept in a page.

    python -m benchmarks.evaluation.samples ask BOOK DATA SET.jsonl --count 14 >> samples.jsonl
    python -m benchmarks.evaluation.samples blind samples.jsonl
    python -m benchmarks.evaluation.samples page samples.jsonl judged.jsonl > docs/samples.md

`ask` puts COUNT of the book's own questions, at equal distances through the set, to the model of
SCHOLIAST_MODEL. `blind` prints all answers in random order, without what
made them, each with the sentences that prove it. `page` writes them out with the judgements: rows
of `number`, as `blind` gave it, and 0 or 1 for each point of the rubric in docs/evaluation.md.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click
import msgspec

from chains.events import FinishedSentence
from quart_app.evaluation.outcomes import Outcome, observe
from quart_app.evaluation.rows import Row, read_rows
from quart_app.settings import WebSettings
from quart_app.tutors import open_tutor

RUBRIC = "right", "complete", "readable", "cited"
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


class Sample(msgspec.Struct, frozen=True):
    """An answer as it came: of which `book`, by what `maker`, with its sentences and proofs.

    `sections` are those of the sources, by their numbers from 1. Without an answer, `text` is what
    the reader was shown instead.
    """

    book: str
    id: str
    question: str
    maker: str
    text: str
    sentences: tuple[FinishedSentence, ...]
    sections: tuple[str, ...]
    expected: tuple[str, ...] = ()

    @classmethod
    def of(cls, book: str, row: Row, outcome: Outcome, maker: str) -> Sample:
        """What came of a row."""
        return cls(
            book=book,
            id=row.id,
            question=" / ".join([*(turn.question for turn in row.history), row.query]),
            maker=maker,
            text=outcome.text or f"(No answer: {outcome.error or 'the gate refused the question'})",
            sentences=outcome.sentences,
            sections=tuple(source.place.section for source in outcome.sources),
            expected=row.expected,
        )


def chosen(rows: Sequence[Row], count: int) -> list[Row]:
    """So many of the own questions that say what is expected or are about a page, at equal
    distances; where none is, of all own questions."""
    own = [row for row in rows if row.group == "own"]
    own = [row for row in own if row.expected or row.page] or own
    step = max(1, len(own) // count)
    return own[step // 2 :: step][:count]


@click.group()
def main() -> None:
    """Ask, judge blind, and keep answers."""


@main.command()
@click.argument("book")
@click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("file", metavar="SET.jsonl", type=_FILE)
@click.option("--count", default=10)
@click.option("--every-other", is_flag=True, help="Ask only every second of them.")
def ask(book: str, data: Path, file: Path, count: int, every_other: bool) -> None:
    """Print an answer a line."""
    rows = chosen(read_rows(file), count)
    for sample in asyncio.run(_asked(book, data, rows[:: 2 if every_other else 1])):
        sys.stdout.buffer.write(msgspec.json.encode(sample) + b"\n")


async def _asked(book: str, data: Path, rows: Sequence[Row]) -> list[Sample]:
    settings = WebSettings.read(data=data)
    async with open_tutor(settings) as tutor:
        maker = tutor.model.name
        return [Sample.of(book, row, await observe(tutor, row), maker) for row in rows]


@main.command()
@click.argument("file", type=_FILE)
def blind(file: Path) -> None:
    """Print the answers in random order, without what made them."""
    for number, sample in _shuffled(file):
        print(f"## {number} ({sample.book})\n\n{sample.question}\n")
        print(f"Expected: {' · '.join(sample.expected) or 'not said'}\n")
        print(f"{_shown(sample)}\n")


@main.command()
@click.argument("file", type=_FILE)
@click.argument("judged", type=_FILE)
def page(file: Path, judged: Path) -> None:
    """Print the page of all answers with their judgements."""
    lines = judged.read_text(encoding="utf-8").splitlines()
    points: dict[int, dict[str, Any]] = {row["number"]: row for row in map(json.loads, lines)}
    samples = sorted(_shuffled(file), key=lambda one: (one[1].maker, one[1].book))
    print("| made by | book | answers | " + " | ".join(RUBRIC) + " | all four |")
    print("|---" * (len(RUBRIC) + 4) + "|")
    for row in _table(samples, points):
        print(row)
    for number, sample in samples:
        own = points[number]
        given = ", ".join(f"{name} {own[name]}" for name in RUBRIC)
        print(f"\n### {number}. {sample.book}: {sample.id}\n\n{_quoted(sample.question)}\n")
        print(f"*{sample.maker}: {given}.{' ' + own['note'] if own.get('note') else ''}*\n")
        print(_shown(sample))


def _table(
    samples: Sequence[tuple[int, Sample]], points: dict[int, dict[str, Any]]
) -> Iterator[str]:
    groups: dict[tuple[str, str], list[int]] = {}
    for number, sample in samples:
        for book in (sample.book, "all books"):
            groups.setdefault((sample.maker, book), []).append(number)
    for (maker, book), numbers in sorted(groups.items(), key=lambda one: (one[0][0], len(one[1]))):
        held = [[points[number][name] for name in RUBRIC] for number in numbers]
        sums = [str(sum(column)) for column in zip(*held, strict=True)]
        cells = [maker, book, str(len(held)), *sums, str(sum(all(row) for row in held))]
        yield f"| {' | '.join(cells)} |"


def _shuffled(file: Path, seed: int = 11) -> list[tuple[int, Sample]]:
    lines = file.read_bytes().splitlines()
    samples = [msgspec.json.decode(line, type=Sample) for line in lines]
    random.Random(seed).shuffle(samples)
    return list(enumerate(samples, 1))


def _shown(sample: Sample) -> str:
    """The answer, and below it the sentence of the book for each of its sentences."""
    lines: list[str] = []
    for at, sentence in enumerate(sample.sentences, 1):
        text = sample.text[sentence.start : sentence.end].replace("`", "")
        if any(proof.sentence.replace("`", "") == text for proof in sentence.proofs):
            continue
        proofs = [
            f"[{proof.source}] {sample.sections[proof.source - 1]}: “{proof.sentence}”"
            for proof in sentence.proofs
        ]
        lines.append(f"{at}. {'; '.join(proofs) or 'not in the book'}")
    if len(lines) < len(sample.sentences):
        one = "Each sentence" if not lines else "Each other sentence"
        lines.append(f"\n{one} stands word for word in the source that it cites.")
    return _quoted(sample.text) + "\n\n" + "\n".join(lines).lstrip()


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines())


if __name__ == "__main__":
    main()
