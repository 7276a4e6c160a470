"""`meton doctor`: what is wrong, in words, and what to do about each."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass

import psutil
import psycopg2

from stack.bootstrap import packages
from stack.components import migrations, postgres
from stack.components.component import Component
from stack.holders import holder, is_free
from stack.installation import Installation
from stack.reading import last_words
from stack.status import State, look

LOW_DISK = 2_000_000_000  # bytes
LOW_MEMORY = 300_000_000
FLAPPING_RESTARTS = 3
FLAPPING_SECONDS = 600
CLOCK_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, and what to do."""

    wrong: str
    remedy: str


def examine(installation: Installation, components: dict[str, Component]) -> list[Finding]:
    """Everything found wrong, the most likely cause first."""
    status = look(installation, components)
    if all(state.health == "stopped" for state in status.components):
        running = [Finding("Meton is not running.", "./meton up")]
    else:
        running = [
            found for state in status.components for found in component_findings(installation, components, state)
        ]
    checks: tuple[Callable[[Installation], Iterator[Finding]], ...] = (disk, memory, environment, secrets, clock)
    found = [*running, *(finding for check in checks for finding in check(installation))]
    if any(state.name == "postgres" and state.health == "ok" for state in status.components):
        found += [*schema(installation), *queues(installation)]
    return found


def component_findings(installation: Installation, components: dict[str, Component], state: State) -> Iterator[Finding]:
    """A component that is down, not well, or comes and goes."""
    name = state.name
    words = last_words(installation, name)
    said = f" Its log says: {words}" if words else ""
    if state.health == "stopped":
        taken = [(port, installation.port(port)) for port in components[name].ports]
        for port_name, port in taken:
            if not is_free(port):
                yield Finding(
                    f"Port {port} ({port_name}) of {name} is held by {holder(port)}.", "End that, then ./meton up"
                )
        yield Finding(f"{name} is not running.{said}", f"./meton up, and if it stops again: ./meton logs {name}")
    elif state.health == "failing":
        yield Finding(
            f"{name} is not well: {state.problem}.{said}", f"./meton logs {name} -f; ./meton up starts it anew"
        )
    elif state.restarts >= FLAPPING_RESTARTS and (state.uptime or 0) < FLAPPING_SECONDS:
        yield Finding(f"{name} comes and goes: {state.restarts} restarts.{said}", f"./meton logs {name}")


def disk(installation: Installation) -> Iterator[Finding]:
    """Room for what people send."""
    free = shutil.disk_usage(installation.state).free
    if free < LOW_DISK:
        yield Finding(
            f"The disk of {installation.state} has only {free / 1e9:.1f} GB free.",
            "Make room: PostgreSQL stops when it is full.",
        )


def memory(_: Installation) -> Iterator[Finding]:
    """Memory that the machine could still give."""
    available = psutil.virtual_memory().available
    if available < LOW_MEMORY:
        yield Finding(
            f"The machine has only {available / 1e6:.0f} MB of memory left.",
            "End what else uses it; Meton needs 2 GB. `./meton status` shows what each part takes.",
        )


def environment(installation: Installation) -> Iterator[Finding]:
    """The packages, as the lock says."""
    if not packages.is_current(installation.root, with_tests=False):
        yield Finding("The installed packages are not those of stack/locks/runtime.lock.", "./meton up")


def secrets(installation: Installation) -> Iterator[Finding]:
    """Secrets are the owner's alone."""
    folder = installation.folder("secrets")
    for path in (installation.state, folder, *folder.iterdir()):
        if path.stat().st_mode & 0o077:
            yield Finding(f"{path} can be read by other users of this machine.", f"chmod go= {path}")


def clock(installation: Installation) -> Iterator[Finding]:
    """A clock that went back makes tokens invalid and order wrong."""
    newest = max((path.stat().st_mtime for path in installation.folder("logs").iterdir()), default=0.0)
    ahead = newest - time.time()
    if ahead > CLOCK_SECONDS:
        yield Finding(
            f"The clock is {ahead:.0f} s behind what Meton last wrote.", "Set the clock (timedatectl), then ./meton up"
        )


def schema(installation: Installation) -> Iterator[Finding]:
    """The database, as the checkout's migrations say."""
    done = migrations.run(installation, "check")
    if done.returncode:
        words = (done.stdout or done.stderr).strip().splitlines()
        yield Finding(
            f"The database meton differs from the checkout: {words[0] if words else 'no reason given'}",
            "./meton up migrates it",
        )


QUEUES = (
    (
        "SELECT destination, count(*), max(topic) FROM outbox WHERE failed_at IS NOT NULL GROUP BY destination",
        "{1} commands to {0} were given up (for example {2}).",
        './meton psql -- -c "SELECT id, topic, attempts, error FROM outbox WHERE failed_at IS NOT NULL"',
    ),
    (
        "SELECT destination, count(*), max(topic) FROM outbox WHERE done_at IS NULL AND failed_at IS NULL"
        " AND created_at < now() - interval '5 minutes' GROUP BY destination",
        "{1} commands to {0} are unfinished after 5 minutes (for example {2}).",
        "./meton logs {0}; they are tried again by themselves",
    ),
    (
        "SELECT coalesce(min(reason), 'no reason'), count(*) FROM inbox"
        " WHERE parked_at IS NOT NULL AND done_at IS NULL HAVING count(*) > 0",
        "{1} Matrix events are parked (for example: {0}).",
        "./meton logs appservice",
    ),
)


def queues(installation: Installation) -> Iterator[Finding]:
    """Commands that were given up or wait too long, events that could not be understood."""
    try:
        with (
            closing(postgres.connect(installation, "meton_owner", "meton")) as connection,
            connection.cursor() as cursor,
        ):
            for query, wrong, remedy in QUEUES:
                cursor.execute(query)
                for row in cursor.fetchall():
                    yield Finding(wrong.format(*row), remedy.format(*row))
    except psycopg2.Error as error:
        yield Finding(f"The queues could not be read: {str(error).splitlines()[0]}", "./meton up, then ./meton doctor")
