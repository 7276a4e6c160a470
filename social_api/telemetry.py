"""What can be seen from outside: JSON logs with the request id and no personal data, and RED metrics of each route."""

from __future__ import annotations

import logging
import re
import sys
import traceback
from contextvars import ContextVar
from typing import Any

import structlog
from prometheus_client import Counter, Histogram
from uuid_utils import uuid7

REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")
"""The request at work; the same id goes with outbox rows and stands in the gateway's log."""

_GIVEN = re.compile(r"[A-Za-z0-9._-]{8,64}", re.ASCII)

_requests = Counter("meton_api_requests_total", "Requests answered", ["method", "route", "status"])
_seconds = Histogram(
    "meton_api_request_seconds",
    "Time to answer",
    ["method", "route"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)


class RouteMetrics:
    """Rate, errors and duration of one route."""

    __slots__ = ("_by_status", "_method", "_observe", "_route")

    def __init__(self, method: str, route: str) -> None:
        self._method = method
        self._route = route
        self._observe = _seconds.labels(method, route).observe
        self._by_status: dict[int, Any] = {}

    def answered(self, status: int, seconds: float) -> None:
        """Count one answer."""
        count = self._by_status.get(status)
        if count is None:
            count = self._by_status[status] = _requests.labels(self._method, self._route, str(status)).inc
        count()
        self._observe(seconds)


def request_id(given: str | None) -> str:
    """The gateway's id when there is a proper one, else a new one; it is in REQUEST_ID from now on."""
    chosen = given if given is not None and _GIVEN.fullmatch(given) else str(uuid7())
    REQUEST_ID.set(chosen)
    return chosen


def configure_logs(level: str) -> None:
    """One JSON object a line on stderr, for our own events and those of libraries."""
    structlog.configure(
        processors=[
            _add_request_id,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ]
        )
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    # its errors are requests that cannot be parsed, quoted with their tokens
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)


def where(error: BaseException) -> list[str]:
    """Where an error came from, innermost last, without its message: that may quote a row or a body."""
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)][
        -12:
    ]


def _add_request_id(_logger: Any, _name: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    if request_id := REQUEST_ID.get():
        event["request_id"] = request_id
    return event
