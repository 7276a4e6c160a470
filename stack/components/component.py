"""What a component is. Read this, then `valkey.py` as the shortest example; write yours as one file, one `COMPONENT`.

`meton up` does for each component, independent ones at the same time:

1. `prepare(installation, say)`: what takes long or needs no other component (initdb, downloads, builds). Idempotent,
   runs at every `up` without waiting for `needs`. `say("downloading Keycloak, 40 %")` is one line of live progress.
2. `files(installation)`: its configuration as {name relative to `installation.folder(NAME)`: text}. Pure; the core
   writes them (0600) and restarts the component when they, its command, its environment or its `code` have changed.
   Secrets may stand here.
3. Waits until all of `needs` are ready, their `after_start` steps included.
4. Starts `command` with `environment` in `installation.folder(NAME)` under supervisord. The process must stay in the
   foreground and log to stdout/stderr. Never a secret in `command`: it is seen in `ps`.
5. Asks `ready(installation)` until it returns None. Until then it returns what is missing in a few words, for people
   ("no answer on port 8083"). `stack.probes` has the usual two. `status` and `doctor` ask the same function for health.
6. Runs the `after_start` steps (title, function): make databases, bring the realm in line. Idempotent, at every `up`.
   To tell people why it cannot go on, a step raises `Trouble("sentence", "what to do")`.

To try yours without the rest (PostgreSQL refuses root, so as somebody else, with a state folder of your own):

    setpriv --reuid nobody --regid nogroup --clear-groups env HOME=/tmp PYTHONDONTWRITEBYTECODE=1 \\
        .venv/bin/python -m stack up --only postgres,valkey,seaweedfs --port-base 24000 --state /tmp/mine/state

`--only` brings up those and what they need; `status`, `logs NAME`, `psql`, `down` and `reset` take the same `--state`.
In Python: `Installation.open(Path("/tmp/mine/state"))` gives ports, secrets and addresses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from stack.installation import Installation

Say = Callable[[str], None]
Step = tuple[str, Callable[[Installation], None]]


class Prepare(Protocol):
    """Work before the start; see the module's docstring."""

    def __call__(self, installation: Installation, say: Say, /) -> None:
        """Idempotent; raises Trouble."""


def nothing(_installation: Installation, _say: Say) -> None:
    """A component that has nothing to prepare."""


def no_files(_: Installation) -> Mapping[str, str]:
    """A component without configuration files."""
    return {}


def nothing_more(_: Installation) -> None:
    """A component that leaves nothing behind."""


@dataclass(frozen=True, slots=True)
class Component:
    """One supervised process. `needs` and `ports` are names; seconds are whole seconds."""

    name: str
    command: Callable[[Installation], list[str]]
    ready: Callable[[Installation], str | None]
    needs: tuple[str, ...] = ()
    ports: tuple[str, ...] = ()  # names in stack.ports it listens on; the first is the one people are shown
    prepare: Prepare = nothing
    files: Callable[[Installation], Mapping[str, str]] = no_files
    environment: Callable[[Installation], Mapping[str, str]] = no_files  # beside PATH, HOME, LANG, TMPDIR
    code: tuple[str, ...] = ()  # folders of the checkout whose change restarts it
    after_start: tuple[Step, ...] = ()
    after_stop: Callable[[Installation], None] = nothing_more  # tidy what it leaves outside its folder
    stop_signal: str = "TERM"
    stop_seconds: int = 10
    ready_seconds: int = 60
