"""Texts of answers, and the numbers in them that are citations: for the server, which lets them
through, and for the widget, which makes buttons of them, alike."""

from __future__ import annotations

CITATION_PLACES: dict[str, list[int]] = {
    "It falls. [1]": [1],
    "It falls [1].": [1],
    "It falls.[1] It stands.": [1],
    "It falls. [1][3] It stands. [2]": [1, 3, 2],
    "“It falls.”[1] (It stands.) [2]": [1, 2],
    "**It falls.** [1] `falls()`[2]": [1, 2],
    "- It falls. [1]\n- It stands. [2]": [1, 2],
    "| It falls [1] | It stands. [2] |\n|---|---|\n| It runs. [3] | |": [1, 2, 3],
    "> It falls. [1]\n\n## It stands [2]": [1, 2],
    "歩く[1]。": [1],
    # An index belongs to the name, the call or the bracket before it.
    "Take xs[1] or xs[1][2].": [],
    "Take x_1[1], naïve[1], длина[1] and 20[1].": [],
    "Take step(x)[1] or {a}[1] or [a][1].": [],
    "Take step(x) [1].": [1],
    # Links are not citations, and no link looks like one.
    "See [1](https://example.org/) here.": [],
    "See [1](below) here.": [],
    "[1]: https://example.org/ and [1]: here.\n  [2]: there.": [1],
    "See https://example.org/x[1] and https://example.org/x [2].": [2],
    "See [the book](https://example.org/a) [1].": [1],
    # Nor is a number with words, or none at all.
    "Take [a1], [1a], [-1] and [].": [],
    # Code
    "Take `xs [1]` and ``a ` [1]`` here. [2]": [2],
    "```py\nxs = [1]\n```\n\nIt falls. [2]": [2],
    "```\nxs = [1]": [],
    "It falls:\n\n    xs = [1]\n\nIt stands. [2]": [2],
    # Formulas
    "In $x [1]$ and \\(x [1]\\) it falls. [2]": [2],
    "$$\nx [1]\n$$\n\nIt falls. [2]": [2],
    "\\[\nx [1]\n\\]\n\nIt falls. [2]": [2],
    # Money is no formula.
    "It costs $5. [1] Then it costs $10 million. [2]": [1, 2],
}
