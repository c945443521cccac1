"""MyST Markdown as Markdown: directives, roles, labels, comments, solutions."""

from __future__ import annotations

import re

import pytest

from ingestion.dialects.scientific.myst_text import myst_markdown
from ingestion.markdown.parser import parse


def made(text: str, files: dict[str, str] | None = None) -> str:
    """A page's Markdown without empty lines."""
    return re.sub(r"\n\s*\n", "\n", noted(text, files)[0]).strip()


def noted(text: str, files: dict[str, str] | None = None) -> tuple[str, list[tuple[str, str]]]:
    notes: list[tuple[str, str]] = []
    markdown = myst_markdown(
        text, (files or {}).get, lambda kind, example: notes.append((kind, example))
    )
    return markdown, notes


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("```{note}\nThin air.\n```", ":::note\nThin air.\n:::"),
        (":::{note} Drag\n:class: x\n\nThin air.\n:::", ":::note[Drag]\nThin air.\n:::"),
        ("````{admonition} Rule\n:class: tip\nDouble.\n````", ":::tip[Rule]\nDouble.\n:::"),
        ("```{tip}\n---\nclass: x\n---\nDouble.\n```", ":::tip\nDouble.\n:::"),
        ("```{prf:theorem} Kepler\n:label: k\nSo.\n```", ":::theorem[Theorem (Kepler)]\nSo.\n:::"),
        (
            "::::{note}\n:::{tip}\nIn.\n:::\n::::",
            "::::note\n:::tip\nIn.\n:::\n::::",
        ),
        ("- one\n\n  ```{note}\n  Thin.\n  ```", "- one\n  :::note\n  Thin.\n  :::"),
        ("```{code-block} python\n:caption: Start\nrun()\n```", "**Start**\n```python\nrun()\n```"),
        ("```{code-cell} ipython3\n:tags: [x]\nrun()\n```", "```ipython3\nrun()\n```"),
        ("```{math}\n:label: e\nE = m\n```", "$$\nE = m\n$$"),
        ("```{figure} a.png\n:name: f\nThe *orbit*.\n```", "The *orbit*."),
        ("```{image} a.png\n:alt: x\n```", ""),
        ("```{toctree}\na\nb\n```", ""),
        ("::::{tab-set}\n:::{tab-item} Linux\nRun.\n:::\n::::", "**Linux**\nRun."),
        ("```{exercise} Turn\n:label: e\nDo.\n```", ":::exercise[Exercise (Turn)]\nDo.\n:::"),
        ("```{solution} e\nDone.\n```", ":::solution[Solution]\nDone.\n:::"),
        (
            "```{solution-start} e\n```\n\n```python\n1\n```\n\n```{solution-end}\n```\nAfter.",
            ":::solution[Solution]\n```python\n1\n```\n:::\nAfter.",
        ),
        ("```{dropdown} Show answer\n42\n```", ":::solution[Show answer]\n42\n:::"),
        ("```python\n% kept\n```", "```python\n% kept\n```"),
        ("```\n{ref}`kept`\n```", "```\n{ref}`kept`\n```"),
        ("A.\n% gone\n+++ {\"a\": 1}\nB.", "A.\nB."),
        ("(sec-a)=\n# Orbits\n\nSee {ref}`sec-a`.", "# Orbits {#sec-a}\nSee Orbits."),
        ("{#sec_a .x}\n## Orbits", "## Orbits {#sec-a}"),
        ("\\begin{align}\na &= b\n\\end{align}", "$$\n\\begin{align}\na &= b\n\\end{align}\n$$"),
        ("A <!-- gone --> B", "A  B"),
    ],
)  # fmt: skip
def test_what_a_page_shows_of_its_blocks(text: str, markdown: str) -> None:
    assert made(text) == markdown


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("Long {cite}`Clark1945`; so.", "Long; so."),
        ("See {ref}`the turn <sec-a>`.", "See the turn."),
        ("See {doc}`guide/turns`.", "See turns."),
        ("{math}`x^2` and {kbd}`Ctrl`", "$x^2$ and Ctrl"),
        ("{py:func}`~os.path` and {code}`ls`", "`os.path` and `ls`"),
        ("{abbr}`MyST (Markedly Structured Text)`", "MyST (Markedly Structured Text)"),
        ("{unknown}`shown`", "shown"),
        ("[](#eq-a) and [text](#eq-a)", "eq-a and [text](#eq-a)"),
        ("Known [@fisher1925; @pearson], a@b.org", "Known, a@b.org"),
        ("[red]{.red} `x`{.python}", "red `x`"),
        ("`{ref}` is a role", "`{ref}` is a role"),
    ],
)
def test_what_a_page_shows_of_its_roles(text: str, markdown: str) -> None:
    assert made(text) == markdown


def test_a_directive_that_is_not_known_is_noted_and_its_text_stays() -> None:
    text, notes = noted("```{mydirective} A title of it\n:x: y\nIts text.\n```")
    assert text.split() == ["**A", "title", "of", "it**", "Its", "text."]
    assert [example for _, example in notes] == ["{mydirective}"]


def test_an_include_is_put_in_and_a_missing_one_noted() -> None:
    text, notes = noted("```{include} a.md\n```\n\n```{include} b.md\n```", {"a.md": "% no\nIn."})
    assert text.split() == ["In."]
    assert notes == [("includes not found", "b.md")]


def test_a_file_that_includes_itself_comes_to_an_end() -> None:
    assert made("```{include} a.md\n```", {"a.md": "In.\n```{include} a.md\n```"}).count("In.") < 30


def test_boxes_and_equations_are_what_the_parser_reads() -> None:
    text = "```{note}\nThin air.\n```\n\n$$\nT\n$$ (eq-t)\n\nThe period."
    types = [token.type for token in parse(made_lines(text)).tokens]
    assert types.count("container_admonition_open") == 1
    assert types.count("math_block") == 1
    assert types.count("paragraph_open") == 2


def made_lines(text: str) -> str:
    return noted(text)[0]
