"""The parser's tokens as HTML, with nothing of the author's that could act.

Text is escaped. Raw HTML and components lose their tags and keep their text. Links and images
are those that the book's pages resolve to. No inline styles, so that the strict policy holds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from html import escape
from typing import Any, Protocol, cast

from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markupsafe import Markup

from ingestion.markdown.admonitions import kind_and_title
from ingestion.markdown.parser import markdown_it
from quart_app.pages.highlight import highlight
from quart_app.pages.mathml import mathml
from quart_app.pages.plain import plain

BARE_TAG = re.compile(r"<(?:br|/?(?:kbd|sub|sup))\s*/?>")
CHECKBOX = '<input class="task-list-item-checkbox"'
CODE_TITLE = re.compile(r"""title=(["'])(.*?)\1""")


class Links(Protocol):
    """What addresses mean on the page that is rendered; None is for nowhere."""

    def link(self, href: str) -> str | None:
        """Where a link leads."""

    def figure(self, source: str) -> str | None:
        """Where an image is."""


class Renderer:
    """Writes the tokens of one page. What has no rule here is written as CommonMark says."""

    def __init__(self, links: Links, environment: dict[str, Any]) -> None:
        self._links = links
        self._environment = environment
        self._options = markdown_it().options
        self._renderer = RendererHTML()
        # Those of the parser's plugins, such as footnotes; then our own.
        rules: dict[str, Any] = self._renderer.rules
        rules |= cast("RendererHTML", markdown_it().renderer).rules
        rules |= {name: _rule(method) for name, method in self._own_rules()}

    def render(self, tokens: Sequence[Token]) -> Markup:
        """Safe to insert: each rule below escapes, and the author's own tags do not pass."""
        _mark_figures(tokens)
        html = self._renderer.render(tokens, self._options, self._environment)
        return Markup(html)  # noqa: S704 - see above

    def _own_rules(self) -> Iterator[tuple[str, Callable[[Token], str]]]:
        yield "fence", self._code
        yield "code_block", self._code
        yield "math_inline", lambda token: mathml(token.content, display=False)
        yield "math_inline_double", _display_math
        yield "math_block", _display_math
        yield "link_open", self._link
        yield "link_close", lambda token: f"</{token.tag}>"
        yield "image", self._image
        yield "html_inline", self._html_inline
        yield "html_block", self._html_block
        yield "heading_open", lambda token: f'<{token.tag} id="{escape(str(token.attrGet("id")))}">'
        yield "table_open", lambda _: '<div class="table"><table>\n'
        yield "table_close", lambda _: "</table></div>\n"
        yield "th_open", _cell
        yield "td_open", _cell
        yield "container_admonition_open", self._admonition
        yield "container_admonition_close", lambda _: "</aside>\n"

    def _code(self, token: Token) -> str:
        language = re.split(r"[\s,{]", token.info.strip(), maxsplit=1)[0]
        code = f"<pre><code>{highlight(token.content, language)}</code></pre>\n"
        title = CODE_TITLE.search(token.info)
        if title is None:
            return code
        return f'<figure class="code"><figcaption>{escape(title[2])}</figcaption>{code}</figure>\n'

    def _link(self, token: Token) -> str:
        address = self._links.link(str(token.attrGet("href")))
        return "<a>" if address is None else f'<a href="{escape(address)}">'

    def _image(self, token: Token) -> str:
        alt = self._renderer.renderInlineAsText(token.children, self._options, self._environment)
        shown = self._picture(str(token.attrGet("src")), alt)
        title = token.attrGet("title")
        is_captioned = title and token.meta.get("is_figure")
        return shown + (f"<figcaption>{escape(str(title))}</figcaption>" if is_captioned else "")

    def _picture(self, source: str, alt: str) -> str:
        address = self._links.figure(source)
        if address is None:  # On another host, or nowhere: its words remain.
            return f"<em>{escape(alt)}</em>"
        return f'<img src="{escape(address)}" alt="{escape(alt)}" loading="lazy">'

    def _html_inline(self, token: Token) -> str:
        if BARE_TAG.fullmatch(token.content):
            return token.content
        if token.content.startswith(CHECKBOX):
            checked = " checked" if "checked=" in token.content else ""
            return f'<input type="checkbox" disabled{checked}>'
        return "".join(self._picture(*image) for image in plain(token.content).images)

    def _html_block(self, token: Token) -> str:
        kept = plain(token.content)
        text = f"<p>{self._inline(kept.text)}</p>\n" if kept.text else ""
        images = (f"<figure>{self._picture(*image)}</figure>\n" for image in kept.images)
        return "".join(images) + text

    def _admonition(self, token: Token) -> str:
        kind, title = kind_and_title(token)
        heading = f'<p class="title">{self._inline(title)}</p>'
        return f'<aside class="admonition {escape(kind)}">\n{heading}\n'

    def _inline(self, text: str) -> str:
        """A line of Markdown outside of the page's tokens."""
        tokens = markdown_it().parseInline(text, self._environment)
        return self._renderer.render(tokens, self._options, self._environment)


def _rule(method: Callable[[Token], str]) -> Callable[..., str]:
    return lambda tokens, place, *_: method(tokens[place])


def _display_math(token: Token) -> str:
    return f'<span class="math">{mathml(token.content, display=True)}</span>\n'


def _cell(token: Token) -> str:
    alignment = str(token.attrGet("style") or "").removeprefix("text-align:")
    scope = ' scope="col"' if token.tag == "th" else ""
    style = f' class="align-{alignment}"' if alignment else ""
    return f"<{token.tag}{scope}{style}>"


def _mark_figures(tokens: Sequence[Token]) -> None:
    """A paragraph of nothing but an image becomes a figure."""
    for opening, inline, closing in zip(tokens, tokens[1:], tokens[2:], strict=False):
        children = inline.children or []
        if opening.type == "paragraph_open" and [child.type for child in children] == ["image"]:
            opening.tag = closing.tag = "figure"
            opening.hidden = closing.hidden = False
            children[0].meta["is_figure"] = True
