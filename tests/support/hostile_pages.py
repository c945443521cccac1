"""Pages that are made to hurt: one shape of Markdown, repeated up to a size."""

from __future__ import annotations

from collections.abc import Callable, Mapping

Shape = Callable[[int], str]
"""Makes a page of about that many characters."""


def _repeated(unit: str, before: str = "", after: str = "") -> Shape:
    """The unit over and over, between what opens and what closes."""
    return lambda size: before + unit * (size // len(unit)) + after


def _nested(opening: str, closing: str, inner: str = "a") -> Shape:
    def page(size: int) -> str:
        depth = size // len(opening + closing)
        return opening * depth + inner + closing * depth

    return page


def _numbered(unit: str, *, before: str = "", after: str = "") -> Shape:
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


def _longer_runs(mark: str, between: str = "a") -> Shape:
    """Runs of a mark, each longer than the one before."""
    return lambda size: "".join(mark * n + between for n in range(1, int((2 * size) ** 0.5)))


def _front(unit: str) -> Shape:
    return _repeated(unit, "---\n", "\n---\n\n# A page\n\nText.\n")


CHARACTERS: Mapping[str, Shape] = {
    f"run of {mark!r}": _repeated(mark) for mark in "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~\t "
} | {
    "run of letters": _repeated("a"),
    "run of wide letters": _repeated("機"),
    "run of combining marks": _repeated("\u0301", "a"),
    "run of emoji": _repeated("🤖"),
    "run of newlines": _repeated("\n"),
    "run of no-break spaces": _repeated("\u00a0"),
    "every mark in turn": _repeated("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"),
}
INLINE: Mapping[str, Shape] = {
    "emphasis opened": _repeated("*a "),
    "emphasis of two kinds": _repeated("*a_ "),
    "emphasis crossing": _repeated("*a **b _c "),
    "emphasis closed": _repeated("*a* "),
    "strong nested": _nested("**", "**"),
    "emphasis nested": _nested("*a ", " b*"),
    "emphasis runs": _longer_runs("*"),
    "strikes opened": _repeated("~~a "),
    "strikes of odd length": _repeated("~~~a"),
    "code opened": _longer_runs("`"),
    "code closed": _repeated("`a` "),
    "code doubled": _repeated("``a` "),
    "links opened": _repeated("[a"),
    "links half": _repeated("[a]("),
    "links with angles": _repeated("[a](<b"),
    "links with titles": _repeated('[a](b "c'),
    "links nested": _nested("[", "](b)"),
    "links closed": _repeated("[a](b) "),
    "links with brackets in the address": lambda n: "[a](" + "(" * n,
    "links by reference": _numbered("[a#][b#] ", before="[c]: d\n\n"),
    "images opened": _repeated("![a"),
    "images nested": _nested("![", "](b)"),
    "images closed": _repeated("![a](b) "),
    "brackets unequal": _repeated("[[a] "),
    "escapes": _repeated("\\*"),
    "entities": _repeated("&amp;"),
    "entities cut off": _repeated("&am"),
    "entities by number": _repeated("&#x41;"),
    "entities without end": _repeated("&#99999"),
    "autolinks opened": _repeated("<a:"),
    "autolinks closed": _repeated("<https://a.b> "),
    "addresses": _repeated("<a@b.c.d.e> "),
    "one long address": lambda n: "<a@" + "b." * (n // 2) + ">",
    "hard breaks": _repeated("a  \n"),
    "soft breaks": _repeated("a\n"),
    "math opened": _repeated("$a "),
    "math closed": _repeated("$a$ "),
    "math doubled": _repeated("a $$b "),
    "math with digits": _repeated("$a$1 "),
    "math escaped": _repeated("\\$a$ "),
    "backslashes and a dollar": lambda n: "$a" + "\\" * n + "$",
    "dollars after backslashes": _longer_runs("\\", "$"),
    "footnotes called": _repeated("[^a] ", "[^a]: Note.\n\n"),
    "footnotes opened and called": _repeated("[^a[^b]", "[^b]: Note.\n\n"),
    "footnotes opened": _repeated("[^a", "[^b]: Note.\n\n"),
    "footnotes by number": _numbered("[^#]: a\n\n[^#] "),
    "footnotes without a call": _numbered("[^#]: a\n"),
    "footnotes nested": _repeated("[^a]: "),
    "sentences": _repeated("A b. "),
    "full stops": _repeated(". A"),
    "ellipses": _repeated("a... "),
    "one sentence of words": _repeated("word "),
    "bold labels": _repeated("**a:** b\n"),
    "bread crumbs": _repeated("a » "),
    "bread crumbs in angles": _repeated("a > b "),
    "closing quotes": _repeated('a.")]'),
    "figure labels": _repeated("<b>", after="</b>"),
    "one long figure label": lambda n: "<" + "a" * n,
    "blank paragraphs": _repeated("\u00a0\n\n"),
}
BLOCKS: Mapping[str, Shape] = {
    "quotes nested": _repeated("> "),
    "quotes in lines": _repeated("> a\n"),
    "quotes and lazy lines": _repeated("> a\nb\n"),
    "quotes deeper and deeper": _stairs("a", ">"),
    "lists": _repeated("- a\n"),
    "lists with empty items": _repeated("-\n"),
    "lists in one line": _repeated("- "),
    "lists apart": _repeated("- a\n\n"),
    "lists of changing marks": _repeated("- a\n+ b\n"),
    "lists deeper and deeper": _stairs("- a"),
    "lists of numbers": _numbered("1#. a\n"),
    "lists in quotes": _repeated("> - "),
    "tasks": _repeated("- [ ] a\n"),
    "tasks done": _repeated("- [x] a\n"),
    "tasks deeper and deeper": _stairs("- [ ] a", "  "),
    "tasks apart": _repeated("1. [ ] a\n\n"),
    "headings": _repeated("# a\n"),
    "headings of all levels": _repeated("# a\n## b\n### c\n#### d\n##### e\n###### f\n"),
    "headings with text": _repeated("# a\n\nText here.\n\n"),
    "headings of one name and a number": _numbered("# a\n# a-#\n"),
    "headings with one id": _repeated("# a {#b}\n"),
    "headings with their ids": _numbered("# a {#b#}\n"),
    "headings with ids in comments": _repeated("# a {/* #b */}\n"),
    "one heading with braces": lambda n: "# a" + "{#" * (n // 2),
    "one heading with comments": lambda n: "# a" + "{/*#" * (n // 4),
    "one heading with blanks": lambda n: "# a" + " " * n + "b",
    "one long heading": lambda n: (
        "# " + "a " * (n // 4) + "\n\nText.\n\n## b\n\nMore.\n" * (n // 40)
    ),
    "underlines": _repeated("a\n=\n"),
    "underlines below many lines": _repeated("a\n", after="="),
    "rules": _repeated("---\n\n"),
    "fences": _repeated("```\na\n```\n"),
    "fences opened": _repeated("```\n~~~\n"),
    "fences with info": _repeated("```a `b\n"),
    "fences longer and longer": _longer_runs("`", "\n"),
    "code blocks": _repeated("    a\n\n"),
    "code with one long line": lambda n: "```python\n" + "a = 1; " * (n // 7) + "\n```\n",
    "tables": _repeated("| a | b |\n", "| a | b |\n|---|---|\n"),
    "tables of empty cells": _repeated("|\n", "|a|b|c|d|e|f|g|h|\n|-|-|-|-|-|-|-|-|\n"),
    "tables one after another": _repeated("|a|\n|-|\n|b|\n\n"),
    "tables that are none": _repeated("|a|\n|-|-|\n"),
    "one wide table": lambda n: "|a" * (n // 4) + "|\n" + "|-" * (n // 4) + "|\n",
    "escaped pipes": lambda n: "|a|\n|-|\n|" + "\\|" * (n // 2) + "|\n",
    "definitions": _numbered("[a#]: b\n"),
    "definitions of one name": _repeated("[a]: b\n"),
    "definitions opened": _repeated("[a\n"),
    "definitions with a title opened": _repeated('[a]: b "c\n'),
    "definitions with quotes": lambda n: "[a]: b '" + "c\n" * (n // 2),
    "definitions apart": _repeated("[a]: b 'c\n\n"),
    "display math": _repeated("$$\na\n$$\n"),
    "display math opened": _repeated("$$\na\n\n"),
    "display math in one line": _repeated("$$a$$\n\n"),
    "display math half": _repeated("$$a\n\n"),
    "display math half in a quote": _repeated("> $$a\n>\n", after="\n$$b$$\n"),
    "admonitions": _repeated(":::tip\na\n:::\n"),
    "admonitions opened": _repeated(":::tip\n"),
    "admonitions with a title opened": _repeated(":::tip[\n\n"),
    "admonitions longer and longer": _longer_runs(":", "tip\n"),
    "admonitions with brackets": lambda n: ":::tip" + "[a]" * (n // 3) + "\na\n:::\n",
}
HTML: Mapping[str, Shape] = {
    "comments opened": _repeated("<!--"),
    "comments opened in lines": _repeated("<!--\n\n"),
    "comments opened in prose": _repeated("a <!--\n"),
    "comments closed": _repeated("<!-- a -->"),
    "comments of dashes": lambda n: "a <!--" + "-" * n,
    "instructions opened": _repeated("a <?"),
    "declarations opened": _repeated("a <!A"),
    "CDATA opened": _repeated("a <![CDATA["),
    "tags opened": _repeated("<a"),
    "tags with blanks": _repeated("<a "),
    "tags with attributes": _repeated("<a b=c "),
    "tags with quotes": _repeated('<a b="'),
    "tags closed": _repeated("<b>a</b> "),
    "tags in lines": _repeated("<div>\n\n"),
    "scripts opened": _repeated("<script>\n\n"),
    "one tag of attributes": lambda n: "a <a" + " b" * (n // 2),
    "one tag of blanks": lambda n: "a <a" + " " * n,
    "one tag of values": lambda n: "a <a" + " b='c'" * (n // 6),
    "closing tags": _repeated("</a"),
}
MDX: Mapping[str, Shape] = {
    "MDX comments opened": _repeated("{/*"),
    "MDX comments opened in lines": _repeated("{/*\n\n"),
    "MDX comments opened in prose": _repeated("a {/* b\n"),
    "MDX comments closed late": _repeated("{/* a\n", after="*/} b\n"),
    "MDX comments closed": _repeated("{/* a */}"),
    "components opened": _repeated("<A"),
    "components with attributes": _repeated("<A b "),
    "components with values": _repeated("<A b={1} "),
    "components with braces": _repeated("<A b={"),
    "components with braces closed": _repeated("<A b={{}}"),
    "components with quotes": _repeated('<A b="'),
    "components in lines": _repeated("<A>\n\n</A>\n\n"),
    "components of many attributes": lambda n: "<A" + " b" * (n // 2),
    "components of many values": lambda n: "<A" + " b={c}" * (n // 6),
    "components of many blanks": lambda n: "<A" + " " * n,
    "components of many names": lambda n: "<A" + ".b" * (n // 2),
    "one component of nested braces": _nested("{", "}", "<A b="),
    "elements with braces": _repeated("<a b={"),
    "braces in braces": lambda n: "<A b=" + "{{{{" * (n // 4),
    "fragments": _repeated("<>"),
    "imports": _repeated("import a from 'b'\n"),
    "imports apart": _repeated("import a from 'b'\n\n"),
    "exports opened": _repeated("export const a = {\n\n"),
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
    "front matter without end": _repeated("a: b\n", "---\n"),
    "front matter of hyphens": _repeated("--- \n"),
}
MIXED: Mapping[str, Shape] = {
    "marks and words": _repeated("*a [b `c <d {e $f ~~g !h &i \\j "),
    "blocks of all kinds": _repeated(
        "# a\n\n> - b\n\n```\nc\n```\n\n| d |\n|---|\n| e |\n\n- [ ] f\n\n"
    ),
    "openings of all kinds": _repeated("> - <!-- {/* [a]( `b $c :::\n"),
    "quotes, lists and tasks": _repeated("> - [ ] a\n> > 1. b\n"),
    "components and comments": _repeated("<A>{/* a */}</A>\n"),
    "prose": _repeated("The robot walks on two legs. It *gets up* again [soon](a.md).\n\n"),
    "prose in one paragraph": _repeated("The robot walks on two legs. It `gets up` again.\n"),
}

SHAPES: Mapping[str, Shape] = {
    **CHARACTERS, **INLINE, **BLOCKS, **HTML, **MDX, **FRONT, **MIXED
}  # fmt: skip
