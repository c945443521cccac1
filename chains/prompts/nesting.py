"""How deep a template may nest, so that Jinja2 and Python can read it from any place.

Jinja2 calls itself for what is within something else, and Python compiles no more than 20 loops
within each other. Both raise errors without a line of the template.
"""

from __future__ import annotations

from collections.abc import Iterable

from jinja2 import TemplateSyntaxError, nodes

MOST_BLOCKS = 10
"""Of “if” and “for” within each other, those of a part within those around it."""
MOST_BRACKETS = 20
"""Within each other."""
MOST_WORDS = 200
"""Names, texts, numbers and signs of one tag."""
FIX = (
    f"use at most {MOST_BLOCKS} “if” and “for” within each other, {MOST_BRACKETS} brackets within "
    f"each other, and {MOST_WORDS} words and signs in one tag"
)
_BLOCKS = ("if", "for")
_OPENING, _CLOSING = ("(", "[", "{"), (")", "]", "}")
_ENDS = ("endif", "endfor")


class NestedTooDeeply(TemplateSyntaxError):
    """A template whose blocks, brackets or tags go beyond the bounds."""

    def __init__(self, what: str, line: int) -> None:
        super().__init__(f"{what} nested too deeply", line)


def check_tokens(tokens: Iterable[tuple[int, str, str]]) -> None:
    """Raise NestedTooDeeply for tokens, as the lexer of Jinja2 gives them with their lines."""
    blocks = brackets = words = 0
    opens = False
    for line, kind, value in tokens:
        if kind in ("block_begin", "variable_begin"):
            brackets = words = 0
            opens = kind == "block_begin"
        elif kind in ("name", "operator", "string", "integer", "float"):
            if opens and kind == "name":
                blocks += (value in _BLOCKS) - (value in _ENDS)
            opens = False
            words += 1
            brackets += (value in _OPENING) - (value in _CLOSING)
        if blocks > MOST_BLOCKS:
            raise NestedTooDeeply("“if” and “for” are", line)
        if brackets > MOST_BRACKETS:
            raise NestedTooDeeply("the brackets are", line)
        if words > MOST_WORDS:
            raise NestedTooDeeply("a tag is too long, or its words are", line)


def check_blocks(node: nodes.Node, depth: int = 0) -> None:
    """Raise NestedTooDeeply for a tree whose parts were put in place."""
    if depth > MOST_BLOCKS:
        raise NestedTooDeeply("“if” and “for” are", node.lineno)
    for child in node.iter_child_nodes(only=("body", "elif_", "else_")):
        check_blocks(child, depth + isinstance(child, (nodes.If, nodes.For)))
