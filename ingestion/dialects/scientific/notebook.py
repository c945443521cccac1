"""Notebooks of Jupyter: their Markdown and code cells as one text, without outputs.

https://nbformat.readthedocs.io/en/latest/format_description.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import orjson

from chains.bad_values import malformed
from ingestion.dialects.boxes import box, code_block

ATTACHMENT = re.compile(r"!\[[^\[\]\n]*\]\((?:attachment:|data:)[^()\s]*\)")
DATA = re.compile(r"\(data:[^()\s]{200,}\)|([\"'])data:[^\"'\s]{200,}\1")
MAGIC = re.compile(r"%%(?:html|javascript|js|css|svg)\b")
LEFT_OUT = {"remove-cell", "remove_cell", "remove-input", "remove_input", "hide_code", "skip"}
SOLUTION = {"solution", "solutions", "answer", "answers", "teacher", "instructor"}
BEGIN_SOLUTION = re.compile(r"#+ *(?:BEGIN|END) (?:SOLUTION|HIDDEN TESTS)")


class BadNotebook(ValueError):
    """A notebook that cannot be read; the message is why, and the fix."""


def notebook_markdown(text: str) -> str:
    """The cells of a notebook as Markdown, with its front matter in front, if it has any.

    Code that runs as a solution, marked by a tag or by nbgrader, is in a box of that kind. Raises
    BadNotebook.
    """
    try:
        notebook = orjson.loads(text)
    except (orjson.JSONDecodeError, RecursionError) as error:
        line, _ = malformed(error)
        raise BadNotebook(f"is no notebook: it is not JSON (line {line}); save it again") from error
    if not isinstance(notebook, dict):
        raise BadNotebook("is no notebook: it holds no cells; save it again")
    cells = notebook.get("cells")
    if cells is None:  # before version 4
        sheets = [one for one in _list(notebook.get("worksheets")) if isinstance(one, dict)]
        cells = [cell for sheet in sheets for cell in _list(sheet.get("cells"))]
    language = _language(notebook.get("metadata"))
    blocks = [_cell(cell, language) for cell in _list(cells) if isinstance(cell, dict)]
    shown = [block for block in blocks if block.strip()]
    front = shown and shown[0].startswith("---\n")
    return "\n\n".join(shown) + "\n" if shown and not front else "\n\n".join(shown)


def _cell(cell: dict[str, Any], language: str) -> str:
    source = _text(cell.get("source", cell.get("input"))).strip("\n")
    given = cell.get("metadata")
    metadata: dict[str, Any] = given if isinstance(given, dict) else {}
    tags = {str(tag).lower() for tag in _list(metadata.get("tags"))}
    kind = cell.get("cell_type")
    if tags & {"remove-cell", "remove_cell"} or (kind == "code" and tags & LEFT_OUT):
        return ""
    if kind == "markdown":
        lines = list(_markdown(source))
    elif kind == "heading":
        level = cell.get("level")
        lines = [f"{'#' * (level if isinstance(level, int) and 0 < level < 7 else 1)} {source}"]
    elif kind == "code" and source.strip() and not MAGIC.match(source):
        lines = list(code_block(source.split("\n"), language))
    elif kind == "raw" and source.startswith("---\n"):
        return source + "\n"  # Quarto keeps front matter in a cell of its own
    else:
        return ""
    return "\n".join(
        box("solution", "Solution", lines) if _solves(metadata, tags, source) else lines
    )


def _solves(metadata: dict[str, Any], tags: set[str], source: str) -> bool:
    graded = metadata.get("nbgrader")
    is_graded = isinstance(graded, dict) and graded.get("solution") is True
    return is_graded or bool(tags & SOLUTION) or BEGIN_SOLUTION.search(source) is not None


def _markdown(source: str) -> Iterator[str]:
    shown = ATTACHMENT.sub("", source)
    yield from DATA.sub("()", shown).split("\n")


def _language(metadata: object) -> str:
    if isinstance(metadata, dict):
        for key, name in (("language_info", "name"), ("kernelspec", "language")):
            part = metadata.get(key)
            if isinstance(part, dict) and isinstance(part.get(name), str):
                return str(part[name]).lower().split(" ")[0][:40]
    return ""


def _text(source: object) -> str:
    if isinstance(source, str):
        return source
    return "".join(line for line in _list(source) if isinstance(line, str))


def _list(value: object) -> Sequence[Any]:
    return value if isinstance(value, list) else ()
