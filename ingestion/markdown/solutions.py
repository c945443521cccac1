"""Solutions: which blocks and sections of a page hold what a learner is to find alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from markdown_it.tree import SyntaxTreeNode

from ingestion.markdown.admonitions import kind_and_title

NOUN = (
    r"(?:solutions?|answers?|lösung(?:en)?|antwort(?:en)?|soluci(?:ón|ones)|respuestas?|corrigés?"
    r"|réponses?|soluzion[ei]|rispost[ae]|soluç(?:ão|ões)|resolução|答案|解答|参考答案|풀이|정답)"
)
SOLUTION = re.compile(
    r"(?:\d[\w.]*\s+)?"
    r"(?:(?:sample|model|suggested|the|your|our|my|click|show|see|view|possible|exercise) )*"
    rf"(?:for |to )?(?:the )?{NOUN}(?!\w)",
    re.IGNORECASE,
)
HEADING = re.compile(
    rf"(?:\d[\w.]*\s+)?(?:answer key|{NOUN}(?:\s+\d[\w.]*|\s+(?:to|for|of|key|zu|zum|aux?|a)\b.*)?"
    rf"|.{{0,80}}\b(?:exercises?|problems?|questions?|quiz|review|test)\W+{NOUN})\W*",
    re.IGNORECASE,
)
"""A heading says so as a whole: "Solutions and mixtures" is about something else."""
EXERCISE = re.compile(
    r"\b(?:exercises?|problems?|questions?|quiz|review|practice|homework|assignments?|tasks?"
    r"|übung|aufgabe|ejercicio|exercice|esercizi|exercício|练习|習題)",
    re.IGNORECASE,
)
BARE = re.compile(r"(?:\d[\w.]*\s+)?solutions?\W*", re.IGNORECASE)
TAGS = re.compile(
    r"<(?P<end>/)?(?P<name>details|Solution|Answer)\b[^>]*>|<summary\b[^>]*>(?P<title>[^<]*)",
)


def is_solution(title: str) -> bool:
    """Whether a title of a box says that in it stands what a learner is to find alone.

    >>> [is_solution(one) for one in ("Solution to 3", "Show answer", "Answering machines")]
    [True, True, False]
    """
    return SOLUTION.match(title.strip(" *_#:")) is not None


def has_solutions(path: Sequence[str]) -> bool:
    """Whether a section by its heading path, from the page's title on, holds solutions.

    A chapter of chemistry is called "Solutions", too: below no exercise it does not count.

    >>> has_solutions(["Motors", "Answers"]), has_solutions(["Chemistry", "Solutions"])
    (True, False)
    """
    for place, heading in enumerate(path):
        if not HEADING.fullmatch(heading.strip()):
            continue
        if not BARE.fullmatch(heading) or any(EXERCISE.search(one) for one in path[:place]):
            return True
    return False


def solution_lines(tree: SyntaxTreeNode) -> list[tuple[int, int]]:
    """The lines of boxes with solutions, first and end, in the order of the page; one within
    another is part of it."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(_spans(tree.children), key=lambda span: (span[0], -span[1])):
        if not found or start >= found[-1][1]:
            found.append((start, end))
    return found


def _spans(nodes: Sequence[SyntaxTreeNode]) -> Iterator[tuple[int, int]]:
    opened: list[int | None] = []  # elements around; where the ones of a solution begin
    for node in nodes:
        if node.map is None:
            yield from _spans(node.children)
            continue
        if node.type in ("html_block", "mdx_jsx"):
            yield from _of_tags(node.content, node.map, opened)
        elif node.type == "container_admonition" and _is_box(node):
            yield node.map
        elif node.children:
            yield from _spans(node.children)


def _of_tags(
    html: str, lines: tuple[int, int], opened: list[int | None]
) -> Iterator[tuple[int, int]]:
    for tag in TAGS.finditer(html):
        if tag["title"] is not None:
            if opened and is_solution(tag["title"]):
                opened[-1] = lines[0] if opened[-1] is None else opened[-1]
        elif tag["end"]:
            start = opened.pop() if opened else None
            if start is not None:
                yield start, lines[1]
        else:
            opened.append(None if tag["name"] == "details" else lines[0])


def _is_box(node: SyntaxTreeNode) -> bool:
    pair = node.nester_tokens
    kind, title = kind_and_title(pair.opening) if pair else ("", "")
    return is_solution(kind) or is_solution(title)
