"""Charts as SVG: lines over the number of readers, ours and the peer's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from math import ceil, floor, log10

WIDTH, HEIGHT = 640, 320
LEFT, RIGHT, TOP, BOTTOM = 70, 90, 40, 45
STYLE = 'role="img" aria-labelledby="t d" font-family="sans-serif" font-size="12"'
COLOURS = {"ours": "#0b6e4f", "peer": "#b3541e"}
DASHES = {"ours": "", "peer": ' stroke-dasharray="6 4"'}

Points = Sequence[tuple[float, float]]


def chart(title: str, unit: str, lines: Mapping[str, Points]) -> str:
    """An SVG of lines by name, each of (readers, figure), on a logarithmic scale upwards.

    Its description says all figures in words, for those who cannot see it.
    """
    ticks = list(dict.fromkeys(x for points in lines.values() for x, _ in points))
    ys = [y for points in lines.values() for _, y in points if y > 0]
    low, high = floor(log10(min(ys))), max(ceil(log10(max(ys))), floor(log10(min(ys))) + 1)

    def across(x: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * ticks.index(x) / max(1, len(ticks) - 1)

    def down(y: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (high - log10(max(y, 1e-9))) / (high - low)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" {STYLE}>',
        f'<title id="t">{escape(title)}</title>',
        f'<desc id="d">{escape(in_words(title, unit, lines))}</desc>',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<text x="{LEFT}" y="22" font-size="14">{escape(title)}, {escape(unit)}</text>',
    ]
    for power in range(low, high + 1):
        y = down(10**power)
        parts += [
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.0f}" y2="{y:.0f}" stroke="#ddd"/>',
            f'<text x="{LEFT - 8}" y="{y + 4:.0f}" text-anchor="end">{10**power:g}</text>',
        ]
    for x in ticks:
        parts.append(
            f'<text x="{across(x):.0f}" y="{HEIGHT - 24}" text-anchor="middle">{x:g}</text>'
        )
    parts.append(f'<text x="{LEFT}" y="{HEIGHT - 6}">readers</text>')
    for name, points in lines.items():
        parts += _line(name, [(across(x), down(y)) for x, y in points])
    return "\n".join([*parts, "</svg>"]) + "\n"


def _line(name: str, places: Points) -> list[str]:
    """A line through places of the drawing, with its name at the end."""
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    colour = COLOURS[name]
    last_x, last_y = places[-1]
    return [
        f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"{DASHES[name]}/>',
        *(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in places),
        f'<text x="{last_x + 8:.0f}" y="{last_y + 4:.0f}" fill="{colour}">{name}</text>',
    ]


def in_words(title: str, unit: str, lines: Mapping[str, Points]) -> str:
    """The figures of a chart, as text.

    >>> in_words("Cost", "µs", {"ours": [(1, 2.5), (10, 3)]})
    'Cost. ours: 1 reader 2.5 µs, 10 readers 3 µs.'
    """
    said = (
        f"{name}: "
        + ", ".join(f"{x:g} reader{'s' if x != 1 else ''} {y:g} {unit}" for x, y in points)
        for name, points in lines.items()
    )
    return f"{title}. {'; '.join(said)}."
