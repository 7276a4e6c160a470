"""Topic `post.published`: who hears that a post is out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from redis.asyncio import Redis
from redis.asyncio.client import PubSub

from db import outbox, publication
from db.engine import Database
from db.models import Block, Follow, FriendRequest, Mute, PostMention
from event_worker.actors.publication import announcer
from event_worker.tasks import perform
from tests.event_worker.conftest import add, person, post
from tests.support.clones import Clone
from tests.support.records import set_status, told


async def announced(database: Database, post_id: UUID) -> str:
    """The outbox row of a publication, claimed."""
    async with database.transaction() as tx:
        await publication.announce(tx, post_id)
        (entry,) = await outbox.claim(tx, "event_worker", 1, 60)
    return str(entry.id)


async def publish(own: Database, valkey: Redis, post_id: UUID) -> None:
    await perform(own, announcer(own, valkey), await announced(own, post_id))


async def hearers(database: Clone, kind: str) -> set[UUID]:
    return {UUID(user) for event in await told(database, kind) for user in event["users"]}


async def mention(database: Clone, author: UUID, *named: UUID, **columns: Any) -> UUID:
    post_id = await post(database, author, **columns)
    for user in named:
        await add(database, PostMention, post_id=post_id, user_id=user)
    return post_id


@asynccontextmanager
async def listening(valkey: Redis, *people: UUID) -> AsyncIterator[PubSub]:
    async with valkey.pubsub() as ear:
        await ear.subscribe(*(f"live:{user}" for user in people))
        for _ in people:
            assert (await ear.get_message(timeout=5))["type"] == "subscribe"
        yield ear


async def hinted(ear: PubSub) -> set[UUID]:
    """Who was hinted to, all of whom were by the time the effect has ended."""
    found = set()
    while (message := await ear.get_message(timeout=0.2)) is not None:
        assert message["data"] == "feed"
        found.add(UUID(message["channel"].removeprefix("live:")))
    return found


async def test_who_is_named_hears_of_it(own: Database, database: Clone, valkey: Redis) -> None:
    alice, bob = await person(database), await person(database)
    post_id = await mention(database, alice, bob)
    await publish(own, valkey, post_id)
    (event,) = await told(database, "post.mentioned")
    assert event["users"] == [str(bob)]
    assert event["payload"]["post_id"] == str(post_id)


async def test_nobody_hears_of_what_they_may_not_see(own: Database, database: Clone, valkey: Redis) -> None:
    alice, friend, stranger = [await person(database) for _ in range(3)]
    await add(database, FriendRequest, requester_id=alice, receiver_id=friend, status="accepted")
    await publish(own, valkey, await mention(database, alice, friend, stranger, visibility="friends"))
    assert await hearers(database, "post.mentioned") == {friend}


async def test_those_who_muted_or_blocked_are_gone_or_wrote_it_hear_nothing(
    own: Database, database: Clone, valkey: Redis
) -> None:
    alice, muting, blocking, blocked, gone = [await person(database) for _ in range(5)]
    await add(database, Mute, muter_id=muting, muted_id=alice)
    await add(database, Block, blocker_id=blocking, blocked_id=alice)
    await add(database, Block, blocker_id=alice, blocked_id=blocked)
    await set_status(database, gone, "suspended")
    await publish(own, valkey, await mention(database, alice, alice, muting, blocking, blocked, gone))
    assert await hearers(database, "post.mentioned") == set()


async def test_whose_post_is_passed_on_hears_of_it_once(own: Database, database: Clone, valkey: Redis) -> None:
    alice, bob = await person(database), await person(database)
    original = await post(database, bob)
    repost = await post(database, alice, caption=None, repost_of=original)
    row = await announced(own, repost)
    await asyncio.gather(*(perform(own, announcer(own, valkey), row) for _ in range(3)))
    (event,) = await told(database, "post.reposted")
    assert event["users"] == [str(bob)]
    assert (event["payload"]["post_id"], event["payload"]["repost_id"]) == (str(original), str(repost))


async def test_passing_on_ones_own_post_tells_nobody(own: Database, database: Clone, valkey: Redis) -> None:
    alice = await person(database)
    await publish(own, valkey, await post(database, alice, repost_of=await post(database, alice)))
    assert await told(database, "post.reposted") == []


@pytest.mark.parametrize("columns", [{"deleted_at": datetime.now(UTC)}, {"removed_at": datetime.now(UTC)}])
async def test_a_post_that_is_gone_again_tells_nobody(
    own: Database, database: Clone, valkey: Redis, columns: dict[str, Any]
) -> None:
    alice, bob = await person(database), await person(database)
    await add(database, Follow, follower_id=bob, followed_id=alice)
    async with listening(valkey, bob) as ear:
        await publish(own, valkey, await mention(database, alice, bob, **columns))
        await publish(own, valkey, uuid4())
        assert await hinted(ear) == set()
    assert await told(database, "post.mentioned") == []


async def test_followers_and_friends_are_hinted_to_and_nobody_else(
    own: Database, database: Clone, valkey: Redis
) -> None:
    alice, follower, friend, stranger, muting = [await person(database) for _ in range(5)]
    await add(database, Follow, follower_id=follower, followed_id=alice)
    await add(database, Follow, follower_id=muting, followed_id=alice)
    await add(database, Mute, muter_id=muting, muted_id=alice)
    await add(database, FriendRequest, requester_id=friend, receiver_id=alice, status="accepted")
    async with listening(valkey, alice, follower, friend, stranger, muting) as ear:
        await publish(own, valkey, await post(database, alice))
        assert await hinted(ear) == {follower, friend}
        await publish(own, valkey, await post(database, alice, visibility="friends"))
        assert await hinted(ear) == {friend}


async def test_hints_go_out_in_batches(
    own: Database, database: Clone, valkey: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("event_worker.actors.publication.BATCH", 2)
    alice = await person(database)
    followers = {await person(database) for _ in range(5)}
    for follower in followers:
        await add(database, Follow, follower_id=follower, followed_id=alice)
    async with listening(valkey, *followers) as ear:
        await publish(own, valkey, await post(database, alice))
        assert await hinted(ear) == followers


async def test_an_author_with_too_many_followers_hints_to_nobody(
    own: Database, database: Clone, valkey: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("event_worker.actors.publication.MOST_FOLLOWERS", 1)
    alice, bob, charlie = [await person(database) for _ in range(3)]
    await add(database, Follow, follower_id=bob, followed_id=alice)
    async with listening(valkey, bob) as ear:
        await publish(own, valkey, await post(database, alice))
        assert await hinted(ear) == {bob}, "one is not too many"
        await add(database, Follow, follower_id=charlie, followed_id=alice)
        await publish(own, valkey, await post(database, alice))
        assert await hinted(ear) == set()


async def test_a_hint_that_cannot_be_given_takes_nothing_back(own: Database, database: Clone) -> None:
    alice, bob = await person(database), await person(database)
    await add(database, Follow, follower_id=bob, followed_id=alice)
    post_id = await mention(database, alice, bob)
    async with Redis(port=1) as away:
        await publish(own, away, post_id)
    assert await hearers(database, "post.mentioned") == {bob}
