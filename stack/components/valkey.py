"""Valkey: Dramatiq's queues, rate limits and live messages; a user of its own for each service."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from stack import probes, programs
from stack.components.component import Component
from stack.environment import SERVICES
from stack.installation import Installation

CONFIGURATION = """\
bind 127.0.0.1
port {port}
protected-mode yes
unixsocket ""
dir {folder}
aclfile {folder}/users.acl
appendonly yes
appendfsync {fsync}
save ""
maxmemory 128mb
maxmemory-policy noeviction
daemonize no
loglevel notice
"""
# what Dramatiq's scripts, rate limits and publish/subscribe need; no FLUSHALL, CONFIG, SHUTDOWN or ACL
RIGHTS = "~* &* +@all -@dangerous +info +keys"


def files(installation: Installation) -> Mapping[str, str]:
    """The server's configuration and its users, with the passwords as digests."""
    users = [f"user {name} on #{_digest(installation.secret(f'valkey_{name}'))} {RIGHTS}" for name in SERVICES]
    folder = installation.folder("valkey")
    fsync = "no" if installation.throwaway else "everysec"
    return {
        "valkey.conf": CONFIGURATION.format(port=installation.port("valkey"), folder=folder, fsync=fsync),
        "users.acl": "\n".join(["user default off", *users, ""]),
    }


def _digest(password: str) -> str:
    return hashlib.sha256(password.encode()).hexdigest()


COMPONENT = Component(
    name="valkey",
    ports=("valkey",),
    files=files,
    command=lambda _: [str(programs.VALKEY), "valkey.conf"],
    ready=lambda installation: probes.port_answers(installation.port("valkey")),
)
