"""One JSON object a line on stderr, for our own events and those of libraries, with what `bound_contextvars` says."""

from __future__ import annotations

import logging
import sys

import structlog


def configure(level: str) -> None:
    """Log from now on at `level` (info, warning …) for our own events, at warning for those of libraries."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ]
    structlog.configure(
        processors=shared,
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    strip = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processors=[strip, *shared]))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
