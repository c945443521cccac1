"""Components of MDX: the words that their tags hold, as Markdown; the tags themselves go.

A reader sees the title of a card and the label of a tab as she sees the text between their tags.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import islice

from ingestion.dialects.apart_from_code import rewrite_prose
from ingestion.markdown.mdx import COMPONENT

LONGEST = 4_000
"""Characters of a tag."""
STARTS = re.compile(r"<(?=[A-Z/>])")
KEPT = re.compile(r"</?(?:Solution|Answer|Details|(?i:script|style|template))\b")
"""They say what stands between them; see `ingestion.markdown.solutions` and `hidden`."""
ATTRIBUTE = re.compile(
    r"\s(?P<key>[a-z][\w-]{0,40})=\{?(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^'\n]*)')\}?"
)
TAB_VALUE = re.compile(
    r"\{\s{0,9}label:\s{0,9}(?:\"|')(?P<label>[^\"'\n{}]{1,200})(?:\"|'),\s{0,9}"
    r"value:\s{0,9}(?:\"|')(?P<value>[^\"'\n{}]{1,200})(?:\"|')"
)
ABOVE = ("file-name", "title", "label", "heading", "header", "summary", "question")
"""What stands above the text of a component, if it is no code."""
BELOW = ("description", "caption", "text", "tagline", "subtitle", "body", "content")
TABS = re.compile(r"<Tabs\b[^<>]{0,400}?\bitems=\{(?P<items>\[[^<>]{0,4000}?\])\}")
ITEM = re.compile(
    r"(?:\{\s{0,9}label:\s{0,9})?(?:\"(?P<double>[^\"]{1,200})\"|'(?P<single>[^'\n]{1,200})')"
)
TAB = re.compile(r"<(?:Tabs\.)?Tab(?P<given>\s[^<>]*)?>|</Tabs>")
"""Of Nextra, where the labels stand in `<Tabs items>`."""
MOST_TABS, LONGEST_TAB = 1_000, 20_000
"""Sets of tabs on a page, and characters of a tab."""
CHIPS = re.compile(r"<(?:Badge|Chip|Label|Tag|Pill|Kbd)\b")
"""Short words in a line."""


def component_words(text: str) -> str:
    """A page's text with what its components show. A tab is called as its `<Tabs>` have it.

    >>> component_words('Runs <Badge text="fast" /> and <Icon name="x" /> well.')
    'Runs fast and  well.'
    >>> component_words('<Card title="Size">Big.</Card>').split()
    ['**Size**', 'Big.']
    """
    if not STARTS.search(text):
        return text
    text = _with_labels(text) if TABS.search(text) else text
    labels = {one["value"]: one["label"] for one in TAB_VALUE.finditer(text)}
    return rewrite_prose(text, lambda prose: _shown(prose, labels))


def _with_labels(text: str) -> str:
    """The text with the labels of tabs in their tags."""
    made: list[str] = []
    at = 0
    for tabs in islice(TABS.finditer(text), MOST_TABS):
        items = [one["double"] or one["single"] for one in ITEM.finditer(tabs["items"])]
        made.append(text[at : max(at, tabs.end())])
        at = max(at, tabs.end())
        while (
            items
            and (tab := TAB.search(text, at, at + LONGEST_TAB))
            and not tab[0].startswith("</")
        ):
            label = items.pop(0).replace('"', "'")
            made += (text[at : tab.start()], f'<Tab label="{label}"{tab["given"] or ""}>')
            at = tab.end()
    return "".join([*made, text[at:]])


def _shown(prose: str, labels: Mapping[str, str]) -> str:
    made: list[str] = []
    done = at = 0
    while found := STARTS.search(prose, at):
        start = found.start()
        tag = COMPONENT.match(prose[start : start + LONGEST])
        if tag is None or KEPT.match(tag[0]):
            at = start + 1
            continue
        line = prose.rfind("\n", 0, start) + 1
        indent = prose[line:start]
        words = _words(tag[0], labels)
        end = start + len(tag[0])
        made.append(prose[done:start])
        if CHIPS.match(tag[0]):
            made.append(" ".join(words))
        elif words:
            lead = indent if not indent.strip() else ""
            made += (f"\n\n{lead}{word}" for word in words)
            made.append(f"\n\n{lead}")
        done = at = end
    made.append(prose[done:])
    return "".join(made)


def _words(tag: str, labels: Mapping[str, str]) -> list[str]:
    """What the attributes of a tag show, each as a paragraph; titles are bold."""
    given = {
        one["key"]: (one["double"] or one["single"] or "").strip()
        for one in ATTRIBUTE.finditer(tag)
    }
    if not given.get("label") and "value" in given and tag.startswith("<Tab"):
        given["label"] = labels.get(given["value"], given["value"])
    if tag.startswith("<Listing") and given.get("caption") and given.get("number"):
        given["caption"] = f"Listing {given['number']}: {given['caption']}"
    if CHIPS.match(tag):
        return [given[key] for key in ("text", "label") if given.get(key)][:1]
    above = [f"**{given[key].replace('**', '')}**" for key in ABOVE if given.get(key)]
    return [*above, *(given[key] for key in BELOW if given.get(key))]
