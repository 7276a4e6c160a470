"""Keyset paging."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from social_api.pages import Cursors, Page
from social_api.problems import BadCursor

Row = tuple[datetime, UUID]
START = datetime(2026, 11, 22, tzinfo=UTC)

# few different times, so that many rows share one
moments = st.builds(lambda step: START + timedelta(microseconds=step), st.integers(0, 5))
rows = st.lists(st.tuples(moments, st.uuids()), max_size=60, unique_by=lambda row: row[1])


def fetch(table: set[Row], page: Page) -> list[Row]:
    """What `ORDER BY time DESC, id DESC LIMIT` answers."""
    after = page.after(tuple[datetime, UUID])
    return [row for row in sorted(table, reverse=True) if after is None or row < after][: page.fetch]


@given(rows, st.integers(1, 7))
def test_pages_show_everything_once_and_in_order(data: list[Row], limit: int) -> None:
    cursors, cursor, shown = Cursors("key", "/v1/feed"), None, []
    while True:
        page = Page(limit, cursor, cursors)
        listing = page.listing(fetch(set(data), page), lambda row: row, lambda row: row)
        shown += listing.items
        assert len(listing.items) <= limit
        cursor = listing.next
        if cursor is None:
            break
    assert shown == sorted(data, reverse=True)


@given(rows, st.lists(st.tuples(st.booleans(), moments, st.uuids()), max_size=30), st.integers(1, 5))
def test_what_stays_is_shown_exactly_once_while_others_write(
    data: list[Row], changes: list[tuple[bool, datetime, UUID]], limit: int
) -> None:
    table, stays = set(data), set(data)
    cursors, cursor, shown = Cursors("key", "/v1/feed"), None, []
    pending = list(changes)
    while True:
        page = Page(limit, cursor, cursors)
        listing = page.listing(fetch(table, page), lambda row: row, lambda row: row)
        shown += listing.items
        cursor = listing.next
        if cursor is None:
            break
        for adds, moment, id_ in pending[:3]:
            if adds:
                table.add((moment, id_))
            elif table:
                gone = min(table, key=lambda row: row[1])
                table.discard(gone)
                stays.discard(gone)
        del pending[:3]
    assert len(shown) == len(set(shown))
    assert stays <= set(shown)


def test_a_cursor_altered_anywhere_is_refused() -> None:
    cursors = Cursors("key", "/v1/feed")
    cursor = cursors.write((START, UUID(int=1)))
    assert cursors.read(cursor, tuple[datetime, UUID]) == (START, UUID(int=1))
    for at in range(len(cursor) - 1):
        other = "A" if cursor[at] != "A" else "B"
        with pytest.raises(BadCursor):
            cursors.read(cursor[:at] + other + cursor[at + 1 :], tuple[datetime, UUID])


@given(st.text(max_size=200))
def test_no_text_is_a_cursor(text: str) -> None:
    with pytest.raises(BadCursor):
        Cursors("key", "/v1/feed").read(text, tuple[datetime, UUID])


def test_a_cursor_of_another_route_or_installation_is_refused() -> None:
    cursor = Cursors("key", "/v1/feed").write((START, UUID(int=1)))
    for stranger in (Cursors("key", "/v1/sessions"), Cursors("other", "/v1/feed")):
        with pytest.raises(BadCursor):
            stranger.read(cursor, tuple[datetime, UUID])


def test_a_cursor_of_another_order_is_refused() -> None:
    cursors = Cursors("key", "/v1/feed")
    with pytest.raises(BadCursor):
        cursors.read(cursors.write((1,)), tuple[datetime, UUID])
