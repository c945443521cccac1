"""Books and websites of Quarto: pages, order, addresses, values."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingestion.markdown.parser import parse
from tests.support.sites import contents, prose, routes, written

BOOK = """project:
  type: book
book:
  title: "Samples"
  chapters:
    - index.qmd
    - part: "Part one"
      chapters:
        - text: Lines
          file: chapters/lines.qmd
        - means.qmd
  appendices:
    - tables.md
"""
MEANS = """---
title: Means
subtitle: All of them
---

A mean of {{< meta subtitle >}}, version {{< var version.major >}}; see @sec-line.

{{< include _shared.qmd >}}

::: {#exr-mean}
What is the mean of 2 and 4?
:::

::: {#sol-mean}
It is 3.
:::

```{r}
#| echo: false
hidden(1)
```
"""


PASSED_OVER = "pages that this format passes over by their names"


def test_a_book_has_its_chapters_in_their_order(tmp_path: Path) -> None:
    files = {
        "_quarto.yml": BOOK,
        "_variables.yml": "version:\n  major: 3\n",
        "_shared.qmd": "---\ntitle: no\n---\nShared text.\n",
        "index.qmd": "# Preface {.unnumbered}\n\nA book.\n",
        "chapters/lines.qmd": "# Lines {#sec-line}\n\nA line is straight.\n",
        "means.qmd": MEANS,
        "tables.md": "# Tables\n\nNumbers.\n",
        "notes.qmd": "Not in the book.\n",
    }
    book = written(tmp_path, files)
    assert (book.format, book.title) == ("Quarto", "Samples")
    assert routes(book) == {
        "index.qmd": "",
        "chapters/lines.qmd": "chapters/lines.html",
        "means.qmd": "means.html",
        "tables.md": "tables.html",
    }
    text = prose(book)
    assert "A mean of All of them, version 3; see Lines." in text
    assert "Shared text." in text
    assert "It is 3." in text
    assert "hidden" not in contents(book)
    assert {note.kind for note in book.notes if note.is_lost} == {PASSED_OVER}
    assert next(note for note in book.notes if note.is_lost).examples == ("notes.qmd",)


def test_documents_without_a_project_are_read(tmp_path: Path) -> None:
    book = written(tmp_path, {"chapter.qmd": "A sample stands.\n", "README.md": "Build it.\n"})
    assert routes(book) == {"chapter.qmd": "chapter.html"}


def test_a_website_follows_its_sidebars_and_what_it_renders(tmp_path: Path) -> None:
    config = """project:
  type: website
  render: ["*.qmd", "docs/", "!old/"]
website:
  title: W
  sidebar:
    - contents:
        - docs/b.qmd
        - section: A
          href: docs/a.qmd
"""
    names = ("index.qmd", "docs/a.qmd", "docs/b.qmd", "docs/c.md", "old/d.qmd", "more/e.md")
    page = "---\ntitle: T\n---\n\nText.\n"
    book = written(tmp_path, {"_quarto.yml": config} | dict.fromkeys(names, page))
    assert list(routes(book)) == ["docs/b.qmd", "docs/a.qmd", "docs/c.md", "index.qmd"]


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [
        ("Maps & *Lists* of 2 things", "maps-lists-of-2-things"),
        ("3. A. `Code_x` -- b?", "a.-code_x----b"),
        ("Größe: Übergang", "größe-übergang"),
        ("[HTML](a.html), [S5]{.x}, or RTF?", "html-s5-or-rtf"),
        ("42", "section"),
    ],
)
def test_anchors_are_those_of_pandoc(heading: str, anchor: str) -> None:
    page = parse(f"## {heading.replace('{.x}', '')}\n", slugs="pandoc")
    assert page.headings[0].anchor == anchor
