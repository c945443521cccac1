"""Landing pages: what the front matter of a site's first page shows, as Markdown.

https://vitepress.dev/reference/default-theme-home-page and
https://starlight.astro.build/reference/frontmatter/#hero
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ingestion.formats.configurations import NOT_YAML, load_yaml, text_at, value_at

LONGEST = 50_000
"""Characters of front matter that is looked at."""
SHOWN = re.compile(r"^(?:hero|features):", re.MULTILINE)
MOST = 100
"""Features of a site."""


def landing_text(front: str) -> str:
    """What stands above the text of a page with this front matter, "" for nothing.

    >>> landing_text("---\\nhero:\\n  tagline: Fresh air.\\n---\\n")
    'Fresh air.\\n\\n'
    """
    if len(front) > LONGEST or not SHOWN.search(front):
        return ""
    try:
        values = load_yaml(front.strip().strip("-"))
    except NOT_YAML:
        return ""
    return "".join(f"{line}\n\n" for line in _lines(values))


def _lines(values: Any) -> Iterator[str]:
    for key in ("text", "tagline"):
        if text := text_at(values, "hero", key):
            yield text
    features = value_at(values, "features")
    for feature in features[:MOST] if isinstance(features, list) else ():
        title, details = text_at(feature, "title"), text_at(feature, "details")
        if title or details:
            yield f"**{title}**: {details}" if title and details else title or details
