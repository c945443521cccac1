"""docs/performance.json and docs/performance.md with its charts, written from the rows of a run."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.figures.charts import chart, in_words
from benchmarks.figures.machine import BUSY
from benchmarks.figures.rows import Row

CHARTS = {
    "performance-cost.svg": ("processor time of a word", "µs"),
    "performance-p50.svg": ("lateness of a word, p50", "ms"),
    "performance-p99.svg": ("lateness of a word, p99", "ms"),
}
HEAD, NOTES = (Path(__file__).with_name(name) for name in ("head.md", "notes.md"))
"""What is measured and how; and what is known of the figures: profiles, and why some are missed."""


def write(folder: Path, about: Mapping[str, str], rows: Sequence[Row]) -> None:
    """Write all files into a folder of docs."""
    figures = {**about, "rows": [row.as_json() for row in rows]}
    text = json.dumps(figures, ensure_ascii=False, indent=1)
    (folder / "images").mkdir(exist_ok=True)
    (folder / "performance.json").write_text(text + "\n", encoding="utf-8")
    parts = [HEAD.read_text(encoding="utf-8"), _about(about), _busy(rows), "## Charts\n"]
    for file, (name, unit) in CHARTS.items():
        lines = _lines(rows, name)
        if lines["ours"]:
            (folder / "images" / file).write_text(chart(name, unit, lines), encoding="utf-8")
            parts.append(f"![{in_words(name, unit, lines)}](images/{file})\n")
    parts += ["## Figures\n", table(rows), _misses(rows), NOTES.read_text(encoding="utf-8")]
    page = "\n".join(part for part in parts if part)
    (folder / "performance.md").write_text(page, encoding="utf-8")


def table(rows: Sequence[Row]) -> str:
    """The rows as a table of Markdown."""
    lines = ["| figure | ours | peer | ours / peer | asked | holds |", "|---|---|---|---|---|---|"]
    for row in rows:
        low, high = row.interval
        ours = f"{row.ours:g} {row.unit} ({low:g} to {high:g})"
        peer = "" if row.peer is None else f"{row.peer:g} {row.unit}"
        ratio = "" if row.ratio is None else f"{row.ratio:g}"
        holds = "" if row.holds is None else ("yes" if row.holds else "**no**")
        lines.append(f"| {row.name} | {ours} | {peer} | {ratio} | {row.goal or ''} | {holds} |")
    return "\n".join(lines) + "\n"


def _about(about: Mapping[str, str]) -> str:
    machine = f"Measured on {about['date']}: {about['machine']}; {about['system']}."
    return f"{machine} {about['versions']}.\n"


def _busy(rows: Sequence[Row]) -> str:
    most = max((row.disturbed for row in rows), default=0.0)
    if most < BUSY:
        return ""
    return (
        f"**The machine was busy**: other programs used up to {100 * most:.0f} % of its processors "
        "meanwhile. Intervals are as much wider, and times by the clock say little.\n"
    )


def _misses(rows: Sequence[Row]) -> str:
    missed = [row for row in rows if row.holds is False]
    if not missed:
        return "All that was asked holds.\n"
    return "\n".join(["Missed:\n", *(f"- {row.name}: asked {row.goal}" for row in missed), ""])


def _lines(rows: Sequence[Row], name: str) -> dict[str, list[tuple[float, float]]]:
    lines: dict[str, list[tuple[float, float]]] = {"ours": [], "peer": []}
    for row in rows:
        if found := re.fullmatch(re.escape(name) + r", (\d+) readers?", row.name):
            lines["ours"].append((float(found[1]), row.ours))
            if row.peer is not None:
                lines["peer"].append((float(found[1]), row.peer))
    return lines
