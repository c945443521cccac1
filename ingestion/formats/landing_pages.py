"""Landing pages: what the front matter of a site's first page shows, as Markdown; and what the
configurations of VitePress and Starlight have alike.

https://vitepress.dev/reference/default-theme-home-page and
https://starlight.astro.build/reference/frontmatter/#hero
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ingestion.formats.configurations import NOT_YAML, load_yaml, text_at, value_at
from ingestion.formats.javascript import value_of
from ingestion.formats.notes import Notes
from ingestion.formats.texts import PageNotRead, folder_within, read_within

TITLE = re.compile(r"\btitle:\s*(?P<quote>['\"`])(?P<title>[^'\"`\n]+)(?P=quote)")
TEXT = re.compile(r":\s*(?P<quote>['\"`])(?P<title>[^'\"`\n]+)(?P=quote)")
COMMENT = re.compile(r"^[ \t]*//[^\n]*$|/\*.*?\*/", re.MULTILINE | re.DOTALL)
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


def config_of(root: Path, folder: Path, name: str) -> str:
    """The text of a configuration without its comments; "" where there is none to read."""
    for path in sorted(folder.glob(name))[:1]:
        try:
            return COMMENT.sub("", read_within(root, path))
        except PageNotRead:
            return ""
    return ""


def title_in(config: str) -> str:
    """The title of a site; of one in several languages the first."""
    found = TITLE.search(config) or TEXT.search(value_of(config, "title"))
    return re.sub(r"\$\{[^{}]*\}", "", found["title"]).strip() if found else ""


def note_languages(notes: Notes, folder: Path, languages: Sequence[str]) -> None:
    """Note the pages of languages beside the main one: each is a book of its own."""
    for one in languages:
        place = folder_within(folder, folder / one)
        pages = sum(1 for page in place.rglob("*.md*")) if place else 0
        if pages:
            kind = "pages of other versions and languages"
            notes.add(kind, f"{one}/ ({pages:,})", count=pages, is_lost=False)
