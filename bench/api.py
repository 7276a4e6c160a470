"""The spine of the API against a bare aiohttp hello: what a verified request with one primary-key query costs.

Both are one process on uvloop, measured in turns within one run, so that the machine's mood meets both alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median

from bench.load import Plan, Seen, ask
from bench.measures import Measure
from bench.servers import free_port, serving
from stack import demo
from stack.installation import Installation
from stack.measuring import Options
from stack.signing_in import access_token
from stack.trouble import Trouble

ROUNDS = 5
SECONDS = 3.0
BUSY = 16
"""Connections at once; what one process of Python can just about be kept busy with."""
PERSON = "bench"
"""Whose token it is: an account that the first run makes and that has no other purpose."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where to ask for what."""

    port: int
    path: str
    tokens: list[str]

    def ask(self, connections: int) -> Seen:
        """One round; Trouble when the server refuses, as then there is nothing to measure."""
        seen = ask(Plan(self.port, self.path, connections, SECONDS, tokens=self.tokens))
        if seen.refused:
            raise Trouble(f"{seen.refused} requests to {self.path} were refused.", "./meton logs social_api")
        return seen


def run(installation: Installation, _options: Options) -> list[Measure]:
    """Measure on the running stack; about 45 seconds."""
    demo.make_account(installation, PERSON, ("Bench", "Mark"))
    with _spine(installation) as spine, _hello() as hello:
        busy = [(spine.ask(BUSY).per_second, hello.ask(BUSY).per_second) for _ in range(ROUNDS)]
        alone = [(spine.ask(1).p50_ms, hello.ask(1).p50_ms) for _ in range(2)]
    return [
        Measure.against("spine_throughput", *_medians(busy, "req/s")),
        Measure.against("spine_p50", *_medians(alone, "ms")),
    ]


def _medians(rounds: list[tuple[float, float]], unit: str) -> tuple[float, str, float]:
    return median(value for value, _ in rounds), unit, median(baseline for _, baseline in rounds)


@contextmanager
def _spine(installation: Installation) -> Iterator[Target]:
    """social_api as it always runs, save for its port and for rate limits that nobody meets."""
    port = free_port()
    changed = {"METON_LISTEN_PORT": str(port), "METON_RATE_LIMIT_FACTOR": "100000"}
    environment = {**installation.environment("social_api"), **changed}
    token = access_token(installation, PERSON, installation.secret(f"demo_{PERSON}"))
    with serving("social_api", url=f"http://127.0.0.1:{port}/health", environment=environment):
        yield Target(port, "/api/v1/me", [token])


@contextmanager
def _hello() -> Iterator[Target]:
    port = free_port()
    with serving("bench.hello", str(port), url=f"http://127.0.0.1:{port}/"):
        yield Target(port, "/", [])
