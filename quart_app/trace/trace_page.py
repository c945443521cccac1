"""A trace as one HTML page that needs nothing else: no script, no file beside it, no network."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from quart_app.trace.facts import facts, ms, ranked, status
from quart_app.trace.record import Trace
from quart_app.trace.timeline import length_ms, steps
from quart_app.trace.visible import visible

TEMPLATES = Path(__file__).parent.parent / "templates"


def render(trace: Trace) -> str:
    """The page. What a book, a reader or a model wrote stands in it as text."""
    return render_alone(
        "trace.html",
        trace=trace,
        facts=facts(trace),
        status=status(trace.outcome),
        steps=steps(trace),
        length=length_ms(trace) or 1.0,
        candidates=ranked(trace),
        ms=ms,
    )


def render_alone(template: str, **values: object) -> str:
    """A page of a template that extends alone.html; text in `values` stands in it as text."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(template).render(**values)


def _finalize(value: object) -> object:
    """Last before it is escaped: every string that the template prints."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return visible(value)
    return value
