"""A chapter as it is read: its title, what it holds, and its text."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from ingestion.markdown.parser import Heading, Page, parse
from quart_app.pages.rendering import Links, Renderer

LISTED_LEVELS = (2, 3)


@dataclass(frozen=True, slots=True)
class Rendered:
    """A chapter's HTML: its title as a heading ("" if the text has none), and the text below.

    `headings` are those of the table of contents.
    """

    title: Markup
    text: Markup
    headings: tuple[Heading, ...]


def render(text: str, mdx: bool, links: Links, slugs: str = "github") -> Rendered:
    """Render the Markdown of a chapter; `slugs` names how its headings get their anchors."""
    page = parse(text, mdx=mdx, slugs=slugs)
    renderer = Renderer(links, dict(page.environment))
    place = _title_place(page)
    title, below = page.tokens[place : place + 3], page.tokens[place + 3 :]
    for tag in title[::2]:
        tag.tag = "h1"
    anchor = title[0].attrGet("id") if title else None
    return Rendered(
        renderer.render(title),
        renderer.render([*page.tokens[:place], *below]),
        tuple(h for h in _top_headings(page) if h.level in LISTED_LEVELS and h.anchor != anchor),
    )


def _title_place(page: Page) -> int:
    """Where the heading that is the page's title opens; the end if there is none.

    It is the first of level 1. Some books write all their headings a level lower.
    """
    headings = _top_headings(page)
    first = [heading for heading in headings[:1] if heading.text == page.title]
    titles = [heading for heading in headings if heading.level == 1] or first
    for place, token in enumerate(page.tokens):
        if titles and token.type == "heading_open" and token.attrGet("id") == titles[0].anchor:
            return place
    return len(page.tokens)


def _top_headings(page: Page) -> list[Heading]:
    return [heading for heading in page.headings if not heading.is_nested]
