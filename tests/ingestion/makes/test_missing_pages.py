"""A page that a table of contents names and that is not there is counted and named."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingestion.folder.book_folder import read_book_folder

PAGE = "# Gears\n\nA gear turns a wheel.\n"
TREE = "# Book\n\n```{toctree}\none\ngone\nother\nsearch\nhttps://robots.example/\nNews <https://n.example/>\n```\n"
BOOKS = {
    "quarto": {
        "_quarto.yml": "project: {type: book}\nbook:\n  chapters: [index.qmd, gone.qmd]\n"
        "  appendices:\n    - part: More\n      chapters: [one.qmd, lost.qmd]\n",
        "index.qmd": PAGE,
        "one.qmd": PAGE,
    },
    "jupyter-book": {
        "_toc.yml": "root: one\nparts:\n  - chapters: [{file: gone}, {file: parts/lost}]\n"
        "  - chapters: [{file: other}, {glob: no/*}]\n",
        "one.md": PAGE,
        "other.rst": "Of another make\n",
    },
    "mystmd": {
        "myst.yml": "project:\n  toc: [{file: one.md}, {file: gone.md}, {children: "
        "[{file: lost.md}, {url: 'https://robots.example/'}]}]\n",
        "one.md": PAGE,
    },
    "sphinx": {
        "conf.py": "project = 'Gears'\n",
        "index.md": TREE,
        "one.md": f"{PAGE}\n```{{toctree}}\nlost\n```\n",
        "other.rst": "Of another make\n",
    },
    "mdbook": {
        "book.toml": "[book]\n",
        "src/SUMMARY.md": "# Summary\n\n- [One](one.md)\n- [Gone](gone.md)\n- [Lost](lost.md)\n",
        "src/one.md": PAGE,
    },
    "docusaurus": {
        "docusaurus.config.js": "",
        "sidebars.js": "module.exports = {book: ['one', 'two', 'hidden', 'gone', "
        "{type: 'doc', id: 'more/lost'}, {Other: [other]}, `x/${y}`]};\n",
        "docs/one.md": PAGE,
        "docs/01-other.md": f"---\nid: two\n---\n\n{PAGE}",
        "docs/hidden.md": f"---\ndraft: true\n---\n\n{PAGE}",
    },
    "mkdocs": {
        "mkdocs.yml": "site_name: Gears\nnav: [one.md, gone.md, {More: [lost.md]}]\n",
        "docs/one.md": PAGE,
    },
}


@pytest.mark.parametrize("make", BOOKS)
def test_pages_that_are_listed_and_not_there_are_named(make: str, tmp_path: Path) -> None:
    for file, text in BOOKS[make].items():
        path = tmp_path / file
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    folder = read_book_folder(tmp_path)
    [note] = [one for one in folder.notes if one.kind.endswith("that are not there")]
    assert (note.count, note.is_lost) == (2, True)
    shown = " ".join(note.examples)
    assert "gone" in shown
    assert "lost" in shown
