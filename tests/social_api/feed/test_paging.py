"""Whatever happened before and between the pages, the feed is what a few lines of Python say it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from db.engine import Statement
from db.models import Follow, FriendRequest, Post
from tests.social_api.conftest import Person
from tests.support.clones import Clone
from tests.support.friends import befriend

OTHERS = ("bob", "charlie")
VISIBILITIES = ("public", "friends")

posting = st.tuples(st.just("post"), st.sampled_from(("alice", *OTHERS)), st.sampled_from(VISIBILITIES))
deleting = st.tuples(st.just("delete"), st.integers(0, 30))
relating = st.tuples(st.sampled_from(("follow", "unfollow", "befriend")), st.sampled_from(OTHERS))


@dataclass
class Model:
    """Alice's feed, written down in the plainest way."""

    posts: list[tuple[str, str, str]] = field(default_factory=list)
    follows: set[str] = field(default_factory=set)
    friends: set[str] = field(default_factory=set)

    def feed(self) -> list[tuple[str, str]]:
        return [
            (post, reason)
            for post, author, visibility in self.posts[::-1]
            if (reason := self._reason(author, visibility))
        ]

    def _reason(self, author: str, visibility: str) -> str | None:
        if author == "alice":
            return "own"
        if author in self.friends:
            return "friend"
        return "followed" if author in self.follows and visibility == "public" else None


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


async def forget_everything(database: Clone) -> None:
    async with database.transaction() as tx:
        for table in (Post, Follow, FriendRequest):
            await tx.execute(Statement(delete(table)))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    before=st.lists(st.one_of(posting, posting, deleting, relating), max_size=16),
    between=st.lists(st.one_of(posting, deleting), max_size=8),
    limit=st.integers(1, 5),
)
async def test_pages_have_neither_gaps_nor_repetitions(
    cast: dict[str, Person],
    database: Clone,
    before: list[tuple[Any, ...]],
    between: list[tuple[Any, ...]],
    limit: int,
) -> None:
    await forget_everything(database)
    model = Model()
    for action in before:
        await act(cast, model, action)
    actions = iter(between)
    at_first = model.feed()
    reached, cursor = 0, ""
    while True:
        left = {post for post, _, _ in model.posts}
        expected = [item for item in at_first[reached:] if item[0] in left][:limit]
        page = await cast["alice"].get(f"/v1/feed?limit={limit}{cursor}")
        assert [(item["post"]["id"], item["reason"]) for item in page["items"]] == expected
        if page["next"] is None:
            break
        reached = at_first.index(expected[-1]) + 1
        cursor = f"&cursor={page['next']}"
        if (action := next(actions, None)) is not None:
            await act(cast, model, action)
    assert [item for item in at_first[reached:] if item[0] in left] == expected
