"""Passing on: POST /v1/posts with `repost_of`, and GET /v1/posts/{post_id}/reposts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from db import withdrawal
from db.engine import Statement
from db.models import Outbox, Post
from event_worker.actors.withdrawal import take_back
from event_worker.tasks import perform
from tests.social_api.conftest import Person
from tests.support import graph
from tests.support.api import Answer
from tests.support.clones import Clone
from tests.support.racing import race
from tests.support.records import count, now, outbox

NOT_THERE = "0192d1f3-0000-7000-8000-000000000000"
_repost = aliased(Post)
_COUNTS = Statement(
    select(
        Post.repost_count,
        select(func.count())
        .where(_repost.repost_of == Post.id, _repost.deleted_at.is_(None))
        .scalar_subquery()
        .label("rows"),
    ).where(Post.repost_of.is_(None))
)


async def repost(person: Person, post: dict[str, Any], **more: Any) -> Answer:
    return await person.call("POST", "/v1/posts", {"repost_of": post["id"]} | more)


async def counted(database: Clone) -> int:
    """The counter of the one post there is to pass on, which must equal the rows."""
    async with database.reading() as tx:
        [row] = await tx.rows(_COUNTS)
    assert row["repost_count"] == row["rows"]
    return int(row["rows"])


async def test_a_post_is_passed_on_with_words_and_without(alice: Person, bob: Person, database: Clone) -> None:
    post = await alice.post("/v1/posts", {"caption": "the hills"})
    plain, quote = (await repost(bob, post)).body, (await repost(bob, post, caption="Look!")).body
    assert (plain["caption"], quote["caption"]) == (None, "Look!")
    seen = await bob.get(f"/v1/posts/{post['id']}")
    assert seen["counts"]["reposts"] == await counted(database) == 2
    assert seen["viewer"]["reposted"]
    shown = await bob.get(f"/v1/posts/{plain['id']}")
    assert {**shown["repost"]["original"], "repost": None} == seen
    assert not (await alice.get(f"/v1/posts/{post['id']}"))["viewer"]["reposted"]


async def test_passing_on_twice_without_words_is_once(alice: Person, bob: Person, database: Clone) -> None:
    post = await alice.post("/v1/posts", {"caption": "x"})
    first, second = await repost(bob, post), await repost(bob, post)
    assert first.body["id"] == second.body["id"]
    assert await counted(database) == 1
    assert (await repost(bob, post, caption="a")).body["id"] != (await repost(bob, post, caption="a")).body["id"]
    assert await counted(database) == 3


async def test_what_only_passes_on_leads_to_its_root(alice: Person, bob: Person, charlie: Person) -> None:
    post = await alice.post("/v1/posts", {"caption": "x"})
    plain = (await repost(bob, post)).body
    quote = (await repost(bob, post, caption="Look!")).body
    assert (await repost(charlie, plain)).body["repost"]["original"]["id"] == post["id"]
    of_quote = (await repost(charlie, quote)).body["repost"]["original"]
    assert of_quote["id"] == quote["id"]
    assert "repost" not in of_quote


async def test_it_is_taken_back_by_deleting_it(alice: Person, bob: Person, database: Clone) -> None:
    post = await alice.post("/v1/posts", {"caption": "x"})
    plain = (await repost(bob, post)).body
    await bob.delete(f"/v1/posts/{plain['id']}")
    assert await counted(database) == 0
    assert (await repost(bob, post)).body["id"] != plain["id"]
    assert await counted(database) == 1


async def test_only_public_posts_that_one_sees_are_passed_on(alice: Person, bob: Person, database: Clone) -> None:
    await graph.friends(database, alice.id, bob.id)
    for_friends = await alice.post("/v1/posts", {"caption": "x", "visibility": "friends"})
    closer = await alice.post("/v1/posts", {"caption": "x", "visibility": "closefriends"})
    draft = await alice.post("/v1/posts", {"caption": "x", "draft": True})
    assert (await repost(bob, for_friends)).status == (await repost(alice, for_friends)).status == 422
    for person, post in ((bob, closer), (bob, draft), (alice, draft), (bob, {"id": NOT_THERE})):
        assert (await repost(person, post)).status == 404
    public = await alice.post("/v1/posts", {"caption": "x"})
    await graph.block(database, alice.id, bob.id)
    assert (await repost(bob, public)).status == 404
    assert await count(database, Post) == 4


@pytest.mark.parametrize("state", ["deleted", "blocked", "for friends"])
async def test_who_may_not_see_the_original_gets_none(
    alice: Person, bob: Person, charlie: Person, database: Clone, state: str
) -> None:
    post = await alice.post("/v1/posts", {"caption": "x"})
    quote = (await repost(bob, post, caption="Look!")).body
    match state:
        case "deleted":
            await alice.delete(f"/v1/posts/{post['id']}")
        case "blocked":
            await graph.block(database, alice.id, charlie.id)
        case _:
            await alice.call("PATCH", f"/v1/posts/{post['id']}", {"visibility": "friends"})
    seen = await charlie.get(f"/v1/posts/{quote['id']}")
    assert (seen["caption"], seen["repost"]) == ("Look!", {"original": None})


async def test_of_a_post_that_is_deleted_no_empty_reposts_stay(
    alice: Person, bob: Person, charlie: Person, database: Clone
) -> None:
    post = await alice.post("/v1/posts", {"caption": "x"})
    plain, quote = (await repost(bob, post)).body, (await repost(bob, post, caption="Look!")).body
    await repost(charlie, post)
    await charlie.put(f"/v1/posts/{plain['id']}/save")
    await charlie.put("/v1/profiles/bob@meton/follow")
    await alice.delete(f"/v1/posts/{post['id']}")
    assert await outbox(database, withdrawal.TOPIC) == [{"post_id": post["id"]}]
    own = await database.as_role("event_worker")
    async with database.reading() as tx:
        row = await tx.value(Statement(select(Outbox.id).where(Outbox.topic == withdrawal.TOPIC)))
    await perform(own, take_back, str(row))
    for path in ("/v1/profiles/bob@meton/posts", "/v1/feed", "/v1/saved", "/v1/profiles/charlie@meton/posts"):
        items = (await charlie.get(path))["items"]
        ids = [item.get("post", item)["id"] for item in items]
        assert ids == ([quote["id"]] if path in {"/v1/profiles/bob@meton/posts", "/v1/feed"} else []), path
    assert await counted(database) == 1


async def test_passing_on_and_deleting_at_once_leave_nothing_that_nobody_takes_away(
    alice: Person, bob: Person, charlie: Person, database: Clone
) -> None:
    post = await alice.post("/v1/posts", {"caption": "x"})
    people = iter([bob, charlie] * 10)
    made, deleted = await race(
        lambda: repost(next(people), post), lambda: alice.call("DELETE", f"/v1/posts/{post['id']}"), times=10
    )
    assert {answer.status for answer in made} <= {201, 404}
    assert [answer.status for answer in deleted].count(204) == 1
    left = await counted(database)
    assert left == len({answer.body["id"] for answer in made if answer.status == 201})
    assert len(await outbox(database, withdrawal.TOPIC)) == (left > 0)


async def test_a_repost_is_words_at_most_and_appears_at_once(alice: Person, bob: Person, database: Clone) -> None:
    post = await alice.post("/v1/posts", {"caption": "x"})
    later = (await now(database) + timedelta(hours=1)).isoformat()
    poll = {"options": ["a", "b"], "closes_at": later}
    for more in (
        {"draft": True},
        {"publish_at": later},
        {"poll": poll, "caption": "x"},
        {"media": [NOT_THERE]},
        {"type": "microblog"},
    ):
        answer = await repost(bob, post, **more)
        assert (answer.status, answer.body["errors"][0]["pointer"]) == (422, f"/{next(iter(more))}")
    plain, quote = (await repost(bob, post)).body, (await repost(bob, post, caption="Look!")).body
    for passed_on, caption in ((plain, "now with words"), (quote, None)):
        assert (await bob.call("PATCH", f"/v1/posts/{passed_on['id']}", {"caption": caption})).status == 422
    edited = await bob.call("PATCH", f"/v1/posts/{quote['id']}", {"caption": "Look here!"})
    assert edited.body["caption"] == "Look here!"


async def test_who_passed_it_on_is_listed_as_far_as_one_may_see(
    alice: Person, bob: Person, charlie: Person, database: Clone
) -> None:
    post = await alice.post("/v1/posts", {"caption": "x"})
    first = (await repost(bob, post)).body
    second = (await repost(charlie, post, caption="Look!")).body
    await repost(bob, post, caption="for friends", visibility="friends")
    listed = (await alice.get(f"/v1/posts/{post['id']}/reposts"))["items"]
    assert [item["id"] for item in listed] == [second["id"], first["id"]]
    await graph.block(database, alice.id, charlie.id)
    page = await alice.get(f"/v1/posts/{post['id']}/reposts?limit=1")
    assert ([item["id"] for item in page["items"]], page["next"]) == ([first["id"]], None)
    assert (await charlie.call("GET", f"/v1/posts/{post['id']}/reposts")).status == 404


async def test_passing_on_and_taking_back_at_once_keep_the_count(alice: Person, bob: Person, database: Clone) -> None:
    post = await alice.post("/v1/posts", {"caption": "x"})
    plain = (await repost(bob, post)).body
    made, undone = await race(lambda: repost(bob, post), lambda: bob.call("DELETE", f"/v1/posts/{plain['id']}"))
    assert {answer.status for answer in made} == {201}
    assert [answer.status for answer in undone].count(204) == 1
    assert await counted(database) <= 1
