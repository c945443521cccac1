"""Liquid, the templates of Jekyll: what a page shows of them.

https://jekyllrb.com/docs/liquid/ and https://shopify.github.io/liquid/. Nothing is run: values
that the front matter or the configuration hold are put in, the rest is left out and noted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from ingestion.dialects.apart_from_code import Note, words

TAG = re.compile(r"\{%-?\s*(?P<name>[\w-]+)(?P<arguments>(?:[^%{]|%(?!\})|\{(?!%))*)%\}")
OUTPUT = re.compile(
    r"\{\{-?\s*(?P<path>[\w.\[\]-]+|'[^']*'|\"[^\"]*\")\s*"
    r"(?P<filters>\|[^{}\n]*)?-?\}\}"
)
ANY_OUTPUT = re.compile(r"\{\{[^{}\n]*\}\}")
BLOCKS = {"comment": "endcomment", "raw": "endraw", "highlight": "endhighlight"}
SILENT = words(
    "if elsif else endif unless endunless case when endcase for endfor break continue "
    "assign capture endcapture cycle tablerow endtablerow increment decrement endraw "
    "endcomment endhighlight"
)
"""They show nothing themselves; what stands between them is shown."""
SHOWS = re.compile(
    r"\b(?:title|content|text|caption|description|body|message)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')"
)
"""Arguments of an include that a page shows."""
FENCE = "```"
INCLUDES = {"include", "include_relative", "include_cached"}
GIVEN = re.compile(r"\b(?P<key>[\w-]{1,50})\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
Include = Callable[[str, str], str | None]
"""The text of a file by the name of the tag that asks for it and its own; None to leave it out."""


def without_liquid(
    text: str, values: Mapping[str, str], note: Note, include: Include = lambda _tag, _name: None
) -> str:
    """A page's text with its templates resolved. `values` are by path, e.g. "site.title".

    >>> without_liquid("Hi{% comment %} no {% endcomment %} {{ site.a }}", {"site.a": "B"}, print)
    'Hi B'
    """
    if "{%" not in text and "{{" not in text:
        return text
    made: list[str] = []
    at = 0
    ends: dict[str, int] = {}
    while tag := TAG.search(text, at):
        made.append(_outputs(text[at : tag.start()], values, note))
        at = tag.end()
        name = tag["name"]
        if name in BLOCKS:
            end = _end(text, at, BLOCKS[name], ends)
            made.append(_block(name, tag["arguments"].strip("- \n\t"), text[at : end[0]]))
            at = end[1]
        elif name not in SILENT:
            if name == "link" or name == "post_url":
                made.append(tag["arguments"].strip("- \n\t"))
            elif (inner := _included(tag, include)) is not None:
                own = {
                    f"include.{one['key']}": one[2] or one[3] or ""
                    for one in GIVEN.finditer(tag["arguments"])
                }
                made.append(without_liquid(inner, {**values, **own}, note, include))
            else:
                shows = [one[1] or one[2] for one in SHOWS.finditer(tag["arguments"])]
                made += (f"\n{text_of}\n" for text_of in shows if text_of)
                if not shows:
                    note("Liquid tags left out", f"{{% {_named(tag)} %}}")
    return "".join(made) + _outputs(text[at:], values, note)


def _included(tag: re.Match[str], include: Include) -> str | None:
    name = tag["name"]
    return include(name, _named(tag).partition(" ")[2]) if name in INCLUDES else None


def _named(tag: re.Match[str]) -> str:
    """The name of a tag; that of an include with its file."""
    file = tag["arguments"].split()[:1] if tag["name"] in INCLUDES else []
    return " ".join([tag["name"], *file])


def _end(text: str, start: int, name: str, missing: dict[str, int]) -> tuple[int, int]:
    """Where the tag that ends a block begins and ends; the end of the text if there is none."""
    if name not in missing:
        match = re.compile(rf"\{{%-?\s*{name}\s*-?%\}}").search(text, start)
        if match:
            return match.span()
        missing[name] = start
    return len(text), len(text)


def _block(name: str, arguments: str, inner: str) -> str:
    if name == "comment":
        return "\n" * inner.count("\n")
    if name == "highlight":
        return f"\n{FENCE}{arguments.partition(' ')[0]}\n{inner.strip(chr(10))}\n{FENCE}\n"
    return inner


def _outputs(text: str, values: Mapping[str, str], note: Note) -> str:
    if "{{" not in text:
        return text

    def value(match: re.Match[str]) -> str:
        found = values.get(match["path"])
        if found is None:
            if match["path"][0] in "'\"" and len(match["path"]) > 1:
                return match["path"].strip("'\"")  # {{ "/about" | relative_url }}
            note("Liquid values left out", match[0])
            return ""
        return found

    return ANY_OUTPUT.sub(
        lambda match: (
            value(output) if (output := OUTPUT.fullmatch(match[0])) else _noted(match, note)
        ),
        text,
    )


def _noted(match: re.Match[str], note: Note) -> str:
    note("Liquid values left out", match[0])
    return ""
