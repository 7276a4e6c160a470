"""The demo people: alice, bob and charlie."""

from __future__ import annotations

from collections.abc import Callable

from stack.installation import Installation


def make(installation: Installation, say: Callable[[str], None]) -> None:
    """Nothing yet."""
