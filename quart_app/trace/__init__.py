"""What was seen of answers, kept for a while for `scholiast trace` (`quart_app.traces`)."""

from quart_app.trace.recorder import Recorder
from quart_app.trace.tracer import Tracer, open_tracer

__all__ = ["Recorder", "Tracer", "open_tracer"]
