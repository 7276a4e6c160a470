"""The outbox loses nothing, doubles nothing, and keeps the order of a key."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

from db import outbox
from db.engine import Database
from tests.db.cast import broken_off
from tests.support.clones import Clone


async def emit(database: Database, *topics: str, key: str | None = None) -> None:
    async with database.transaction() as tx:
        for topic in topics:
            await outbox.emit(tx, "appservice", topic, {"about": topic}, key=key, request_id="request-1")


async def claim(database: Database, limit: int = 100, lease: float = 60) -> list[outbox.Entry]:
    async with database.transaction() as tx:
        return await outbox.claim(tx, "appservice", limit, lease)


async def finish(database: Database, entry_id: UUID) -> bool:
    async with database.transaction() as tx:
        return await outbox.finish(tx, entry_id)


async def give_back(database: Database, entry_id: UUID, delay_seconds: float = 1) -> bool:
    async with database.transaction() as tx:
        return await outbox.give_back(tx, entry_id, "it was away", delay_seconds)


async def test_a_row_is_claimed_with_what_was_emitted(database: Clone) -> None:
    await emit(database, "person.registered", key="alice")
    [entry] = await claim(database)
    assert (entry.topic, entry.key, entry.payload) == ("person.registered", "alice", {"about": "person.registered"})
    assert (entry.destination, entry.request_id, entry.attempts) == ("appservice", "request-1", 1)


async def test_an_emission_that_rolls_back_was_never_there(database: Clone) -> None:
    async with broken_off(database) as tx:
        await outbox.emit(tx, "appservice", "person.registered", {})
    assert await claim(database) == []


async def test_each_destination_claims_only_its_own(database: Clone) -> None:
    async with database.transaction() as tx:
        await outbox.emit(tx, "media_worker", "media.uploaded", {})
    assert await claim(database) == []


async def test_rows_come_in_the_order_they_were_emitted(database: Clone) -> None:
    await emit(database, *"abcdefgh")
    assert [entry.topic for entry in await claim(database, limit=5)] == [*"abcde"]


async def test_two_who_claim_at_once_never_get_the_same_row(database: Clone) -> None:
    await emit(database, *(str(number) for number in range(40)))
    async with database.transaction() as one, database.transaction() as other:
        mine = await outbox.claim(one, "appservice", 15, 60)
        theirs = await outbox.claim(other, "appservice", 40, 60)
    assert len(mine) == 15
    assert len(theirs) == 25
    assert not {entry.id for entry in mine} & {entry.id for entry in theirs}


async def test_many_who_claim_in_a_crowd_share_all_rows_once(database: Clone) -> None:
    await emit(database, *(str(number) for number in range(60)))
    claimed = [
        entry.id for entries in await asyncio.gather(*(claim(database, 10) for _ in range(12))) for entry in entries
    ]
    claimed += [entry.id for entry in await claim(database)]
    assert len(claimed) == len(set(claimed)) == 60


async def test_of_a_key_only_the_oldest_unfinished_row_is_claimed(database: Clone) -> None:
    await emit(database, "first", "second", key="alice")
    await emit(database, "other", key="bob")
    first, other = await claim(database)
    assert (first.topic, other.topic) == ("first", "other")
    assert await claim(database) == []
    await finish(database, first.id)
    assert [entry.topic for entry in await claim(database)] == ["second"]


async def test_a_row_given_back_still_goes_before_the_later_ones_of_its_key(database: Clone) -> None:
    await emit(database, "first", "second", key="alice")
    [first] = await claim(database)
    await give_back(database, first.id, delay_seconds=0)
    assert [entry.topic for entry in await claim(database)] == ["first"]


async def test_a_claim_that_rolls_back_leaves_the_row_as_it_was(database: Clone) -> None:
    await emit(database, "first")
    async with broken_off(database) as tx:
        await outbox.claim(tx, "appservice", 1, 60)
    assert [entry.attempts for entry in await claim(database)] == [1]


async def test_a_kill_between_claim_and_finish_lets_the_row_be_claimed_again_after_the_lease(database: Clone) -> None:
    await emit(database, "first")
    [before] = await claim(database, lease=60)
    assert await claim(database) == []
    await lease_ends(database)
    [again] = await claim(database)
    assert (again.id, again.attempts) == (before.id, 2)


async def test_an_effect_and_its_done_are_one_transaction(database: Clone) -> None:
    await emit(database, "first")
    [entry] = await claim(database)
    async with broken_off(database) as tx:
        await outbox.finish(tx, entry.id)
    await lease_ends(database)
    assert [again.id for again in await claim(database)] == [entry.id]


async def test_a_row_is_finished_once(database: Clone) -> None:
    await emit(database, "first")
    [entry] = await claim(database)
    assert await finish(database, entry.id)
    assert not await finish(database, entry.id)
    await lease_ends(database)
    assert await claim(database) == []


async def test_a_row_is_held_by_one_transaction_at_a_time(database: Clone) -> None:
    await emit(database, "first")
    [entry] = await claim(database)
    async with database.transaction() as one, database.transaction() as other:
        assert await outbox.take(one, entry.id) == entry
        assert await outbox.take(other, entry.id) is None
    await finish(database, entry.id)
    async with database.transaction() as tx:
        assert await outbox.take(tx, entry.id) is None


async def test_a_row_held_by_a_slow_effect_is_not_claimed_even_when_its_lease_ended(database: Clone) -> None:
    await emit(database, "first")
    [entry] = await claim(database)
    await lease_ends(database)
    async with database.transaction() as tx:
        await outbox.take(tx, entry.id)
        assert await claim(database) == []


async def test_the_pause_doubles_with_each_attempt_up_to_a_limit(database: Clone) -> None:
    await emit(database, "person.registered")
    pauses = []
    for _ in range(14):
        [entry] = await claim(database)
        assert not await give_back(database, entry.id)
        pauses.append(await pause(database))
        await lease_ends(database)
    assert pauses == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900, 900]


async def test_a_row_whose_attempts_are_used_up_is_dead_and_says_why(database: Clone) -> None:
    await emit(database, "some.topic", "next", key="alice")
    for attempt in range(1, outbox.MAX_ATTEMPTS + 1):
        [entry] = await claim(database)
        assert entry.attempts == attempt
        dead = await give_back(database, entry.id, delay_seconds=0)
    assert dead
    assert [entry.topic for entry in await claim(database)] == ["next"], "a dead row must not hold up its key"
    async with database.reading() as tx:
        row = await tx.connection.fetchrow("SELECT failed_at, error, done_at FROM outbox WHERE topic = 'some.topic'")
    assert row["failed_at"] is not None
    assert (row["error"], row["done_at"]) == ("it was away", None)


async def test_a_row_that_kills_whoever_takes_it_becomes_dead_too(database: Clone) -> None:
    await emit(database, "deadly")
    for _ in range(outbox.MAX_ATTEMPTS):
        assert len(await claim(database)) == 1
        await lease_ends(database)
    assert await claim(database) == []
    async with database.reading() as tx:
        assert (
            await tx.connection.fetchval("SELECT error FROM outbox WHERE failed_at IS NOT NULL") == "never given back"
        )


async def test_ending_sessions_is_never_given_up(database: Clone) -> None:
    await emit(database, "person.sessions_ended")
    async with database.transaction() as tx:
        await tx.connection.execute("UPDATE outbox SET attempts = 999")
    [entry] = await claim(database)
    assert not await give_back(database, entry.id)


async def test_the_destination_is_woken_when_the_emission_commits(database: Clone) -> None:
    woken: asyncio.Queue[str] = asyncio.Queue()
    async with database.listening(outbox.CHANNEL, woken.put_nowait):
        await emit(database, "first", "second")
        assert await asyncio.wait_for(woken.get(), 10) == "appservice"


async def test_the_backlog_counts_what_waits_and_what_is_dead(database: Clone) -> None:
    await emit(database, "waiting", "dead", "done")
    async with database.transaction() as tx:
        await tx.connection.execute("UPDATE outbox SET created_at = now() - interval '90 s' WHERE topic = 'waiting'")
        await tx.connection.execute("UPDATE outbox SET failed_at = now() WHERE topic = 'dead'")
        await tx.connection.execute("UPDATE outbox SET done_at = now() WHERE topic = 'done'")
    async with database.reading() as tx:
        [backlog] = await outbox.backlog(tx)
    assert (backlog.destination, backlog.waiting, backlog.dead) == ("appservice", 1, 1)
    assert 90 <= backlog.oldest_seconds < 150


async def lease_ends(database: Database) -> None:
    """As if the time of every lease and pause had passed."""
    async with database.transaction() as tx:
        await tx.connection.execute("UPDATE outbox SET available_at = now() WHERE done_at IS NULL")


async def pause(database: Database) -> int:
    async with database.reading() as tx:
        left: timedelta = await tx.connection.fetchval("SELECT available_at - now() FROM outbox")
    return round(left.total_seconds())
