"""What a page still shows of the marks of some make is counted, and what is none is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingestion.folder.book_folder import read_book_folder
from ingestion.folder.kept_pages import KeptPages
from tests.support.sites import written


def noted(root: Path, text: str, name: str = "page.md") -> dict[str, tuple[int, bool]]:
    """The count of each kind of what was not understood, and whether it is lost."""
    book = written(root, {name: f"# Page\n\nIt begins.\n\n{text}\n"})
    return {note.kind: (note.count, note.is_lost) for note in book.notes}


@pytest.mark.parametrize(
    "text",
    [
        "{{< youtube abc >}}",
        "See {% link a.md %} for more.",
        "The site is {{ site.url }}.",
        "{{#include ../listing.rs}}",
        ".. note:: An old one.",
        "<<< ./pump.js",
        '--8<-- "part.md"',
        "::: {.callout-note}\nMind it.",
        "A role as {ref}`the-label` is.",
        "(the-label)=",
        '!!! "A title alone"',
    ],
)
def test_a_directive_that_nothing_reads_is_counted(tmp_path: Path, text: str) -> None:
    assert noted(tmp_path, text) == {"directives left as text": (1, True)}


def test_code_that_is_a_directive_is_counted_and_code_that_runs_is_not(tmp_path: Path) -> None:
    text = "```{margin-of-mine}\nText.\n```\n\n```{python}\nx = 1\n```"
    (tmp_path / "book.toml").write_text("[book]\n")
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "SUMMARY.md").write_text("- [Page](page.md)\n")
    found = noted(tmp_path, text, "src/page.md")
    assert found == {"directives left as text": (1, True)}


@pytest.mark.parametrize(
    "text",
    [
        "Write `{{< youtube >}}` or `{% link %}`, with `:::` around.",
        "```\n!!! note\n{% if %}\n## No heading\n```",
        "It was great!!! Really???\n\n1 === 1, and / is a slash.",
        "It is #1 of #many, and C## is no language.",
        ":::tip[Title]\nRead.\n:::",
    ],
)
def test_what_is_only_written_about_is_not_counted(tmp_path: Path, text: str) -> None:
    assert noted(tmp_path, text) == {}


def test_headings_in_html_and_without_a_blank_are_counted_as_lost(tmp_path: Path) -> None:
    text = '<div>\n<h2 class="big">Pumps</h2>\n## Valves\n</div>\n\n##Gauges'
    assert noted(tmp_path, text) == {"headings lost": (3, True)}


def test_headings_that_begin_no_section_are_counted_and_their_text_is_not_lost(
    tmp_path: Path,
) -> None:
    kind = "headings in boxes, lists and quotes, where no section begins"
    assert noted(tmp_path, "> ## Pumps\n> They turn.\n\n- # Valves\n") == {kind: (2, False)}


def test_a_page_that_was_kept_is_counted_again(tmp_path: Path) -> None:
    root, data = tmp_path / "book", tmp_path / "data"
    data.mkdir()
    notes = written(root, {"a.md": "# A\n\n{{< tube >}}\n"}).notes
    for _ in range(2):
        kept = KeptPages(data)
        assert read_book_folder(root, kept=kept).notes == notes
        kept.write()
