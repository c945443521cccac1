"""What was seen of answers, kept for a while for `scholiast trace` (`quart_app.traces`)."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from quart_app.trace.recorder import Recorder
    from quart_app.trace.tracer import Tracer, open_tracer

__all__ = ["Recorder", "Tracer", "open_tracer"]

_MODULES = {"Recorder": "recorder", "Tracer": "tracer", "open_tracer": "tracer"}


def __getattr__(name: str) -> Any:
    """Import when asked (PEP 562): what reads traces need not load what watches chains."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
