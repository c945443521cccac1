"""What MDX adds for a browser: imports, exports, tags of components and comments on lines of
their own. They are taken out of a page, so that they are in no chunk."""

from __future__ import annotations

import re

from ingestion.markdown.parser import parse

TRIGGER = re.compile(r"^(?:import|export|[ \t]*<[A-Za-z/])", re.MULTILINE)
OF_SOLUTIONS = re.compile(r"\s*</?(?:Solution|Answer)\b")
"""They say what stands between them, see `ingestion.markdown.solutions`."""
WHOLE_LINES = {"mdx_esm", "mdx_comment", "mdx_jsx"}


def without_components(text: str, *, mdx: bool = False) -> str:
    """The text without those lines. Raises BadFrontMatter.

    >>> without_components("A pump.\\n\\n<Chart data={[1, 2]} />\\n\\nA valve.")
    'A pump.\\n\\n\\n\\nA valve.'
    """
    if not TRIGGER.search(text):
        return text
    lines = [0, *(match.end() for match in re.finditer("\n", text)), len(text)]
    parts, at = [], 0
    for token in parse(text, mdx=mdx).tokens:
        is_mark = token.type in WHOLE_LINES and not OF_SOLUTIONS.match(token.content)
        if is_mark and token.map and not token.level:
            parts += [text[at : lines[token.map[0]]], "\n"]
            at = lines[token.map[1]]
    return "".join([*parts, text[at:]])
