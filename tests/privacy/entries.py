"""Where the oracle's entries are: one function a GET route, which yields what to ask and what is right."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

from tests.privacy.asking import MISSING, Question
from tests.privacy.views import Views

NOBODYS_ID = "01900000-0000-7000-8000-000000000000"

Entry = Callable[[Views, UUID], Iterator[Question]]

ENTRIES: dict[str, Entry] = {}
"""By the path of the route."""


def entry(path: str) -> Callable[[Entry], Entry]:
    """Enter a function that yields all questions to a route as one viewer."""

    def enter(function: Entry) -> Entry:
        assert path not in ENTRIES, path
        ENTRIES[path] = function
        return function

    return enter


def missing(route: str, **values: str) -> Question:
    """What is answered 404."""
    return Question(route, MISSING, lambda body: body, values)


def listed(
    route: str,
    expected: list[Any] | None,
    read: Callable[[Any], Any],
    values: dict[str, str] | None = None,
    query: str = "",
    *,
    any_order: bool = False,
) -> Question:
    """A list and all that it holds; None when the list is not there."""
    right = MISSING if expected is None else sorted(expected) if any_order else expected
    return Question(route, right, read, values or {}, query, paged=True, any_order=any_order)
