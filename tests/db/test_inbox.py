"""The inbox keeps what Matrix said once, and each room in order."""

from __future__ import annotations

import asyncio
from typing import Literal

from db import inbox
from db.engine import Database
from tests.support.clones import Clone


def event(name: str, room: str = "!a", kind: Literal["event", "receipt"] = "event") -> inbox.Entry:
    return inbox.Entry(event_id=name, room_id=room, kind=kind, event={"type": "m.room.message", "n": name})


async def store(database: Database, *entries: inbox.Entry) -> int:
    async with database.transaction() as tx:
        return await inbox.store(tx, entries)


async def take(database: Database, limit: int = 100) -> list[str]:
    async with database.transaction() as tx:
        return [entry.event_id for entry in await inbox.take(tx, limit)]


async def finish(database: Database, *names: str) -> int:
    async with database.transaction() as tx:
        return await inbox.finish(tx, names)


async def test_an_event_comes_out_as_it_went_in(database: Clone) -> None:
    await store(database, event("$1", kind="receipt"))
    async with database.transaction() as tx:
        assert await inbox.take(tx, 1) == [event("$1", kind="receipt")]


async def test_an_event_told_twice_is_kept_once(database: Clone) -> None:
    assert await store(database, event("$1"), event("$2")) == 2
    assert await store(database, event("$2"), event("$3")) == 1
    assert await take(database) == ["$1", "$2", "$3"]


async def test_the_same_event_twice_in_one_batch_is_kept_once(database: Clone) -> None:
    assert await store(database, event("$1"), event("$1")) == 1


async def test_nothing_stored_is_nothing_new(database: Clone) -> None:
    assert await store(database) == 0


async def test_one_room_is_taken_at_a_time_in_the_order_of_arrival(database: Clone) -> None:
    await store(database, event("$2", "!a"), event("$1", "!b"), event("$3", "!a"))
    assert await take(database) == ["$2", "$3"]
    assert await take(database, limit=1) == ["$2"]


async def test_a_room_somebody_holds_is_left_to_them_and_the_next_is_taken(database: Clone) -> None:
    await store(database, event("$1", "!a"), event("$2", "!a"), event("$3", "!b"))
    async with database.transaction() as one, database.transaction() as other, database.transaction() as third:
        assert [entry.event_id for entry in await inbox.take(one, 1)] == ["$1"]
        assert [entry.event_id for entry in await inbox.take(other, 9)] == ["$3"]
        assert await inbox.take(third, 9) == []


async def test_a_finished_event_does_not_come_again(database: Clone) -> None:
    await store(database, event("$1"), event("$2"))
    assert await finish(database, "$1") == 1
    assert await finish(database, "$1") == 0
    assert await take(database) == ["$2"]
    assert await store(database, event("$1")) == 0


async def test_a_parked_event_does_not_hold_up_its_room(database: Clone) -> None:
    await store(database, event("$1"), event("$2"))
    async with database.transaction() as tx:
        await inbox.park(tx, "$1", "unknown sender")
    assert await take(database) == ["$2"]
    async with database.reading() as tx:
        assert (await inbox.backlog(tx)).parked == 1


async def test_a_postponed_event_holds_back_its_own_room_alone(database: Clone) -> None:
    await store(database, event("$1", "!a"), event("$2", "!a"), event("$3", "!b"))
    async with database.transaction() as tx:
        await inbox.postpone(tx, "$1", 60)
    assert await take(database) == ["$3"]


async def test_many_dispatchers_at_once_keep_each_room_in_order(database: Clone) -> None:
    rooms = ("!a", "!b", "!c")
    await store(database, *(event(f"{room}{number:02}", room) for number in range(12) for room in rooms))
    seen: list[str] = []

    async def dispatch() -> None:
        empty = 0
        while empty < 3:
            async with database.transaction() as tx:
                entries = await inbox.take(tx, 2)
                await inbox.finish(tx, [entry.event_id for entry in entries])
                seen.extend(entry.event_id for entry in entries)
            empty = 0 if entries else empty + 1

    await asyncio.gather(*(dispatch() for _ in range(4)))
    await dispatch()
    assert len(seen) == len(set(seen)) == 36
    for room in rooms:
        of_room = [name for name in seen if name.startswith(room)]
        assert of_room == sorted(of_room)


async def test_dispatch_is_woken_when_intake_commits(database: Clone) -> None:
    woken: asyncio.Queue[str] = asyncio.Queue()
    async with database.listening(inbox.CHANNEL, woken.put_nowait):
        await store(database, event("$1"), event("$2"))
        await asyncio.wait_for(woken.get(), 10)


async def test_the_backlog_tells_depth_and_age(database: Clone) -> None:
    async with database.reading() as tx:
        assert await inbox.backlog(tx) == inbox.Backlog(waiting=0, oldest_seconds=0, parked=0)
    await store(database, event("$1"))
    async with database.reading() as tx:
        assert (await inbox.backlog(tx)).waiting == 1
