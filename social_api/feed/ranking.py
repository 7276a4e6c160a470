"""Pages of what is ranked: ranked once, then read from that moment's order.

The cursor names the order that was kept. When it is gone (a quarter of an hour later, or Valkey was away), the same
question is asked as of the same moment, and reading goes on after the post that was shown last: then only what likes
have moved meanwhile can be out of place.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime
from typing import Protocol, TypeVar
from uuid import UUID

from redis.asyncio import Redis

from social_api.feed import snapshots
from social_api.feed.snapshots import Ranked
from social_api.pages import Listing, Page

MOST_IN_A_ROW = 2

Rank = Callable[[datetime], Awaitable[list[Ranked]]]
"""Ranks what was published before that moment."""


async def read(page: Page, valkey: Redis, viewer: UUID, rank: Rank) -> Listing[Ranked]:
    """The part of the ranking that `page` asks for; raises BadCursor."""
    place = page.after(tuple[UUID, int, datetime, UUID])
    if place is None:
        return await _begin(page, valkey, viewer, rank)
    name, shown, as_of, last = place  # which order, how many of it were shown, as of when it is, and the last of them
    kept = await snapshots.read(valkey, viewer, name, shown, page.fetch)
    if not kept:
        ranking = await rank(as_of)
        shown = next((at for at, entry in enumerate(ranking, 1) if entry.post == last), shown)
        name = await snapshots.keep(valkey, viewer, ranking)
        kept = ranking[shown : shown + page.fetch]
    return _listing(page, kept, name, shown, as_of)


async def _begin(page: Page, valkey: Redis, viewer: UUID, rank: Rank) -> Listing[Ranked]:
    as_of = datetime.now(UTC)
    ranking = await rank(as_of)
    if len(ranking) <= page.limit:  # nobody will ask for more of it
        return Listing(items=ranking, next=None)
    name = await snapshots.keep(valkey, viewer, ranking)
    return _listing(page, ranking[: page.fetch], name, 0, as_of)


def _listing(page: Page, found: list[Ranked], name: UUID, shown: int, as_of: datetime) -> Listing[Ranked]:
    return page.listing(found, lambda entry: entry, lambda entry: (name, shown + page.limit, as_of, entry.post))


class Authored(Protocol):
    """Something by somebody."""

    @property
    def author(self) -> object:
        """Who."""


Item = TypeVar("Item", bound=Authored)


def spread(ranked: Iterable[Item]) -> list[Item]:
    """The same in nearly the same order, with at most two in a row by one author for as long as there are others."""
    left, spread_out = list(ranked), list[Item]()
    while left:
        row = spread_out[-MOST_IN_A_ROW:]
        tired_of = row[0].author if len(row) == MOST_IN_A_ROW and row[0].author == row[-1].author else None
        at = next((at for at, item in enumerate(left) if item.author != tired_of), 0)
        spread_out.append(left.pop(at))
    return spread_out
