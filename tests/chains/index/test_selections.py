from __future__ import annotations

from unicodedata import normalize

import pytest

from chains.index.book import Book, Chunk, File, Section
from chains.index.selections import selected_ids
from chains.question import Selection

WALKING = ("Walking", "Advantages")
RUNNING = ("Running", "Advantages")


def page(name: str, route: str) -> File:
    sections = [(WALKING, "advantages"), (RUNNING, "advantages-1")]
    return File(name, "Gait", route, tuple(Section(path, 0, a, 0, 9) for path, a in sections))


FILES = [page("index.md", ""), page("gait.md", "motion/gait"), page("über.md", "größe/über uns")]
BOOK = Book("Robots", "/robots", "/book/", "fake", 2, "v1", files={f.file: f for f in FILES})


def chunk(content: str, file: str = "gait.md", section: tuple[str, ...] = WALKING) -> Chunk:
    return Chunk(file, section, 0, 0, len(content), content, ())


def test_a_chunk_that_is_named_is_selected() -> None:
    chunks = [chunk("A gait repeats."), chunk("A step is half a stride.")]
    assert selected_ids([Selection(chunk_id=chunks[1].id)], chunks, BOOK) == {chunks[1].id}


def test_a_selection_is_found_though_the_page_shows_it_without_its_markup() -> None:
    chunks = [
        chunk("A *step* is half a stride."),
        chunk("The _zero moment point_ (`ZMP`) stays **inside** the [polygon](#polygon)."),
    ]
    for shown in ("the zero moment point (ZMP)\n stays inside the POLYGON", "zero", "point"):
        assert selected_ids([Selection(shown)], chunks, BOOK) == {chunks[1].id}


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        ("两个**键**落入同一个桶时，就发生哈希冲突。", "键落入同一个桶"),
        ("อาร์เรย์เก็บสมาชิกชนิดเดียวกันไว้", "สมาชิกชนิดเดียวกัน"),
        ("Ein Überlauf der Größe.", normalize("NFD", "Überlauf der Größe")),
        ("تخزن الذاكرة العناصر.", "تُخزّن الذَّاكِرَة"),
    ],
)
def test_a_selection_is_found_in_any_script_and_spelling(content: str, shown: str) -> None:
    chunks = [chunk("数组的元素由指针相连。 Robots tragen Felder."), chunk(content)]
    assert selected_ids([Selection(shown)], chunks, BOOK) == {chunks[1].id}


def test_a_selection_across_two_chunks_belongs_to_the_one_with_most_of_it() -> None:
    chunks = [chunk("one two three four"), chunk("five six seven eight nine ten")]
    assert selected_ids([Selection("four five six seven eight")], chunks, BOOK) == {chunks[1].id}


@pytest.mark.parametrize("text", ["", "—", "Paris is the capital of France", "step elsewhere away"])
def test_what_stands_in_no_chunk_selects_none(text: str) -> None:
    assert selected_ids([Selection(text)], [chunk("A step is half a stride.")], BOOK) == set()
    assert selected_ids([Selection(text)], [], BOOK) == set()


def test_each_selection_has_its_own_chunk() -> None:
    chunks = [chunk("A gait repeats."), chunk("A step is short."), chunk("Toes push off.")]
    selections = [Selection("toes push"), Selection("a gait repeats")]
    assert selected_ids(selections, chunks, BOOK) == {chunks[0].id, chunks[2].id}


LIKE = [
    chunk("Advantages: fast and light.", file, section)
    for file in ("index.md", "gait.md")
    for section in (WALKING, RUNNING)
]


@pytest.mark.parametrize("place", range(4))
def test_among_like_chunks_page_and_anchor_decide_which_one_was_selected(place: int) -> None:
    file = BOOK.files[LIKE[place].file]
    anchor = file.anchor(LIKE[place].section, 0)
    selection = Selection("Advantages:", page=BOOK.url(file), anchor=anchor)
    assert selected_ids([selection], LIKE, BOOK) == {LIKE[place].id}


@pytest.mark.parametrize("file", ["index.md", "gait.md"])
def test_among_like_chunks_one_on_the_page_was_selected(file: str) -> None:
    selection = Selection("Advantages:", page=BOOK.url(BOOK.files[file]))
    (selected,) = selected_ids([selection], LIKE, BOOK)
    assert selected in {one.id for one in LIKE if one.file == file}


def test_words_weigh_more_than_the_place_that_a_client_names() -> None:
    chunks = [chunk("A stride has two steps."), chunk("Toes push off.", section=RUNNING)]
    elsewhere = Selection("a stride has two steps", page="/book/motion/gait", anchor="advantages-1")
    assert selected_ids([elsewhere], chunks, BOOK) == {chunks[0].id}
