"""Keyset paging: `?cursor=&limit=` in, `{"items": […], "next": cursor | null}` out.

A cursor is the sort key of the last item shown, so a page is stable while others write: nothing is shown twice, nothing
is left out. It is signed, and bound to its route: a made-up or borrowed one is refused, not interpreted.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

import msgspec

from social_api.problems import BadCursor

DEFAULT_LIMIT = 20
MAX_LIMIT = 100
_MAC_BYTES = 16

Item = TypeVar("Item")
Key = TypeVar("Key", bound=tuple[Any, ...])
Row = TypeVar("Row")


class Listing(msgspec.Struct, Generic[Item]):
    """One page of items."""

    items: list[Item]
    next: str | None
    """Give it as `cursor` to get what follows; null at the end."""


class Cursors:
    """Makes and reads the cursors of one route."""

    __slots__ = ("_key",)

    def __init__(self, key: str, scope: str) -> None:
        self._key = hmac.digest(key.encode(), f"cursor {scope}".encode(), "sha256")

    def write(self, values: tuple[Any, ...]) -> str:
        """A cursor that says `values`: times, UUIDs, numbers and text."""
        payload = msgspec.msgpack.encode(values)
        return urlsafe_b64encode(self._mac(payload) + payload).rstrip(b"=").decode()

    def read(self, cursor: str, key: type[Key]) -> Key:
        """The values of a cursor made by `write`; raises BadCursor for anything else."""
        try:
            signed = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        except ValueError:
            raise BadCursor from None
        mac, payload = signed[:_MAC_BYTES], signed[_MAC_BYTES:]
        if not hmac.compare_digest(mac, self._mac(payload)):
            raise BadCursor
        try:
            values: Key = msgspec.msgpack.decode(payload, type=key)
        except msgspec.MsgspecError:
            raise BadCursor from None
        return values

    def _mac(self, payload: bytes) -> bytes:
        return hmac.new(self._key, payload, hashlib.sha256).digest()[:_MAC_BYTES]


class Page:
    """Which part of a list is asked for.

    ```
    after = page.after(tuple[datetime, UUID])            # None on the first page
    rows = await tx.rows(NEWEST, …, limit=page.fetch)    # one more than shown: tells whether there is a next page
    return page.listing(rows, view, lambda row: (row["published_at"], row["id"]))
    ```
    """

    __slots__ = ("_cursor", "_cursors", "limit")

    def __init__(self, limit: int, cursor: str | None, cursors: Cursors) -> None:
        self.limit = limit
        self._cursor = cursor
        self._cursors = cursors

    @property
    def fetch(self) -> int:
        """How many rows to ask the database for."""
        return self.limit + 1

    @property
    def begins(self) -> bool:
        """Whether this is the first page."""
        return self._cursor is None

    def after(self, key: type[Key]) -> Key | None:
        """The sort key of the last item shown, None on the first page; raises BadCursor (400)."""
        return None if self._cursor is None else self._cursors.read(self._cursor, key)

    def listing(
        self, rows: Sequence[Row], view: Callable[[Row], Item], key: Callable[[Row], tuple[Any, ...]]
    ) -> Listing[Item]:
        """The answer for `rows`, of which there may be one more than `limit`; `key` gives a row's sort key."""
        shown = rows[: self.limit]
        following = self._cursors.write(key(shown[-1])) if len(rows) > self.limit else None
        return Listing(items=[view(row) for row in shown], next=following)
