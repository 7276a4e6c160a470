"""Taken ports: which, and by whom."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterable

import psutil

from stack.components.component import Component
from stack.installation import Installation
from stack.trouble import Trouble


def is_free(port: int, address: str = "127.0.0.1") -> bool:
    """Whether one could listen there now; connections that are just closing do not count."""
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
            probe.listen(1)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            return False
    return True


def holder(port: int) -> str:
    """Who listens on `port`, in words, as far as this user may see it."""
    for connection in psutil.net_connections("inet"):
        if (
            connection.status == psutil.CONN_LISTEN
            and connection.laddr
            and connection.laddr.port == port
            and connection.pid
        ):
            try:
                process = psutil.Process(connection.pid)
                return f"{process.name()} (process {process.pid}, user {process.username()})"
            except psutil.Error:
                break
    return "a process of another user"


def free_ports_or_trouble(installation: Installation, components: Iterable[Component]) -> None:
    """Raise Trouble that names every port of these components that somebody else holds."""
    names = [name for component in components for name in component.ports]
    taken = [(name, installation.port(name)) for name in names if not is_free(installation.port(name))]
    if taken:
        words = "\n".join(f"Port {port} ({name}) is held by {holder(port)}." for name, port in taken)
        raise Trouble(words, f"End that, or take other ports: ./meton up --port-base {installation.port_base + 1000}")
