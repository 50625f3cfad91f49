"""Log lines: one shape for the service's own and for those of the libraries under it."""

from __future__ import annotations

import json
import logging
import sys
from typing import TYPE_CHECKING, TextIO

import orjson
import structlog

from registry.settings import LogFormat, LogLevel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from structlog.typing import EventDict, Processor, WrappedLogger

ENCODER = json.JSONEncoder(default=str)
# Libraries that narrate at INFO what the service already says in its own words.
QUIET = ("alembic", "sqlalchemy", "uvicorn")


def configure(level: LogLevel, log_format: LogFormat, stream: TextIO | None = None) -> None:
    """Send every log line of the process to the stream (default: standard error)."""
    stream = stream or sys.stderr
    threshold = logging.getLevelNamesMapping()[level.upper()]
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    rendering = _rendering(log_format, stream)
    structlog.configure(
        processors=[*shared, *rendering],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.WriteLoggerFactory(file=stream),
        cache_logger_on_first_use=False,
    )
    _configure_libraries(threshold, shared, rendering, stream)


def _rendering(log_format: LogFormat, stream: TextIO) -> Sequence[Processor]:
    on_terminal = stream.isatty()
    if log_format is LogFormat.CONSOLE or (log_format is LogFormat.AUTO and on_terminal):
        return [structlog.dev.ConsoleRenderer(colors=on_terminal)]
    return [structlog.processors.format_exc_info, _json]


def _json(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    try:
        line = orjson.dumps(event, default=str)
    except TypeError:  # half a surrogate pair, or an integer of more than 64 bits
        return ENCODER.encode(event)
    return line.decode() if line.isascii() else ENCODER.encode(event)


def _configure_libraries(
    threshold: int, shared: list[Processor], rendering: Sequence[Processor], stream: TextIO
) -> None:
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *rendering,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(threshold)
    for name in QUIET:
        logging.getLogger(name).setLevel(max(threshold, logging.WARNING))
