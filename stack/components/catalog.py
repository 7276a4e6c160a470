"""All components, in the order people are shown them."""

from __future__ import annotations

import importlib.util
from importlib import import_module

from stack.components.component import Component

NAMES = (
    "postgres",
    "valkey",
    "seaweedfs",
    "keycloak",
    "synapse",
    "social_api",
    "appservice",
    "media_worker",
    "event_worker",
    "gateway",
)


def load() -> dict[str, Component]:
    """Every component by its name."""
    found: dict[str, Component] = {}
    for name in NAMES:
        module = f"stack.components.{name}"
        if importlib.util.find_spec(module):
            found[name] = import_module(module).COMPONENT
    return found


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
