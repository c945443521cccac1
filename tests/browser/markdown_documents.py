"""Documents as models write them, made at random: all blocks and marks, also within each other."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

TEXT = (
    r"the robot falls and stands again because its foot pushes the ground a_name x*y f() 3.14 e.g. "
    r"“quoted” (so) don't é 歩く 🤖 a-b 50% #1 C++ x_1 & < > | ~ ^ \* \_ &amp; &lt; &#35;"
)
WORDS = TEXT.split()
ADDRESSES = ("https://example.org/a", "https://example.org/a_(b)?c=d#e", "<https://example.org/>")
CODE = (
    "def f(x):", "    return x * 2", "", "# no heading", "- no item", "> no quote", "\tmake all",
    "| no | table |", "***", "1. no item", "``", "if a < b && c: pass  ",
    "[a](https://b.c/) **no**",
)  # fmt: skip
INLINE = ("a", "x = 1", "*b*", "<c>", " d ", "e\\")
PERCENT = 100


def document(seed: int) -> str:
    """One of them; the same for the same seed."""
    source = Random(seed)
    return "\n".join(_blocks(source, depth=0, most=6)) + "\n"


def _blocks(source: Random, depth: int, most: int) -> list[str]:
    lines: list[str] = []
    for _ in range(source.randint(1, most)):
        makers: list[Callable[[Random, int], list[str]]] = [
            _paragraph, _paragraph, _paragraph, _fence, _list, _list, _table, _heading, _rule,
            _indented,
        ]  # fmt: skip
        made = source.choice([*makers, _quote] if depth < 3 else makers[:4])(source, depth)
        if lines and source.randrange(PERCENT) < 85:
            lines += [""] * source.choice((1, 1, 1, 2))
        lines += made
    return lines


def _paragraph(source: Random, _: int) -> list[str]:
    lines = [_text(source) for _ in range(source.choice((1, 1, 1, 2, 3)))]
    return [line + source.choice(("", "", "", "  ", "\\")) for line in lines[:-1]] + lines[-1:]


def _text(source: Random, depth: int = 0, in_link: bool = False) -> str:
    gap = source.choice((" ", " ", "")) if depth else " "
    return gap.join(_span(source, depth, in_link) for _ in range(source.randint(1, 6)))


def _span(source: Random, depth: int, in_link: bool) -> str:
    word = source.choice(WORDS)
    if depth > 2 or source.randrange(PERCENT) < 60:
        return word
    inner = _text(source, depth + 1, in_link)
    if in_link:
        return source.choice((word, f"*{inner}*", f"**{inner}**", f"`{source.choice(INLINE)}`"))
    label = f"see {_text(source, depth + 1, in_link=True)} there"
    mark = source.choice(("*", "**", "***", "_", "__", "~~"))
    return source.choice(
        (
            mark + inner + mark,
            mark + inner,
            f"`{source.choice(INLINE)}`",
            f"``{source.choice(('a`b', '` c', 'd'))}``",
            f"[{label}]({source.choice(ADDRESSES)})",
            f'[{label}](https://example.org/ "a title")',
            f"![{word}](https://example.org/a.png)",
            f"<https://example.org/{source.randrange(9)}>",
            source.choice(("*", "**", "_", "`", "[", "]", "![", "](", ")", "~~", "\\", "!")),
        )
    )


def _fence(source: Random, _: int) -> list[str]:
    mark = source.choice(("```", "```", "````", "~~~", "~~~~"))
    code = [source.choice(CODE) for _ in range(source.randint(1, 6))]
    blanks = source.choice(("", "", "", " ", "  "))
    lines = [mark + source.choice(("", "py", "python title", " c++")), *code]
    return [blanks + line if line else line for line in lines] + [blanks + mark]


def _list(source: Random, depth: int) -> list[str]:
    number = source.choice((1, 1, 1, 0, 3, 9, 99))
    sign = source.choice(("-", "-", "*", "+", ".", ".", ")"))
    is_loose = source.randrange(PERCENT) < 30
    lines: list[str] = []
    for item in range(source.randint(1, 4)):
        mark = f"{number + item}{sign}" if sign in ".)" else sign
        gap = source.choice((" ", " ", " ", "  ", "   "))
        width = len(mark + gap)
        inner = _item(source, depth)
        if source.randrange(PERCENT) < 4:
            inner = [""]
        if lines and is_loose:
            lines.append("")
        lines.append((mark + gap + inner[0]).rstrip() if not inner[0] else mark + gap + inner[0])
        lines += [" " * width + line if line else "" for line in inner[1:]]
    return lines


def _item(source: Random, depth: int) -> list[str]:
    if depth > 2 or source.randrange(PERCENT) < 55:
        return [_text(source)]
    if source.randrange(PERCENT) < 30:
        return _blocks(source, depth + 1, 3)
    made = source.choice((_list, _fence, _quote, _table, _paragraph))(source, depth + 1)
    return [_text(source), *([""] if source.randrange(PERCENT) < 40 else []), *made]


def _quote(source: Random, depth: int) -> list[str]:
    mark = source.choice(("> ", "> ", ">"))
    lines = _blocks(source, depth + 1, 3)
    is_lazy = source.randrange(PERCENT) < 10
    quoted: list[str] = []
    for at, line in enumerate(lines):
        goes_on = at and line[:1].isalpha() and lines[at - 1][:1].isalpha()
        if is_lazy and goes_on:
            quoted.append(line)
        else:
            quoted.append(("> " if line[:1] == "\t" else mark) + line if line else ">")
    return quoted


def _table(source: Random, _: int) -> list[str]:
    columns = source.randint(1, 4)

    def row(cell: Callable[[], str], count: int = columns) -> str:
        return "| " + " | ".join(cell() for _ in range(count)) + " |"

    def text() -> str:
        cell = " ".join(source.choice(WORDS).replace("|", "") for _ in range(source.randint(0, 3)))
        return cell + source.choice(("", "", " **b**", " `c`", " \\|", " *d"))

    dashes = row(lambda: source.choice(("---", ":--", "--:", ":-:", "-")))
    rows = [
        row(text, columns + source.choice((0, 0, 0, 0, -1, 1)) or 1)
        for _ in range(source.randint(0, 3))
    ]
    bare = source.randrange(PERCENT) < 15 and columns > 1
    lines = [row(text), dashes, *rows]
    return ["e" + line[2:-2] if bare and line != dashes else line for line in lines]


def _heading(source: Random, _: int) -> list[str]:
    if source.randrange(PERCENT) < 20:
        return [_text(source), source.choice(("---", "===", "-"))]
    return ["#" * source.randint(1, 6) + " " + _text(source) + source.choice(("", "", " ##"))]


def _rule(source: Random, _: int) -> list[str]:
    return [source.choice(("---", "***", "* * *", "___", "- - -"))]


def _indented(source: Random, _: int) -> list[str]:
    lines = ["    " + source.choice(CODE) for _ in range(source.randint(1, 3))]
    return ["", *[line.rstrip() for line in lines], ""]
