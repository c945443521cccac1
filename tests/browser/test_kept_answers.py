"""Each citation of each answer in docs/samples.md leads to the sentence that proves it."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from playwright.async_api import Page, expect

from chains.answering.brackets import Bracket
from chains.answering.proof.grounds import Ground, Grounds, plain
from chains.answering.prose import Prose
from chains.embeddings.provider import open_embeddings
from chains.events import FinishedSentence, Source, Sources
from chains.index.book import Book, Chunk
from chains.index.library import Library
from chains.index.passages import Passage
from chains.index.scope import Scope
from chains.index.store import open_store
from ingestion.folder.book_folder import read_book_folder
from ingestion.indexer import ingest
from quart_app.settings import WebSettings
from tests.browser.browsing import MARKED, Tutor, browser_page
from tests.conftest import EXAMPLE_BOOK, settings_of
from tests.support.kept_answers import KeptAnswer, kept_answers, replayed
from tests.support.proving import proving
from tests.support.scripted_tutor import BASIS, FINISH, SOURCE

BOOKS = {
    "Humanoid Robots": "",
    "The Rust Programming Language": "rust",
    "Material for MkDocs": "mkdocs-material",
    "Jupyter Book": "myst-jupyter-book",
}
"""Those of the page, and their folders among the real books; the first is our example."""
ANY = [replace(SOURCE, index=number) for number in range(1, 10)]
FORMULA = re.compile(r"\$[^$]*\$")
"""What a page shows in other letters: “μ” for “\\mu”."""


class Sections:
    """The sections of a book, by the sentences that stand in them."""

    def __init__(self, folder: Path) -> None:
        files = read_book_folder(folder).files
        self.files = {file.file.file for file in files}
        self._chunks = [chunk for file in files for chunk in file.chunks]
        book = SimpleNamespace(scope=Scope())
        passages = [SimpleNamespace(chunk=chunk, book=book, sentences=()) for chunk in self._chunks]
        grounds = Grounds(cast("Sequence[Passage]", passages), "english")
        self._grounds: dict[str, list[Ground]] = {}
        for text, found in grounds.whole.items():
            self._grounds.setdefault(_letters(text), []).extend(found)

    def proving(self, answer: KeptAnswer) -> tuple[KeptAnswer, dict[int, Chunk]]:
        """The answer with proofs as the book has them; for each source, where most of its own
        stand."""
        proofs: dict[int, tuple[tuple[int, str], ...]] = {}
        places: dict[int, Counter[int]] = {}
        for number, sentence in enumerate(_finished(answer, ANY), 1):
            for proof in sentence.proofs:
                grounds = self._grounds.get(_letters(plain(proof.sentence)), [])
                assert grounds, f"{answer.number}: {proof.sentence}"
                own = (proof.source, grounds[0].text)
                proofs[number] = (*proofs.get(number, ()), own)
                found = places.setdefault(proof.source, Counter())
                found.update({ground.source - 1 for ground in grounds})
        chunks = {n: self._chunks[found.most_common(1)[0][0]] for n, found in places.items()}
        return replace(answer, proofs=proofs), chunks


def _finished(answer: KeptAnswer, sources: Sequence[Source]) -> list[FinishedSentence]:
    return [one for delta in replayed(answer, sources) for one in delta.sentences]


def _sources(chunks: dict[int, Chunk], book: Book) -> list[Source]:
    """Cards of all sources; one that proves nothing is as the first that does."""
    return [
        _card(number.index, chunks.get(number.index) or next(iter(chunks.values())), book)
        for number in ANY
    ]


def _card(index: int, chunk: Chunk, book: Book) -> Source:
    file = book.files[chunk.file]
    return Source(
        index,
        f"chunk_{index:032x}",
        chunk.file,
        file.title,
        " > ".join(chunk.section),
        chunk.section[-1],
        book.url(file, file.anchor(chunk.section, chunk.occurrence)),
        chunk.sentences[0].text,
    )


def _expected(answer: KeptAnswer, sources: Sequence[Source]) -> Iterator[tuple[int, str]]:
    """For each citation in the text, its number and the sentence that is to be marked."""
    finished, at = _finished(answer, sources), 0
    for piece in Prose().feed(answer.text, is_last=True):
        written = piece.text if isinstance(piece, Bracket) else piece
        if isinstance(piece, Bracket):
            number = int(piece.numbers)
            before = [one.proofs for one in finished if one.start < at][-1:]
            proofs = (one.sentence for own in before for one in own if one.source == number)
            yield number, next(proofs, sources[number - 1].quote)
        at += len(written)


def _ingested(folder: Path, files: Collection[str], left_out: Collection[str], at: Path) -> Path:
    """A data folder with these pages of a book; it takes long to embed all of them."""
    others = {Path(file).name for file in left_out} - {Path(file).name for file in files}
    shutil.copytree(folder, at / folder.name, ignore=lambda _, names: others.intersection(names))
    ingest(at / folder.name, settings_of(at / "data"))
    return at / "data"


async def _marks(page: Page, sentence: str) -> None:
    """Wait until this sentence is marked, and nothing else but the number of a footnote in it."""
    written = ".*".join(map(_letters, FORMULA.split(sentence)))
    letters, marked = re.compile(rf"{written}\d?"), ""
    for _ in range(600):
        marked = _letters(await page.evaluate(MARKED))
        if marked and letters.fullmatch(marked):
            return
        await page.wait_for_timeout(50)
    raise AssertionError(f"marked: {marked!r} for {sentence!r}")


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


@pytest.mark.parametrize("title", BOOKS)
async def test_each_citation_of_each_kept_answer_leads_to_the_sentence_that_proves_it(
    title: str, example: WebSettings, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    name = BOOKS[title]
    folder = request.getfixturevalue("books") / name if name else EXAMPLE_BOOK
    if not folder.is_dir():
        pytest.skip(f"there is no folder {folder}")
    sections = Sections(folder)
    answers = [sections.proving(answer) for answer in kept_answers(title)]
    files = {chunk.file for _, chunks in answers for chunk in chunks.values()}
    settings = settings_of(_ingested(folder, files, sections.files, tmp_path)) if name else example
    with open_store(settings, open_embeddings(settings)) as store:
        book = Library(store).latest
    clicks = 0
    settings = settings.model_copy(update={"limit_questions": ()})
    async with proving(settings) as (url, scripted), browser_page() as page:
        tutor = Tutor(page)
        await page.goto(url)
        for answer, chunks in answers:
            if not chunks:
                continue  # no sentence of it has a proof
            sources = _sources(chunks, book)
            expected = list(_expected(answer, sources))
            scripted.say(Sources(tuple(sources), BASIS), *replayed(answer, sources), FINISH)
            await tutor.ask(f"What about {answer.number}?")
            await tutor.finished()
            buttons = tutor.answer.get_by_role("button", name="Source")
            await expect(buttons).to_have_text([str(number) for number, _ in expected])
            for at, (number, sentence) in enumerate(expected):
                await buttons.nth(at).click()
                await page.wait_for_url(f"**{sources[number - 1].url}")
                await _marks(page, sentence)
                clicks += 1
        # The real books are without their pictures.
        assert [said for said in tutor.complaints if not (name and "404" in said)] == []
    assert clicks
