"""The colours of code: which words of it are keywords, strings, numbers, names or comments."""

from __future__ import annotations

import html

from pygments.lexers import get_lexer_by_name
from pygments.token import (
    Comment,
    Keyword,
    Name,
    Number,
    Operator,
    String,
    _TokenType,
    is_token_subtype,
)
from pygments.util import ClassNotFound

LONGEST = 100_000
"""Characters; Pygments takes seconds for more, and nobody reads them."""
CLASSES = (
    (Comment, "comment"),
    (Keyword, "keyword"),
    (Operator.Word, "keyword"),
    (String, "string"),
    (Number, "number"),
    (Name.Class, "name"),
    (Name.Decorator, "name"),
    (Name.Function, "name"),
)


def highlight(code: str, language: str) -> str:
    """HTML of `code`: its own text, to the character, with ``<span class="token-…">`` around
    what has a colour. Plain where the language is unknown or the code is very long."""
    if len(code) > LONGEST:
        return html.escape(code)
    try:
        lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return html.escape(code)
    tokens = list(lexer.get_tokens(code))
    # Some lexers expand tabs or drop characters; then the author's text comes first.
    if "".join(text for _, text in tokens) != code:
        return html.escape(code)
    return "".join(_span(kind, text) for kind, text in tokens)


def _span(kind: _TokenType, text: str) -> str:
    name = next((name for known, name in CLASSES if is_token_subtype(kind, known)), None)
    escaped = html.escape(text)
    return f'<span class="token-{name}">{escaped}</span>' if name and text.strip() else escaped
