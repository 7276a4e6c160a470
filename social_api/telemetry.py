"""What can be seen from outside: JSON logs with the request id and no personal data, and RED metrics of each route."""

from __future__ import annotations

import logging
import math
import re
import sys
import traceback
from bisect import bisect_left
from collections.abc import Iterator
from contextvars import ContextVar
from itertools import accumulate, count
from typing import Any
from uuid import uuid4

import structlog
from prometheus_client import REGISTRY, Metric
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")
"""The request at work; the same id goes with outbox rows and stands in the gateway's log."""

_OURS = str(uuid4())[:24]  # a UUID but for its last group, which counts: a random one took 5 % of a small request
_numbers = count(1)
_GIVEN = re.compile(r"[A-Za-z0-9._-]{8,64}", re.ASCII)

_WITHIN = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, math.inf)
"""Seconds; the buckets of the histogram."""
_UP_TO = [*map(str, _WITHIN[:-1]), "+Inf"]


class RouteMetrics:
    """Rate, errors and duration of one route.

    Numbers without locks, since only the event loop's thread counts: prometheus_client's own took three each time.
    """

    __slots__ = ("by_status", "by_time", "seconds")

    def __init__(self) -> None:
        self.by_status: dict[int, int] = {}
        self.by_time = [0] * len(_WITHIN)
        self.seconds = 0.0

    def answered(self, status: int, seconds: float) -> None:
        """Count one answer."""
        self.by_status[status] = self.by_status.get(status, 0) + 1
        self.by_time[bisect_left(_WITHIN, seconds)] += 1
        self.seconds += seconds


class _Routes(Collector):
    """What Prometheus is told of all routes."""

    def __init__(self) -> None:
        self.metrics: dict[tuple[str, str], RouteMetrics] = {}

    def collect(self) -> Iterator[Metric]:
        requests = CounterMetricFamily("meton_api_requests", "Requests answered", labels=["method", "route", "status"])
        seconds = HistogramMetricFamily("meton_api_request_seconds", "Time to answer", labels=["method", "route"])
        for (method, route), seen in self.metrics.items():
            for status, answers in seen.by_status.items():
                requests.add_metric([method, route, str(status)], answers)
            seconds.add_metric([method, route], list(zip(_UP_TO, accumulate(seen.by_time), strict=True)), seen.seconds)
        yield requests
        yield seconds


_routes = _Routes()
REGISTRY.register(_routes)


def metrics_of(method: str, route: str) -> RouteMetrics:
    """The metrics of a route, the same ones however often one asks."""
    return _routes.metrics.setdefault((method, route), RouteMetrics())


def request_id(given: str | None) -> str:
    """The gateway's id when there is a proper one, else a new one; it is in REQUEST_ID from now on."""
    chosen = given if given is not None and _GIVEN.fullmatch(given) else f"{_OURS}{next(_numbers):012x}"
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
