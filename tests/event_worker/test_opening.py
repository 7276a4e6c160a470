"""Topic `account.opened`: who waited for the approval of an account that is no longer private."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import bindparam, insert, select

from db import opening
from db.engine import OUTAGES, Database, Statement
from db.models import Follow, FollowRequest, Mute, User
from event_worker.actors.opening import BATCH, let_in
from event_worker.tasks import perform
from stack.components.postgres import superuser
from tests.event_worker.conftest import add, person
from tests.support import graph
from tests.support.clones import Clone
from tests.support.openings import let_in_a_batch, let_in_all, undone
from tests.support.records import count, told
from tests.support.waiting import eventually

ASK = Statement(
    insert(FollowRequest).from_select(
        ["follower_id", "followed_id"],
        select(User.id, bindparam("account")).where(User.id != bindparam("account")),
    )
)
LOCK = Statement(select(FollowRequest.id).with_for_update())


BREAK_OFF = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND wait_event_type = 'Lock'"


async def opened(database: Clone, *waiting: UUID) -> UUID:
    """Somebody who has opened their account, for which these people wait."""
    account = await person(database)
    for follower in waiting:
        await graph.request_follow(database, follower, account)
    async with database.transaction() as tx:
        await opening.announce(tx, account)
    return account


async def test_whoever_waits_is_let_in_and_hears_of_it(database: Clone) -> None:
    bob, muting, other = [await person(database) for _ in range(3)]
    account = await opened(database, bob, muting)
    await add(database, Mute, muter_id=muting, muted_id=account)
    await graph.request_follow(database, other, bob)
    await let_in_all(database)
    async with database.reading() as tx:
        follows = await tx.rows(Statement(select(Follow.follower_id, Follow.followed_id)))
        left = await tx.rows(Statement(select(FollowRequest.follower_id, FollowRequest.followed_id)))
    assert {tuple(row) for row in follows} == {(bob, account), (muting, account)}
    assert [tuple(row) for row in left] == [(other, bob)]
    [event] = await told(database, "follow.approved")
    assert event["users"] == [str(bob)]


async def test_many_are_let_in_a_batch_at_a_time(database: Clone) -> None:
    account = await person(database)
    await graph.crowd(database, 2 * BATCH + 1)
    async with database.transaction() as tx:
        await tx.execute(ASK, account=account)
        await opening.announce(tx, account)
    await let_in_a_batch(database)
    assert (await count(database, Follow), await count(database, FollowRequest)) == (BATCH, BATCH + 1)
    assert await let_in_all(database) == 2
    assert (await count(database, Follow), await count(database, FollowRequest)) == (2 * BATCH + 1, 0)
    assert [len(event["users"]) for event in await told(database, "follow.approved")] == [BATCH, BATCH, 1]


async def test_making_the_account_private_again_ends_it(database: Clone) -> None:
    account = await opened(database, await person(database))
    await graph.change(database, account, is_private=True)
    assert await let_in_all(database) == 1
    assert (await count(database, Follow), await count(database, FollowRequest)) == (0, 1)
    assert await told(database, "follow.approved") == []


async def test_nothing_is_asked_for_while_nobody_waits(database: Clone) -> None:
    await opened(database)
    assert await undone(database) == []


async def test_a_message_that_comes_twice_lets_nobody_in_twice(database: Clone, own: Database) -> None:
    await opened(database, await person(database))
    [row] = await undone(database)
    await asyncio.gather(perform(own, let_in, row), perform(own, let_in, row))
    assert await count(database, Follow) == 1
    assert len(await told(database, "follow.approved")) == 1


async def test_one_who_follows_already_is_not_told(database: Clone) -> None:
    bob = await person(database)
    account = await opened(database, bob)
    await graph.follow(database, bob, account)
    await let_in_all(database)
    assert (await count(database, Follow), await count(database, FollowRequest)) == (1, 0)
    assert await told(database, "follow.approved") == []


async def test_what_is_broken_off_is_done_again(database: Clone, own: Database) -> None:
    await opened(database, await person(database))
    [row] = await undone(database)

    async def break_off() -> bool:
        with superuser(database.installation) as cursor:
            cursor.execute(BREAK_OFF, (database.name,))
            return bool(cursor.fetchall())

    async with database.transaction() as other:
        await other.rows(LOCK)
        broken = asyncio.create_task(perform(own, let_in, row))
        await eventually(break_off)
        with pytest.raises(OUTAGES):
            await broken
    assert (await count(database, Follow), await undone(database)) == (0, [row])
    await perform(own, let_in, row)
    assert await count(database, Follow) == 1
