"""A load generator that is not the bottleneck: one process, raw sockets, keep-alive, one request at a time on each.

`python -m bench.load` reads a plan from its standard input (a token must not stand among the arguments) and prints what
it saw. It encodes a request once for each token, and reads no more of an answer than its first line and its length: so
it asks more in a second than any server in Python answers; docs/performance.md compares it with wrk.
"""

from __future__ import annotations

import asyncio
import itertools
import re
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import msgspec
import uvloop

ROOT = Path(__file__).resolve().parent.parent
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)
_HEAD_ENDS = b"\r\n\r\n"


class Plan(msgspec.Struct, frozen=True):
    """What to ask, of whom, as whom, and for how long."""

    port: int
    path: str
    connections: int
    seconds: float
    warm_up_seconds: float = 0.5
    tokens: list[str] = []
    """Whose request it is: one after the other, again from the first; nobody's when there is none."""
    body: str | None = None
    """JSON to POST, each time under a new Idempotency-Key; without it the request is a GET."""

    def requests(self) -> Iterator[bytes]:
        """The requests as they go over the wire, without end."""
        encoded = [self._request(token) for token in self.tokens] or [self._request(None)]
        if self.body is None:
            return itertools.cycle(encoded)
        run = secrets.token_hex(8).encode()
        content = _HEAD_ENDS + self.body.encode()
        return (
            b"%b\r\nIdempotency-Key: %b-%d%b" % (head, run, number, content)
            for number, head in enumerate(itertools.cycle([request[: -len(_HEAD_ENDS)] for request in encoded]))
        )

    def _request(self, token: str | None) -> bytes:
        lines = [f"{'GET' if self.body is None else 'POST'} {self.path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}"]
        if token is not None:
            lines.append(f"Authorization: Bearer {token}")
        if self.body is not None:
            lines += ["Content-Type: application/json", f"Content-Length: {len(self.body.encode())}"]
        return "\r\n".join(lines).encode() + _HEAD_ENDS


class Seen(msgspec.Struct, frozen=True):
    """What came of it; times are of single requests, in milliseconds."""

    per_second: float
    p50_ms: float
    p99_ms: float
    refused: int
    """Answers that say anything but success."""


class _Tally:
    def __init__(self, counts_from: float) -> None:
        self.counts_from = counts_from
        self.times: list[float] = []
        self.refused = 0
        self.failed: str | None = None


class _Connection(asyncio.Protocol):
    """Asks again as soon as an answer is complete."""

    def __init__(self, requests: Iterator[bytes], tally: _Tally) -> None:
        self._requests = requests
        self._tally = tally
        self._received = b""
        self._asked_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._ask()

    def data_received(self, data: bytes) -> None:
        self._received = self._received + data if self._received else data
        if not _is_complete(self._received):
            return
        now = time.perf_counter()
        if self._asked_at >= self._tally.counts_from:
            self._tally.times.append(now - self._asked_at)
            if not self._received.startswith(b"HTTP/1.1 20"):
                self._tally.refused += 1
        self._received = b""
        self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._transport.is_closing():
            self._tally.failed = f"the server closed a connection: {exc}"

    def _ask(self) -> None:
        self._asked_at = time.perf_counter()
        self._transport.write(next(self._requests))


def _is_complete(received: bytes) -> bool:
    head_ends = received.find(_HEAD_ENDS)
    if head_ends < 0:
        return False
    length = _LENGTH.search(received, 0, head_ends + 2)
    return len(received) >= head_ends + len(_HEAD_ENDS) + (int(length[1]) if length else 0)


async def generate(plan: Plan) -> Seen:
    """Carry out a plan here; ConnectionError when the server does not keep its connections."""
    loop, requests = asyncio.get_running_loop(), plan.requests()
    tally = _Tally(time.perf_counter() + plan.warm_up_seconds)
    made = [
        await loop.create_connection(lambda: _Connection(requests, tally), "127.0.0.1", plan.port)
        for _ in range(plan.connections)
    ]
    await asyncio.sleep(plan.warm_up_seconds + plan.seconds)
    elapsed = time.perf_counter() - tally.counts_from
    for transport, _ in made:
        transport.close()
    if tally.failed or not tally.times:
        raise ConnectionError(tally.failed or "no answer at all")
    times = sorted(tally.times)
    return Seen(
        per_second=len(times) / elapsed,
        p50_ms=times[len(times) // 2] * 1000,
        p99_ms=times[len(times) * 99 // 100] * 1000,
        refused=tally.refused,
    )


def ask(plan: Plan) -> Seen:
    """Carry out a plan in a process of its own; subprocess.CalledProcessError when that fails."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.load"],
        input=msgspec.json.encode(plan),
        stdout=subprocess.PIPE,
        check=True,
        cwd=ROOT,
    )
    return msgspec.json.decode(done.stdout, type=Seen)


if __name__ == "__main__":
    sys.stdout.buffer.write(
        msgspec.json.encode(uvloop.run(generate(msgspec.json.decode(sys.stdin.buffer.read(), type=Plan))))
    )
