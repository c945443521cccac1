"""Lessons of the Carpentries: pages, order, addresses, boxes."""

from __future__ import annotations

from pathlib import Path

from tests.support.sites import contents, prose, routes, written

LOOPS = """---
title: Loops
---

::::::::::::: objectives

- Write a loop.

::::::::::::::::::::::::

A loop repeats commands.

::::: instructor

Wait for them here.

::::::::::::::::

:::::::  challenge

## Count wires

How many?

::::: solution

## Solution

Two.

:::::::::::::

::::::::::::::::::

```bash
::: text
```
"""
FILES = {
    "config.yaml": "carpentry: swc\ntitle: The Shell\nepisodes:\n- loops.md\n- pipes.md\n",
    "index.md": "---\nsite: x\n---\n\nA shell starts programs.\n",
    "README.md": "# Read me\n",
    "episodes/pipes.md": "---\ntitle: Pipes\n---\n\n## Flow {#flow}\n\nA pipe carries.\n",
    "episodes/loops.md": LOOPS,
    "episodes/old.md": "Not listed.\n",
    "learners/setup.md": "---\ntitle: Setup\n---\n\nUnpack the data.\n",
    "learners/words.md": "---\ntitle: Words\n---\n\nA word.\n",
    "instructors/notes.md": "Only for teachers.\n",
}


def test_a_lesson_is_read_as_its_configuration_lists_it(tmp_path: Path) -> None:
    book = written(tmp_path, FILES)
    assert (book.format, book.title) == ("Carpentries Workbench", "The Shell")
    assert routes(book) == {
        "index.md": "",
        "episodes/loops.md": "loops.html",
        "episodes/pipes.md": "pipes.html",
        "learners/words.md": "words.html",
    }
    assert "Unpack the data." in prose(book)
    assert "teachers" not in contents(book)


def test_boxes_of_a_lesson_are_exercises_and_solutions(tmp_path: Path) -> None:
    book = written(tmp_path, FILES)
    chunks = [one for page in book.files for one in page.chunks]
    solutions = [one.content for one in chunks if one.kind == "solution"]
    assert solutions == [":::solution[Solution]\n\nTwo."]
    assert "::::exercise[Count wires]\n\nHow many?" in contents(book)
    assert ":::note[Objectives]" in contents(book)
    assert "::: text" in contents(book)
    assert "Wait for them" not in contents(book)
