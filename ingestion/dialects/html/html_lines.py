"""Lines of HTML as Markdown: what stands within a paragraph, a heading or a cell."""

from __future__ import annotations

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborNode

SPACE = re.compile(r"[ \t\n\r\f]+")
SPECIAL = re.compile(r"[\\`*$\[\]]|<(?=[A-Za-z/!?])|(?<![^\W_])_|_(?![^\W_])|\{(?=[#/%{])|(?<=~)~")
LINE_START = re.compile(r"^(?=#{1,6}(?: |$)|[-+>](?: |$)|:{3}|~{3}|={3,}$|-{3,}$)")
NUMBER = re.compile(r"^(\d{1,9})([.)])(?= |$)")
TEX = "annotation[encoding='application/x-tex']"
CELLS = frozenset(("td", "th"))
MARKS = {
    **dict.fromkeys(("em", "i"), ("*", "*")),
    **dict.fromkeys(("strong", "b"), ("**", "**")),
    **{tag: (f"<{tag}>", f"</{tag}>") for tag in ("sub", "sup")},
}
"""What opens and closes them in Markdown."""
DEEPEST = 150
"""Elements within elements; below are only words."""


def paragraph(parts: list[str]) -> Iterator[str]:
    """The parts of a paragraph as one, if they show anything."""
    text = "".join(parts)
    lines = [SPACE.sub(" ", line).strip(" ") for line in text.split("\\\n")]
    shown = "\\\n".join(line for line in lines if line)
    if shown:
        shown = NUMBER.sub(r"\1\\\2", LINE_START.sub(r"\\", shown))
        yield from ("", shown, "")


def line_of(node: LexborNode, depth: int) -> str:
    """What stands in an element, in one line."""
    parts = (inline(child, depth + 1) for child in node.iter(include_text=True))
    return SPACE.sub(" ", "".join(parts).replace("\\\n", " ")).strip()


def inline(node: LexborNode, depth: int) -> str:
    """A text or an element within a paragraph."""
    tag = node.tag or ""
    if tag == "-text":
        return escaped(node.text(deep=False))
    if tag == "br":
        return "\\\n"
    if tag in ("img", "-comment") or tag.startswith("!"):
        return ""
    if depth > DEEPEST:
        return escaped(node.text(deep=True))
    if tag in ("code", "kbd", "samp", "tt"):
        return _code(node.text(deep=True))
    if tex := _tex(node):
        return tex
    inner = "".join(inline(child, depth + 1) for child in node.iter(include_text=True))
    if tag in CELLS:
        return f" {inner} "
    stripped = inner.strip()
    if tag in MARKS and stripped:
        lead, tail = inner[: len(inner) - len(inner.lstrip())], inner[len(inner.rstrip()) :]
        opening, closing = MARKS[tag]
        return f"{lead}{opening}{stripped}{closing}{tail}"
    href = str(node.attributes.get("href") or "")
    if tag == "a" and stripped and re.fullmatch(r"[^\s()<>]+", href):
        return f"[{inner}]({href})"
    return inner


def _tex(node: LexborNode) -> str:
    """A formula as its page was given it."""
    if node.tag == "script":
        source, is_display = (
            node.text(deep=True),
            "mode=display" in str(node.attributes.get("type")),
        )
    elif node.tag == "math" or "katex" in classes(node).split():
        annotation = node.css_first(TEX)
        if annotation is None:
            return ""
        source, is_display = annotation.text(deep=True), node.attributes.get("display") == "block"
    elif "math" in classes(node).split():
        found = re.fullmatch(r"\s*\\[(\[](.*)\\[)\]]\s*", node.text(deep=True), re.DOTALL)
        if found is None:
            return ""
        source, is_display = found[1], "\\[" in node.text(deep=True)[:20]
    else:
        return ""
    source = SPACE.sub(" ", source).strip()
    return (f"$${source}$$" if is_display else f"${source}$") if source else ""


def _code(text: str) -> str:
    text = SPACE.sub(" ", text).strip()
    if not text:
        return ""
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    pad = " " if text[0] == "`" or text[-1] == "`" else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def escaped(text: str) -> str:
    """A text whose marks mean nothing in Markdown."""
    return SPECIAL.sub(lambda match: "\\" + match[0], text.replace("\N{NO-BREAK SPACE}", " "))


def classes(node: LexborNode) -> str:
    """The classes of an element, "" for none."""
    return str(node.attributes.get("class") or "")
