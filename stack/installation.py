"""One installation of Meton: where it is, which ports it has, what only it knows."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import secrets
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

from stack.environment import service_environment
from stack.files import private_folder, write_private, write_private_once
from stack.ports import DEFAULT_BASE, OFFSETS

ROOT = Path(__file__).resolve().parent.parent
SOCKET_PATH_LIMIT = 90  # the kernel's is 107; supervisord first binds a longer name beside its own
# given to us by the component itself; a made-up one would be refused there
HANDED_OUT = frozenset({"synapse_admin_token"})
# components are brought up in threads, and two may be the first to want the same secret
_making_secrets = threading.Lock()


@dataclass(frozen=True, slots=True)
class Installation:
    """A checkout (`root`), the folder of its state, and what was chosen at its first `up`."""

    root: Path
    state: Path
    port_base: int = DEFAULT_BASE
    listen: str = "127.0.0.1"
    address: str = ""  # --public-url; empty: http://localhost:{port_base}
    server_name: str = "meton.localhost"
    demo: bool = True  # whether `up` makes the demo people
    throwaway: bool = False  # a test stack: no fsync

    @classmethod
    def open(cls, state: Path | None = None, root: Path = ROOT) -> Installation:
        """The installation kept in `state` (default: `.meton` in the checkout); defaults where nothing was saved."""
        state = (state or root / ".meton").resolve()
        saved = state / "settings.json"
        chosen = json.loads(saved.read_text(encoding="utf-8")) if saved.is_file() else {}
        return cls(root=root, state=state, **chosen)

    def save(self) -> None:
        """Remember the choices for the commands that follow."""
        chosen = {
            field.name: getattr(self, field.name)
            for field in dataclasses.fields(self)
            if field.name not in ("root", "state")
        }
        private_folder(self.state)
        write_private(self.state / "settings.json", json.dumps(chosen, indent=2) + "\n")

    # --- addresses

    def port(self, name: str) -> int:
        """The port of `name` (a key of `stack.ports.OFFSETS`)."""
        return self.port_base + OFFSETS[name]

    def url(self, name: str) -> str:
        """Where this machine reaches a port that speaks HTTP: on loopback, save a gateway that listens elsewhere."""
        elsewhere = name == "gateway" and self.listen not in ("0.0.0.0", "localhost")  # noqa: S104 (compared, not bound)
        return f"http://{self.listen if elsewhere else '127.0.0.1'}:{self.port(name)}"

    @property
    def public_url(self) -> str:
        """Where people and clients reach the gateway, without a slash at the end."""
        return self.address or f"http://localhost:{self.port_base}"

    # --- folders

    def folder(self, name: str) -> Path:
        """The private folder of one component, made when missing."""
        private_folder(self.state)
        return private_folder(self.state / name)

    @property
    def runtime(self) -> Path:
        """Big things that hold nothing of one installation (Keycloak's files); the test stack shares them."""
        shared = self.root / ".meton"
        return private_folder((shared if self.state.is_relative_to(shared) else self.state) / "runtime")

    @property
    def sockets(self) -> Path:
        """A private folder whose path is short enough for Unix sockets."""
        inside = private_folder(self.state) / "run"
        if len(str(inside)) + len("/supervisor.sock") <= SOCKET_PATH_LIMIT:
            return private_folder(inside)
        name = hashlib.sha256(str(self.state).encode()).hexdigest()[:8]
        outside = private_folder(Path(tempfile.gettempdir()) / f"meton-{name}")
        if outside.owner() != self.state.owner():
            raise PermissionError(
                f"{outside} belongs to someone else; remove it, or move the checkout to a shorter path"
            )
        return outside

    def log(self, name: str) -> Path:
        """The log of one component; rotated ones stand beside it as `.1`, `.2`, …"""
        return self.folder("logs") / f"{name}.log"

    # --- secrets

    def secret_file(self, name: str) -> Path:
        """The file (0600) of secret `name`, made at random at its first use, save those a component hands out."""
        path = self.folder("secrets") / name
        if not path.is_file() and name not in HANDED_OUT:
            write_private_once(path, secrets.token_urlsafe(32))
        return path

    def secret(self, name: str) -> str:
        """The secret itself; FileNotFoundError for one not handed out yet.

        Never put it into a process's arguments or a log: pass `secret_file` where you can.
        """
        return self.secret_file(name).read_text(encoding="utf-8")

    def knows(self, name: str) -> bool:
        """Whether secret `name` exists already."""
        return (self.folder("secrets") / name).is_file()

    def keep_secret(self, name: str, value: str) -> None:
        """Store a secret that somebody else made."""
        write_private(self.folder("secrets") / name, value)

    # --- what a service is told

    def environment(self, component: str) -> dict[str, str]:
        """The METON_ variables of one of our services (see .env.example), secrets by file name only."""
        return service_environment(self, component)
