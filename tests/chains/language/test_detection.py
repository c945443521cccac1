"""Which language a book is found to be in."""

from __future__ import annotations

from pathlib import Path

import pytest

from chains.language.detection import language_of

BOOKS = sorted((Path(__file__).parents[2] / "books").iterdir())
TEXTS = {
    "arabic": "تخزن المصفوفة عناصر من النوع نفسه في مواضع متجاورة من الذاكرة.",
    "chinese": "数组把相同类型的元素存放在连续的内存中。",
    "english": "An array keeps elements of one type side by side in memory. Each is reached by its"
    " index, in the same time wherever it stands.",
    "german": "Ein Feld speichert gleichartige Elemente hintereinander im Speicher. Auf"
    " jedes Element greift man über seinen Index zu.",
    "greek": "Ο πίνακας αποθηκεύει στοιχεία.",
    "hebrew": "המערך שומר איברים בזיכרון.",
    "japanese": "配列は同じ型の要素を連続したメモリに格納します。",
    "korean": "배열은 같은 자료형의 원소를 연속된 메모리에 저장합니다.",
    "russian": "Массив хранит элементы одного типа подряд в памяти компьютера. К каждому элементу"
    " обращаются по его номеру за одно и то же время.",
    "thai": "อาร์เรย์เก็บสมาชิกชนิดเดียวกันไว้ในหน่วยความจำที่ต่อเนื่องกัน",
    "other": "მასივი ინახავს ელემენტებს მეხსიერებაში ერთმანეთის მიყოლებით. ",
}


@pytest.mark.parametrize("language", TEXTS)
def test_the_language_of_a_book_is_found(language: str) -> None:
    assert language_of([TEXTS[language]]) == language


def test_the_language_that_most_of_a_book_is_in_is_its_own() -> None:
    assert language_of([TEXTS["english"]] * 3 + [TEXTS["chinese"]]) == "english"
    assert language_of([TEXTS["chinese"] + " array, list, hash map"] * 3) == "chinese"


@pytest.mark.parametrize("texts", [[], [""], ["42"], ["ZMP"], ["x = 1\ny = x"]])
def test_what_is_too_short_to_tell_is_english(texts: list[str]) -> None:
    assert language_of(texts) == "english"


@pytest.mark.parametrize("book", BOOKS, ids=lambda book: book.name)
def test_the_language_of_each_little_book_is_found(book: Path) -> None:
    assert language_of([page.read_text(encoding="utf-8") for page in book.iterdir()]) == book.name
