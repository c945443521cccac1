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


def no_file(_path: str) -> None:
    return None


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("```{note}\nThin air.\n```", ":::note\nThin air.\n:::"),
        (":::{note} Drag\n:class: x\n\nThin air.\n:::", ":::note[Drag]\nThin air.\n:::"),
        ("````{admonition} Rule\n:class: tip\nDouble.\n````", ":::tip[Rule]\nDouble.\n:::"),
        ("```{admonition} Rule\n:class: tip, dropdown\nBe.\n```", ":::tip[Rule]\nBe.\n:::"),
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
        (":::{iframe} https://a.example/x\n:width: 100%\nHow it *turns*.\n:::", "How it *turns*."),
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
        (
            "```{glossary}\nPeriod\nCycle\n  How long.\n\nChord\n: How wide.\n```",
            "**Period**, **Cycle**: How long.\n**Chord**: How wide.",
        ),
        (
            '```{csv-table} Sizes\n:header: "a", "b, c"\n1, 2\n```',
            "**Sizes**\n| a | b, c |\n| --- | --- |\n| 1 | 2 |",
        ),
        ("````{card} Up\nHead\n^^^\nBody\n+++\nFoot\n````", "**Up**\nHead\nBody\nFoot"),
        ("```{panels}\nOne\n---\nTwo\n```", "One\nTwo"),
        ("```{only} latex\nOn paper.\n```\n```{only} html\nHere.\n```", "Here."),
        ("```{code-cell} python\n:tags: [remove-cell]\nrun()\n```", ""),
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


def test_a_value_that_is_glued_in_is_noted() -> None:
    markdown, notes = noted("We count {glue:text}`n` valves.")
    assert markdown == "We count valves."
    assert notes == [("values that only a program knows", "{glue:text}`n`")]


def test_an_include_is_put_in_and_a_missing_one_noted() -> None:
    text, notes = noted("```{include} a.md\n```\n\n```{include} b.md\n```", {"a.md": "% no\nIn."})
    assert text.split() == ["In."]
    assert notes == [("includes not found", "b.md")]


def test_a_file_that_includes_itself_is_put_in_once_and_noted() -> None:
    again = "```{include} a.md\n```\n"
    text, notes = noted(again, {"a.md": f"In.\n{again}{again}"})
    assert text.split() == ["In."]
    assert notes == [("includes of themselves", "a.md")] * 2


def test_the_part_of_a_file_that_a_directive_names_is_put_in() -> None:
    files = {
        "a.py": "one\ntwo\nthree\nfour\n",
        "b.md": "Before.\n<!-- s -->\nIn.\n<!-- e -->\nAfter.",
    }
    code = "```{literalinclude} a.py\n:language: python\n:lines: 2-3\n```"
    assert made(code, files) == "```python\ntwo\nthree\n```"
    part = "```{include} b.md\n:start-after: <!-- s -->\n:end-before: <!-- e -->\n```"
    assert made(part, files) == "In."


def test_works_that_a_sentence_names_are_named_and_others_are_left_out() -> None:
    known = {"cite airy1845": "Airy (1845)"}
    text = "As {cite:t}`airy1845` and @airy1845 say {cite}`airy1845`, of {cite:year}`airy1845`."
    shown = myst_markdown(f"{text} [@airy1845]", no_file, lambda _kind, _example: None, known)
    assert shown == "As Airy (1845) and Airy (1845) say, of 1845."


def test_substitutions_are_put_in_outside_of_code() -> None:
    notes: list[str] = []
    shown = myst_markdown(
        "# {{ course }}\n\n```{note}\nOf {{ course | upper }}, `{{ course }}` and {{ no }}.\n```",
        no_file,
        lambda _kind, example: notes.append(example),
        values={"course": "Waves"},
    )
    assert shown.startswith("# Waves\n")
    assert "Of Waves, `{{ course }}` and {{ no }}." in shown
    assert notes == ["{{ no }}"]


def test_boxes_and_equations_are_what_the_parser_reads() -> None:
    text = "```{note}\nThin air.\n```\n\n$$\nT\n$$ (eq-t)\n\nThe period."
    types = [token.type for token in parse(made_lines(text)).tokens]
    assert types.count("container_admonition_open") == 1
    assert types.count("math_block") == 1
    assert types.count("paragraph_open") == 2


def made_lines(text: str) -> str:
    return noted(text)[0]
