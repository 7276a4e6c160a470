"""Conditions on events as the inbox stores them. Keys are part of the statement: so the index on `type` is used."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, ColumnElement, Text, literal_column


def text_of(inbox: Any, key: str) -> ColumnElement[str]:
    """A field of `inbox.event` as text; `inbox` is the table or an alias of it."""
    return inbox.event.op("->>", return_type=Text())(literal_column(f"'{key}'"))  # type: ignore[no-any-return]


def is_state(inbox: Any) -> ColumnElement[bool]:
    """Whether it is state: what a room is, not what was said in it."""
    return inbox.event.op("?", return_type=Boolean())(literal_column("'state_key'"))  # type: ignore[no-any-return]
