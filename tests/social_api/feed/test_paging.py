"""Whatever happened before and between the pages, the feed is what a few lines of Python say it is, in either order."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from db.engine import Statement
from db.models import Block, Follow, FriendRequest, Mute, Post
from tests.social_api.conftest import Person
from tests.support.clones import Clone
from tests.support.friends import befriend

OTHERS = ("bob", "charlie")
VISIBILITIES = ("public", "friends")

posting = st.tuples(st.just("post"), st.sampled_from(("alice", *OTHERS)), st.sampled_from(VISIBILITIES))
deleting = st.tuples(st.just("delete"), st.integers(0, 30))
relating = st.tuples(st.sampled_from(("follow", "unfollow", "befriend", "mute", "unmute")), st.sampled_from(OTHERS))
silencing = st.tuples(st.sampled_from(("mute", "block")), st.sampled_from(OTHERS))


@dataclass
class Model:
    """Alice's feed, written down in the plainest way."""

    posts: list[tuple[str, str, str]] = field(default_factory=list)
    follows: set[str] = field(default_factory=set)
    friends: set[str] = field(default_factory=set)
    silent: set[str] = field(default_factory=set)

    def feed(self, order: str) -> list[tuple[str, str]]:
        """Post and reason; nothing was ever liked, so the two orders differ by who comes after whom alone."""
        found = [
            (post, author, reason)
            for post, author, visibility in self.posts[::-1]
            if (reason := self._reason(author, visibility))
        ]
        return [(post, reason) for post, _, reason in (found if order == "latest" else _spread(found))]

    def left(self) -> set[str]:
        """What may still be shown of a page that was begun."""
        return {post for post, author, _ in self.posts if author not in self.silent}

    def _reason(self, author: str, visibility: str) -> str | None:
        if author == "alice":
            return "own"
        if author in self.silent:
            return None
        if author in self.friends:
            return "friend"
        return "followed" if author in self.follows and visibility == "public" else None


def _spread(found: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """The first that is not a third in a row by one author; when there is none, the first."""
    if not found:
        return []
    chosen: list[tuple[str, str, str]] = []
    while found:
        tired_of = chosen[-1][1] if len(chosen) > 1 and chosen[-1][1] == chosen[-2][1] else None
        following = [item for item in found if item[1] != tired_of] or found
        chosen.append(following[0])
        found = [item for item in found if item is not following[0]]
    return chosen


@pytest.fixture
def cast(alice: Person, bob: Person, charlie: Person) -> dict[str, Person]:
    return {"alice": alice, "bob": bob, "charlie": charlie}


async def act(cast: dict[str, Person], model: Model, action: tuple[Any, ...]) -> None:
    """Do one thing to the API and to the model."""
    alice = cast["alice"]
    match action:
        case ("post", author, visibility):
            post = await cast[author].post("/v1/posts", {"caption": "x", "visibility": visibility})
            model.posts.append((post["id"], author, visibility))
        case ("delete", number) if model.posts:
            post_id, author, _ = model.posts.pop(number % len(model.posts))
            await cast[author].delete(f"/v1/posts/{post_id}")
        case ("follow", name):
            await alice.put(f"/v1/profiles/{name}@meton/follow")
            model.follows.add(name)
        case ("unfollow", name):
            await alice.delete(f"/v1/profiles/{name}@meton/follow")
            model.follows.discard(name)
        case ("befriend", name) if name not in model.friends:
            await befriend(alice, cast[name], f"{name}@meton")
            model.friends.add(name)
        case ("mute", name) if name not in model.silent:
            await alice.put(f"/v1/mutes/{name}@meton", {})
            model.silent.add(name)
        case ("unmute", name):
            await alice.delete(f"/v1/mutes/{name}@meton")
            model.silent.discard(name)
        case ("block", name):
            await cast[name].put("/v1/blocks/alice@meton")
            model.silent.add(name)


async def forget_everything(database: Clone) -> None:
    async with database.transaction() as tx:
        for table in (Post, Follow, FriendRequest, Block, Mute):
            await tx.execute(Statement(delete(table)))


@pytest.mark.parametrize("order", ["latest", "ranked"])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    before=st.lists(st.one_of(posting, posting, posting, deleting, relating), max_size=16),
    between=st.lists(st.one_of(posting, posting, deleting, silencing), max_size=8),
    limit=st.integers(1, 5),
)
async def test_pages_have_neither_gaps_nor_repetitions(
    cast: dict[str, Person],
    database: Clone,
    *,
    order: str,
    before: list[tuple[Any, ...]],
    between: list[tuple[Any, ...]],
    limit: int,
) -> None:
    await forget_everything(database)
    model = Model()
    for action in before:
        await act(cast, model, action)
    actions = iter(between)
    at_first = model.feed(order)
    seen: list[tuple[str, str]] = []
    reached, cursor = 0, ""
    while True:
        ahead = at_first[reached:]
        page = await cast["alice"].get(f"/v1/feed?sort={order}&limit={limit}{cursor}")
        items = [(item["post"]["id"], item["reason"]) for item in page["items"]]
        still_there = [item for item in ahead if item[0] in model.left()]
        if order == "latest":
            assert items == still_there[:limit]
        else:  # the order is kept as it was: what went away leaves its place empty
            assert items == [item for item in ahead[:limit] if item[0] in model.left()]
        seen += items
        if page["next"] is None:
            assert items == still_there
            break
        reached = at_first.index(items[-1]) + 1 if order == "latest" else reached + limit
        cursor = f"&cursor={page['next']}"
        for meanwhile in islice(actions, 1):
            await act(cast, model, meanwhile)
    assert len(seen) == len(set(seen))
