"""The log of a server: lines for people, or an object a line for what collects logs."""

from __future__ import annotations

import logging

from quart_app.commands.console import LogFormatter

LINE = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def start_log() -> logging.Handler:
    """Write what libraries warn of and what the server says to standard error, a line each."""
    handler = logging.StreamHandler()
    handler.setFormatter(LogFormatter(LINE))
    logging.basicConfig(handlers=[handler])
    logging.getLogger("scholiast").setLevel(logging.INFO)
    return handler


def json_formatter() -> logging.Formatter:
    """Each record as one JSON object: ``timestamp``, ``level``, ``logger``, ``message``, and
    ``exception`` where there is a stack trace. Only ASCII, so nothing in it acts on a terminal."""
    from structlog.processors import EventRenamer, JSONRenderer, TimeStamper, format_exc_info
    from structlog.stdlib import ProcessorFormatter, add_log_level, add_logger_name

    return ProcessorFormatter(
        foreign_pre_chain=[add_log_level, add_logger_name, TimeStamper(fmt="iso", utc=True)],
        processors=[
            ProcessorFormatter.remove_processors_meta,
            format_exc_info,
            EventRenamer("message"),
            JSONRenderer(sort_keys=True),
        ],
    )
