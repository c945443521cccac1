"""A page of HTML as Markdown: its main text, its headings with the ids that they have."""

from __future__ import annotations

import re
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

from ingestion.dialects.html.html_blocks import Blocks

MAIN = (
    "[itemprop=articleBody]", "article.md-content__inner", "main article", "[role=main]", "main",
    "article", "#main-content", "#content", ".document .body", ".content", "body",
)  # fmt: skip
"""Where generators put the text of a page, the closest first."""
BESIDE = (
    "script, style, template, noscript, nav, form, button, select, svg, iframe, object, "
    "canvas, dialog, footer, [aria-hidden=true], [role=navigation], [role=search], "
    "[hidden]:not([role=tabpanel]), .headerlink, .anchorjs-link, .hash-link, "
    ".header-anchor, .sl-anchor-link, .sr-only, .visually-hidden, .toc, "
    ".table-of-contents, .breadcrumbs, .theme-doc-breadcrumbs, .pagination, "
    ".pagination-nav, .theme-doc-footer, .theme-doc-toc-mobile, .md-source-file, "
    ".edit-this-page, .prev-next-area, .related, .sphinxsidebar, .nav-chapters, "
    ".linenos, .copybtn, "
    "sup:has(a[href^='#']), a[href^='#']:has(sup), [role=doc-noteref], .footnote-reference, "
    "[role=doc-backlink], .footnote-backref, .footnote-back"
)
"""What stands beside the text, or is hidden, and the marks of footnotes: they belong to no
sentence."""
LISTS_OF_LINKS = ".sidebar"
"""Beside the text where it mostly holds links; else a box of the text has this name."""
NO_INDEX = "meta[name=robots][content*=noindex], meta[http-equiv=refresh i]"
ENOUGH = 40
"""Characters that a main part has, for it to be one."""
MOST = 100
"""Parts that are measured for one selector: thousands within one another would take minutes."""
SEPARATOR = re.compile(r"\s+[|·–—»›]\s+|\s+-\s+")


@dataclass(frozen=True, slots=True)
class HtmlPage:
    """What a page of HTML holds: `title` may be "", `markdown` has no front matter; one that is
    not for search engines, or leads on to another, is not published."""

    title: str
    markdown: str
    is_published: bool
    links: tuple[str, ...] = ()


def read_html(text: str) -> HtmlPage:
    """Read a page.

    >>> read_html("<body><nav>Up</nav><main><h1 id='p'>Pumps</h1><p>A pump.</p>").markdown
    '# Pumps {#p}\\n\\nA pump.\\n'
    """
    tree = LexborHTMLParser(text)
    links = tuple(str(one.attributes.get("href") or "") for one in tree.css("a[href]"))
    is_published = tree.css_first(NO_INDEX) is None
    head = tree.css_first("title")
    heading = head.text(strip=True) if head else ""
    for node in tree.css(BESIDE):
        if node.tag != "script" or "math/" not in str(node.attributes.get("type")):
            node.decompose()
    for node in tree.css(LISTS_OF_LINKS):
        if _is_of_links(node):
            node.decompose()
    main = _main(tree)
    if main is None:
        return HtmlPage("", "", is_published, links)
    blocks = Blocks()
    markdown = blocks.of(main)
    title = blocks.title or SEPARATOR.split(heading)[0].strip()
    return HtmlPage(title, markdown, is_published, links)


def _is_of_links(node: LexborNode) -> bool:
    linked = sum(len(link.text(deep=True).strip()) for link in node.css("a[href]"))
    return 2 * linked >= len("".join(node.text(deep=True).split()))


def _main(tree: LexborHTMLParser) -> LexborNode | None:
    for selector in MAIN:
        found = tree.css(selector)[:MOST]
        longest = max(found, key=lambda node: len(node.text(deep=True)), default=None)
        if longest is not None and len(longest.text(deep=True).strip()) >= ENOUGH:
            return longest
    return tree.body
