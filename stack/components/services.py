"""Meton's own four services: the same in all but what they need."""

from __future__ import annotations

from stack import probes, programs
from stack.components.component import Component

NEEDS = {
    "social_api": ("postgres", "valkey", "keycloak"),
    "appservice": ("postgres", "synapse"),
    "media_worker": ("postgres", "valkey", "seaweedfs"),
    "event_worker": ("postgres", "valkey", "keycloak"),
}


def _service(name: str, needs: tuple[str, ...]) -> Component:
    return Component(
        name=name,
        needs=needs,
        ports=(name,),
        environment=lambda installation: {**installation.environment(name), "PYTHONPATH": str(installation.root)},
        command=lambda _: [str(programs.PYTHON), "-m", name],
        code=(name, "db"),
        ready=lambda installation: probes.http_ok(f"{installation.url(name)}/health"),
        stop_seconds=15,
    )


SERVICES = tuple(_service(name, needs) for name, needs in NEEDS.items())
