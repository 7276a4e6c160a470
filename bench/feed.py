"""The home feed on a social network of its own, against a route that verifies the token and reads one row.

Both are answered by the same process of social_api, in turns within one run; each request is of another of a thousand
people, so that nobody's feed is warm by itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median

import psutil

from bench import database, realm
from bench.graph import MANY, MEDIAN, Graph
from bench.load import Plan, Seen, ask
from bench.measures import Measure
from bench.servers import free_port, serving
from stack.files import write_private
from stack.installation import Installation
from stack.measuring import Options
from stack.trouble import Trouble

ROUNDS = 5
SECONDS = 3.0
BUSY = 16
"""Connections at once; what one process of Python can just about be kept busy with."""
VIEWERS = 1000
HOME, ONE_ROW, POSTS = "/api/v1/feed", "/api/v1/me", "/api/v1/posts"
NEW_POST = json.dumps({"caption": "Monsoon over the Western Ghats this morning. #rain", "language": "en"})


@dataclass(frozen=True, slots=True)
class Server:
    """social_api on the made-up network, and who asks it."""

    port: int
    process: int
    everyone: list[str]
    few: list[str]
    """Tokens of people who follow MEDIAN others."""
    many: list[str]
    """Of people who follow MANY."""

    def ask(self, path: str, tokens: list[str], body: str | None = None) -> Seen:
        """One round; Trouble when the server refuses, as then there is nothing to measure."""
        seen = ask(Plan(self.port, path, BUSY, SECONDS, tokens=tokens, body=body))
        if seen.refused:
            raise Trouble(f"{seen.refused} requests to {path} were refused.")
        return seen

    @property
    def resident_mib(self) -> float:
        """The memory that the process holds."""
        return psutil.Process(self.process).memory_info().rss / 2**20


def run(installation: Installation, options: Options) -> list[Measure]:
    """Measure on a database of its own; a minute and a half, and the time to make the data."""
    graph = Graph(options.scale)
    with database.filled(installation, graph, keep=options.keep) as name, _server(installation, graph, name) as server:
        home, one_row = _in_turns(server, (HOME, server.everyone, None), (ONE_ROW, server.everyone, None))
        many, few = _in_turns(server, (HOME, server.many, None), (HOME, server.few, None))
        written, read = _in_turns(server, (POSTS, server.everyone, NEW_POST), (ONE_ROW, server.everyone, None))
        resident = server.resident_mib
    measures = [
        Measure.against("home_throughput", home.per_second, "req/s", one_row.per_second),
        Measure.against("home_p50", home.p50_ms, "ms", one_row.p50_ms),
        Measure.against("home_p99", home.p99_ms, "ms", one_row.p99_ms),
        Measure.against("followees_p99", many.p99_ms, "ms", few.p99_ms),
        Measure.against("create_p50", written.p50_ms, "ms", read.p50_ms),
        Measure("resident_mib", round(resident, 1), "MiB"),
    ]
    return measures + _against_other_scale(installation, options.scale, home.p99_ms)


def _in_turns(server: Server, *asked: tuple[str, list[str], str | None]) -> list[Seen]:
    """The medians of ROUNDS rounds, in which each is asked once."""
    rounds = [[server.ask(path, tokens, body) for path, tokens, body in asked] for _ in range(ROUNDS)]
    return [
        Seen(
            per_second=median(seen.per_second for seen in column),
            p50_ms=median(seen.p50_ms for seen in column),
            p99_ms=median(seen.p99_ms for seen in column),
            refused=0,
        )
        for column in zip(*rounds, strict=True)
    ]


def _against_other_scale(installation: Installation, scale: int, p99_ms: float) -> list[Measure]:
    """`scale_p99`, once the usual scale and a larger one were run on this machine."""
    kept = installation.folder("bench") / "home_p99.json"
    seen: dict[str, float] = json.loads(kept.read_text(encoding="utf-8")) if kept.is_file() else {}
    seen[str(scale)] = p99_ms
    write_private(kept, json.dumps(seen))
    larger = max(seen, key=int)
    if larger == "1" or "1" not in seen:
        return []
    return [Measure.against("scale_p99", seen[larger], "ms", seen["1"])]


@contextmanager
def _server(installation: Installation, graph: Graph, name: str) -> Iterator[Server]:
    """social_api as it always runs, save for its port, database and issuer, and for rate limits that nobody meets."""
    port = free_port()
    with realm.serving(f"{installation.public_url}/auth/realms/meton") as issuer:
        changed = {
            "METON_LISTEN_PORT": str(port),
            "METON_RATE_LIMIT_FACTOR": "100000",
            "METON_DATABASE_URL": database.url(installation, "social_api", name),
            "METON_KEYCLOAK_URL": issuer.url,
        }
        environment = {**installation.environment("social_api"), **changed}
        everyone, many, few = (
            issuer.tokens([graph.subject(number) for number in people])
            for people in (graph.everyone(VIEWERS), graph.following(MANY), graph.following(MEDIAN))
        )
        with serving("social_api", url=f"http://127.0.0.1:{port}/health", environment=environment) as process:
            yield Server(port, process, everyone, few, many)
