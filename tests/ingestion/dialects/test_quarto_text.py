"""Quarto's Markdown: divs, code that runs, shortcodes, references, attributes."""

from __future__ import annotations

import re

import pytest

from ingestion.dialects.scientific.quarto_text import quarto_markdown


def made(
    text: str, files: dict[str, str] | None = None, known: dict[str, str] | None = None
) -> tuple[str, list[tuple[str, str]]]:
    """A page's Markdown without empty lines, and what was noted."""
    notes: list[tuple[str, str]] = []
    markdown = quarto_markdown(
        text, (files or {}).get, lambda kind, example: notes.append((kind, example)), known
    )
    return re.sub(r"\n\s*\n", "\n", markdown).strip(), notes


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ('::: {.callout-tip title="Size"}\nMore.\n:::', ":::tip[Size]\nMore.\n:::"),
        ("::: callout-note\n## Size\n\nMore.\n:::", ":::note[Size]\nMore.\n:::"),
        (
            "::: {#thm-line}\n## Line\n\nStraight.\n:::",
            ":::theorem[Line]\nStraight.\n:::",
        ),
        ("::: {#sol-a}\nSo.\n:::", ":::solution[Solution]\nSo.\n:::"),
        ("::: {.proof}\nSo.\n:::", ":::proof\nSo.\n:::"),
        ('::: {.content-visible when-format="pdf"}\nNo.\n:::', ""),
        ('::: {.content-visible when-format="html"}\nYes.\n:::', "Yes."),
        ('::: {.content-hidden unless-format="html"}\nYes.\n:::', "Yes."),
        ("::: {.content-hidden}\nNo.\n:::", ""),
        (":::: {.columns}\n::: {.column}\nA\n:::\n::: {.column}\nB\n:::\n::::", "A\nB"),
        ("::: {.panel-tabset}\n## R\n\nlm\n\n## Python\n\nols\n:::", "**R**\nlm\n**Python**\nols"),
        ("::: {#refs}\n:::", ""),
        (
            "- ::: {.callout-tip}\n  ## Size\n  More.\n  :::\n\n- B",
            "- :::tip[Size]\n  More.\n  :::\n- B",
        ),
        (
            "1. A\n\n   ::: {.callout-note}\n   In.\n   :::\n\n2. B",
            "1. A\n   :::note\n   In.\n   :::\n2. B",
        ),
        ("* ::: incremental\n  - a\n  - b\n  :::", "* - a\n  - b"),
        ('::: {.content-visible when-profile="x"}\nNo.\n:::', ""),
        ("A\n\n\\newpage\n\nB", "A\nB"),
        ("# Sampling {#sec-s .unnumbered}", "# Sampling {#sec-s}"),
        ("## More {.unnumbered}", "## More"),
        ("## More {-}", "## More"),
        ("```{r}\n#| echo: true\nlm(y)\n```", "```r\nlm(y)\n```"),
        ("```{python, echo=FALSE}\nx\n```", ""),
        ("```{r setup, include=FALSE}\nx\n```", ""),
        ('```{r}\n#| echo: false\n#| fig-cap: "A line."\nx\n```', "A line."),
        (
            "```{r}\n#| echo: false\n#| fig-cap: |\n#|   A line\n#|   of oil.\n#| x: y\nx\n```",
            "A line of oil.",
        ),
        ("```{r}\n#| fig-alt: >\n#|   Unseen\n#|   words.\n\nx #| y\n```", "```r\nx #| y\n```"),
        ('```{r}\n#| fig-cap:\n#|   - "One."\n#|   - Two.\nx\n```', "```r\nx\n```\nOne. Two."),
        ('``` {.yaml filename="a.yml"}\na: 1\n```', "```yaml\na: 1\n```"),
        ("```{{r}}\n#| echo: true\n```", "```{r}\n#| echo: true\n```"),
        ("```{=latex}\n\\hfill\n```", ""),
        ("$$\nx\n$$ {#eq-x}", "$$\nx\n$$"),
        ("| a |\n|---|\n\n: Ages {#tbl-a}", "| a |\n|---|\nAges"),
        ("![A line](a.png){#fig-a width=3}", "![A line](a.png)"),
    ],
)
def test_what_a_page_shows_of_its_blocks(text: str, markdown: str) -> None:
    assert made(text)[0] == markdown


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("# Sampling {#sec-s}\n\nSee @sec-s.", "# Sampling {#sec-s}\nSee Sampling."),
        ("See @fig-line and [@tbl-a; @tbl-b].", "See Figure line and Table a; Table b."),
        ("It holds [@fisher1925, p. 3].", "It holds."),
        ("Write to a@b.org, `@sec-s`.", "Write to a@b.org, `@sec-s`."),
        ("[small]{.sc} `x`{.r} [a](b){target=_blank}", "small `x` [a](b)"),
        ("A note^[Of *mine*.] here", "A note (Of *mine*.) here"),
        ("H~2~O is ~~not~~ x^2^", "H2O is ~~not~~ x^2"),
        ("On paper `\\x`{=latex}, here `x`", "On paper , here `x`"),
        ("As @knuth84 says [@knuth84]", "As Knuth (1984) says"),
        ("Press {{< kbd Ctrl-A >}}", "Press Ctrl-A"),
        ("It is {{< meta title >}}", "It is Samples"),
        ("Write {{{< video x >}}}", "Write {{< video x >}}"),
        ("Write `{{{< video x >}}}`", "Write `{{< video x >}}`"),
        ("```\n{{{< kbd A >}}} {{{< b >}}}\n```", "```\n{{< kbd A >}} {{< b >}}\n```"),
    ],
)
def test_what_a_page_shows_of_its_lines(text: str, markdown: str) -> None:
    known = {"meta title": "Samples", "cite knuth84": "Knuth (1984)"}
    assert made(text, known=known)[0] == markdown


def test_includes_are_put_in_and_shortcodes_that_are_left_out_are_noted() -> None:
    text = "{{< include _a.qmd >}}\n\n{{< include _b.qmd >}}\n\nA {{< embed x.mp4 >}} B"
    markdown, notes = made(text, {"_a.qmd": "::: {.note}\nIn.\n:::"})
    assert markdown == "In.\nA  B"
    assert notes == [("includes not found", "_b.qmd"), ("shortcodes left out", "{{< embed >}}")]


def test_a_file_that_includes_itself_is_put_in_once_and_noted() -> None:
    again = "{{< include a.qmd >}}\n"
    markdown, notes = made(again, {"a.qmd": f"In.\n\n{again}{again}"})
    assert markdown == "In."
    assert notes == [("includes of themselves", "a.qmd")] * 2
