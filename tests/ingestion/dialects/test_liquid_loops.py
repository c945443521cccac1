"""Loops of Liquid over the data of a site."""

from __future__ import annotations

from typing import Any

import pytest

from ingestion.dialects.liquid_loops import with_loops

DATA: dict[str, Any] = {
    "t": [
        {"name": "Gear", "uses": ["cars", "clocks"], "of": {"size": 3}},
        {"name": "Rod", "uses": []},
    ],
    "u": {"force": "newton", "mass": "gram"},
}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("{% for t in site.data.t %}- {{ t.name }}\n{% endfor %}", "- Gear\n- Rod\n"),
        (
            "{%-for t in site.data.t-%}{{t.name}}:{%for u in t.uses%} {{u}}{%endfor%}.{%endfor%}",
            "Gear: cars clocks.Rod:.",
        ),
        ("{% for u in site.data.u %}{{ u[0] }}={{ u[1] }} {% endfor %}", "force=newton mass=gram "),
        (
            "{% assign a = site.data.t | sort %}{% for t in a %}{{ t.name }} {% endfor %}",
            "Gear Rod ",
        ),
        ("{{ site.data.u.force }} and {{ page.title }}", "newton and {{ page.title }}"),
        ("{% for t in site.data.t %}{{ t.uses }}{{ t.of.size }}{% endfor %}", "cars, clocks3"),
        (
            "{% raw %}{% for t in site.data.t %}{% endraw %}",
            "{% raw %}{% for t in site.data.t %}{% endraw %}",
        ),
    ],
)
def test_loops_over_data_are_written_out(text: str, shown: str) -> None:
    notes: list[str] = []
    assert with_loops(text, at, lambda kind, _: notes.append(kind)) == shown
    assert notes == []


def at(path: str) -> Any:
    value: Any = DATA
    for part in path.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def test_loops_over_what_is_not_known_stay_and_are_noted() -> None:
    notes: list[tuple[str, str]] = []
    text = "{% for p in site.posts %}Read {{ p.title }}.{% endfor %}"
    assert with_loops(text, at, lambda *found: notes.append(found)) == text
    assert notes == [("Liquid loops that are not written out", "{% for p in site.posts %}")]


def test_loops_within_loops_have_a_limit() -> None:
    notes: list[str] = []
    text = "{% for a in site.data.t %}" * 30 + "x" + "{% endfor %}" * 30
    assert len(with_loops(text, at, lambda kind, _: notes.append(kind))) < 2_000_000
    assert "rounds of Liquid loops beyond the limit" in notes
