"""All components, in the order people are shown them."""

from __future__ import annotations

from collections.abc import Iterator

from stack.components import gateway, keycloak, postgres, seaweedfs, synapse, valkey
from stack.components.component import Component
from stack.components.services import SERVICES

ALL = (
    postgres.COMPONENT,
    valkey.COMPONENT,
    seaweedfs.COMPONENT,
    keycloak.COMPONENT,
    synapse.COMPONENT,
    *SERVICES,
    gateway.COMPONENT,
)


def load() -> dict[str, Component]:
    """Every component by its name."""
    return {component.name: component for component in ALL}


def with_needs(components: dict[str, Component], names: list[str]) -> dict[str, Component]:
    """`names` and all they need, in the catalog's order; KeyError for an unknown name."""
    wanted: set[str] = set()
    open_names = list(names)
    while open_names:
        name = open_names.pop()
        if name not in wanted:
            wanted.add(name)
            open_names.extend(components[name].needs)
    return {name: component for name, component in components.items() if name in wanted}


def in_order(components: dict[str, Component]) -> Iterator[Component]:
    """The components so that each comes after all it needs."""
    given: set[str] = set()
    waiting = list(components.values())
    while waiting:
        fit = [c for c in waiting if all(need in given or need not in components for need in c.needs)]
        if not fit:
            raise ValueError(f"components need each other in a circle: {', '.join(c.name for c in waiting)}")
        given.update(c.name for c in fit)
        waiting = [c for c in waiting if c.name not in given]
        yield from fit
