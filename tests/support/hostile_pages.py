"""Pages that are made to hurt: one shape of Markdown, repeated up to a size."""

from __future__ import annotations

from collections.abc import Callable, Mapping

Shape = Callable[[int], str]
"""Makes a page of about that many characters."""


def repeated(unit: str, before: str = "", after: str = "") -> Shape:
    """The unit over and over, between what opens and what closes."""
    return lambda size: before + unit * (size // len(unit)) + after


def nested(opening: str, closing: str, inner: str = "a") -> Shape:
    def page(size: int) -> str:
        depth = size // len(opening + closing)
        return opening * depth + inner + closing * depth

    return page


def numbered(unit: str, *, before: str = "", after: str = "") -> Shape:
    """The unit over and over, `#` in it replaced by 0, 1, 2 and so on."""
    return lambda size: (
        before + "".join(unit.replace("#", str(i)) for i in range(size // (len(unit) + 5))) + after
    )


def _stairs(mark: str, step: str = " ") -> Shape:
    """Lines that are indented deeper and deeper, up to the size."""

    def page(size: int) -> str:
        count = int((2 * size / len(step)) ** 0.5)
        return "".join(f"{step * depth}{mark}\n" for depth in range(count))

    return page


def longer_runs(mark: str, between: str = "a") -> Shape:
    """Runs of a mark, each longer than the one before."""
    return lambda size: "".join(mark * n + between for n in range(1, int((2 * size) ** 0.5)))


def _front(unit: str) -> Shape:
    return repeated(unit, "---\n", "\n---\n\n# A page\n\nText.\n")


CHARACTERS: Mapping[str, Shape] = {
    f"run of {mark!r}": repeated(mark) for mark in "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~\t "
} | {
    "run of letters": repeated("a"),
    "run of wide letters": repeated("機"),
    "run of combining marks": repeated("\u0301", "a"),
    "run of emoji": repeated("🤖"),
    "run of newlines": repeated("\n"),
    "run of no-break spaces": repeated("\u00a0"),
    "every mark in turn": repeated("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"),
}
INLINE: Mapping[str, Shape] = {
    "emphasis opened": repeated("*a "),
    "emphasis of two kinds": repeated("*a_ "),
    "emphasis crossing": repeated("*a **b _c "),
    "emphasis closed": repeated("*a* "),
    "strong nested": nested("**", "**"),
    "emphasis nested": nested("*a ", " b*"),
    "emphasis runs": longer_runs("*"),
    "strikes opened": repeated("~~a "),
    "strikes of odd length": repeated("~~~a"),
    "code opened": longer_runs("`"),
    "code closed": repeated("`a` "),
    "code doubled": repeated("``a` "),
    "links opened": repeated("[a"),
    "links half": repeated("[a]("),
    "links with angles": repeated("[a](<b"),
    "links with titles": repeated('[a](b "c'),
    "links nested": nested("[", "](b)"),
    "links closed": repeated("[a](b) "),
    "links with brackets in the address": lambda n: "[a](" + "(" * n,
    "links by reference": numbered("[a#][b#] ", before="[c]: d\n\n"),
    "images opened": repeated("![a"),
    "images nested": nested("![", "](b)"),
    "images closed": repeated("![a](b) "),
    "brackets unequal": repeated("[[a] "),
    "escapes": repeated("\\*"),
    "entities": repeated("&amp;"),
    "entities cut off": repeated("&am"),
    "entities by number": repeated("&#x41;"),
    "entities without end": repeated("&#99999"),
    "autolinks opened": repeated("<a:"),
    "autolinks closed": repeated("<https://a.b> "),
    "addresses": repeated("<a@b.c.d.e> "),
    "one long address": lambda n: "<a@" + "b." * (n // 2) + ">",
    "hard breaks": repeated("a  \n"),
    "soft breaks": repeated("a\n"),
    "math opened": repeated("$a "),
    "math closed": repeated("$a$ "),
    "math doubled": repeated("a $$b "),
    "math with digits": repeated("$a$1 "),
    "math escaped": repeated("\\$a$ "),
    "backslashes and a dollar": lambda n: "$a" + "\\" * n + "$",
    "dollars after backslashes": longer_runs("\\", "$"),
    "footnotes called": repeated("[^a] ", "[^a]: Note.\n\n"),
    "footnotes opened and called": repeated("[^a[^b]", "[^b]: Note.\n\n"),
    "footnotes opened": repeated("[^a", "[^b]: Note.\n\n"),
    "footnotes by number": numbered("[^#]: a\n\n[^#] "),
    "footnotes without a call": numbered("[^#]: a\n"),
    "footnotes nested": repeated("[^a]: "),
    "sentences": repeated("A b. "),
    "full stops": repeated(". A"),
    "ellipses": repeated("a... "),
    "one sentence of words": repeated("word "),
    "bold labels": repeated("**a:** b\n"),
    "bread crumbs": repeated("a » "),
    "bread crumbs in angles": repeated("a > b "),
    "closing quotes": repeated('a.")]'),
    "figure labels": repeated("<b>", after="</b>"),
    "one long figure label": lambda n: "<" + "a" * n,
    "blank paragraphs": repeated("\u00a0\n\n"),
}
BLOCKS: Mapping[str, Shape] = {
    "quotes nested": repeated("> "),
    "quotes in lines": repeated("> a\n"),
    "quotes and lazy lines": repeated("> a\nb\n"),
    "quotes deeper and deeper": _stairs("a", ">"),
    "lists": repeated("- a\n"),
    "lists with empty items": repeated("-\n"),
    "lists in one line": repeated("- "),
    "lists apart": repeated("- a\n\n"),
    "lists of changing marks": repeated("- a\n+ b\n"),
    "lists deeper and deeper": _stairs("- a"),
    "lists of numbers": numbered("1#. a\n"),
    "lists in quotes": repeated("> - "),
    "tasks": repeated("- [ ] a\n"),
    "tasks done": repeated("- [x] a\n"),
    "tasks deeper and deeper": _stairs("- [ ] a", "  "),
    "tasks apart": repeated("1. [ ] a\n\n"),
    "headings": repeated("# a\n"),
    "headings of all levels": repeated("# a\n## b\n### c\n#### d\n##### e\n###### f\n"),
    "headings with text": repeated("# a\n\nText here.\n\n"),
    "headings of one name and a number": numbered("# a\n# a-#\n"),
    "headings with one id": repeated("# a {#b}\n"),
    "headings with their ids": numbered("# a {#b#}\n"),
    "headings with ids in comments": repeated("# a {/* #b */}\n"),
    "one heading with braces": lambda n: "# a" + "{#" * (n // 2),
    "one heading with comments": lambda n: "# a" + "{/*#" * (n // 4),
    "one heading with blanks": lambda n: "# a" + " " * n + "b",
    "one long heading": lambda n: (
        "# " + "a " * (n // 4) + "\n\nText.\n\n## b\n\nMore.\n" * (n // 40)
    ),
    "underlines": repeated("a\n=\n"),
    "underlines below many lines": repeated("a\n", after="="),
    "rules": repeated("---\n\n"),
    "fences": repeated("```\na\n```\n"),
    "fences opened": repeated("```\n~~~\n"),
    "fences with info": repeated("```a `b\n"),
    "fences longer and longer": longer_runs("`", "\n"),
    "code blocks": repeated("    a\n\n"),
    "code with one long line": lambda n: "```python\n" + "a = 1; " * (n // 7) + "\n```\n",
    "tables": repeated("| a | b |\n", "| a | b |\n|---|---|\n"),
    "tables of empty cells": repeated("|\n", "|a|b|c|d|e|f|g|h|\n|-|-|-|-|-|-|-|-|\n"),
    "tables one after another": repeated("|a|\n|-|\n|b|\n\n"),
    "tables that are none": repeated("|a|\n|-|-|\n"),
    "one wide table": lambda n: "|a" * (n // 4) + "|\n" + "|-" * (n // 4) + "|\n",
    "escaped pipes": lambda n: "|a|\n|-|\n|" + "\\|" * (n // 2) + "|\n",
    "definitions": numbered("[a#]: b\n"),
    "definitions of one name": repeated("[a]: b\n"),
    "definitions opened": repeated("[a\n"),
    "definitions with a title opened": repeated('[a]: b "c\n'),
    "definitions with quotes": lambda n: "[a]: b '" + "c\n" * (n // 2),
    "definitions apart": repeated("[a]: b 'c\n\n"),
    "display math": repeated("$$\na\n$$\n"),
    "display math opened": repeated("$$\na\n\n"),
    "display math in one line": repeated("$$a$$\n\n"),
    "display math half": repeated("$$a\n\n"),
    "display math half in a quote": repeated("> $$a\n>\n", after="\n$$b$$\n"),
    "admonitions": repeated(":::tip\na\n:::\n"),
    "admonitions opened": repeated(":::tip\n"),
    "admonitions with a title opened": repeated(":::tip[\n\n"),
    "admonitions longer and longer": longer_runs(":", "tip\n"),
    "admonitions with brackets": lambda n: ":::tip" + "[a]" * (n // 3) + "\na\n:::\n",
}
HTML: Mapping[str, Shape] = {
    "comments opened": repeated("<!--"),
    "comments opened in lines": repeated("<!--\n\n"),
    "comments opened in prose": repeated("a <!--\n"),
    "comments closed": repeated("<!-- a -->"),
    "comments of dashes": lambda n: "a <!--" + "-" * n,
    "instructions opened": repeated("a <?"),
    "declarations opened": repeated("a <!A"),
    "CDATA opened": repeated("a <![CDATA["),
    "tags opened": repeated("<a"),
    "tags with blanks": repeated("<a "),
    "tags with attributes": repeated("<a b=c "),
    "tags with quotes": repeated('<a b="'),
    "tags closed": repeated("<b>a</b> "),
    "tags in lines": repeated("<div>\n\n"),
    "scripts opened": repeated("<script>\n\n"),
    "one tag of attributes": lambda n: "a <a" + " b" * (n // 2),
    "one tag of blanks": lambda n: "a <a" + " " * n,
    "one tag of values": lambda n: "a <a" + " b='c'" * (n // 6),
    "closing tags": repeated("</a"),
}
MDX: Mapping[str, Shape] = {
    "MDX comments opened": repeated("{/*"),
    "MDX comments opened in lines": repeated("{/*\n\n"),
    "MDX comments opened in prose": repeated("a {/* b\n"),
    "MDX comments closed late": repeated("{/* a\n", after="*/} b\n"),
    "MDX comments closed": repeated("{/* a */}"),
    "components opened": repeated("<A"),
    "components with attributes": repeated("<A b "),
    "components with values": repeated("<A b={1} "),
    "components with braces": repeated("<A b={"),
    "components with braces closed": repeated("<A b={{}}"),
    "components with quotes": repeated('<A b="'),
    "components in lines": repeated("<A>\n\n</A>\n\n"),
    "components of many attributes": lambda n: "<A" + " b" * (n // 2),
    "components of many values": lambda n: "<A" + " b={c}" * (n // 6),
    "components of many blanks": lambda n: "<A" + " " * n,
    "components of many names": lambda n: "<A" + ".b" * (n // 2),
    "one component of nested braces": nested("{", "}", "<A b="),
    "elements with braces": repeated("<a b={"),
    "braces in braces": lambda n: "<A b=" + "{{{{" * (n // 4),
    "fragments": repeated("<>"),
    "imports": repeated("import a from 'b'\n"),
    "imports apart": repeated("import a from 'b'\n\n"),
    "exports opened": repeated("export const a = {\n\n"),
    "exports with brackets": lambda n: "export const a = " + "{" * n + "\n",
}
FRONT: Mapping[str, Shape] = {
    "front matter of keys": lambda n: (
        "---\n" + "".join(f"k{i}: v\n" for i in range(n // 10)) + "---\n\n# A\n"
    ),
    "front matter of lists": _front("- a\n"),
    "front matter of brackets": _front("["),
    "front matter of braces": _front("{a: "),
    "front matter with one long title": lambda n: "---\ntitle: " + "a" * n + "\n---\n\nText.\n",
    "front matter with a number": lambda n: "---\ntitle: " + "9" * n + "\n---\n\nText.\n",
    "front matter of anchors": _front("a: &a b\n"),
    "front matter without end": repeated("a: b\n", "---\n"),
    "front matter of hyphens": repeated("--- \n"),
}
MIXED: Mapping[str, Shape] = {
    "marks and words": repeated("*a [b `c <d {e $f ~~g !h &i \\j "),
    "blocks of all kinds": repeated(
        "# a\n\n> - b\n\n```\nc\n```\n\n| d |\n|---|\n| e |\n\n- [ ] f\n\n"
    ),
    "openings of all kinds": repeated("> - <!-- {/* [a]( `b $c :::\n"),
    "quotes, lists and tasks": repeated("> - [ ] a\n> > 1. b\n"),
    "components and comments": repeated("<A>{/* a */}</A>\n"),
    "prose": repeated("The robot walks on two legs. It *gets up* again [soon](a.md).\n\n"),
    "prose in one paragraph": repeated("The robot walks on two legs. It `gets up` again.\n"),
}

SHAPES: Mapping[str, Shape] = {
    **CHARACTERS, **INLINE, **BLOCKS, **HTML, **MDX, **FRONT, **MIXED
}  # fmt: skip
