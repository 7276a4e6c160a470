"""GET /v1/posts/{post_id}."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest

from social_api.auth import Actor
from social_api.media.links import LinkSigner
from social_api.posts import handlers
from tests.social_api.conftest import House, Person
from tests.support.clones import Clone
from tests.support.friends import befriend
from tests.support.records import change_media, change_post, set_status, upload

NOT_THERE = "0192d1f3-0000-7000-8000-000000000000"


async def test_a_public_post_is_for_everyone(alice: Person, bob: Person) -> None:
    post = await alice.post("/v1/posts", {"caption": "for all"})
    seen = await bob.get(f"/v1/posts/{post['id']}")
    assert seen == post | {"viewer": post["viewer"] | {"author": False}}


async def test_a_post_for_friends_is_for_friends(alice: Person, bob: Person, charlie: Person) -> None:
    post = await alice.post("/v1/posts", {"caption": "for friends", "visibility": "friends"})
    address = f"/v1/posts/{post['id']}"
    await charlie.put("/v1/profiles/alice@meton/follow")
    await alice.post("/v1/friend-requests", {"connect_id": "charlie@meton"})
    await befriend(bob, alice, "alice@meton")
    assert (await alice.call("GET", address)).status == 200
    assert (await bob.call("GET", address)).status == 200
    assert (await charlie.call("GET", address)).status == 404


@pytest.mark.parametrize("visibility", ["closefriends", "custom"])
async def test_nobody_learns_that_they_are_on_a_list(alice: Person, bob: Person, visibility: str) -> None:
    await befriend(alice, bob, "bob@meton")
    await alice.put("/v1/close-friends/bob@meton")
    chosen = (await alice.post("/v1/lists", {"name": "few"}))["id"]
    await alice.put(f"/v1/lists/{chosen}/members/bob@meton")
    audience = {"visibility": visibility, "audience_list_id": chosen if visibility == "custom" else None}
    few = await alice.post("/v1/posts", {"caption": "for a few"} | audience)
    friends = await alice.post("/v1/posts", {"caption": "for all of you", "visibility": "friends"})
    assert few.items() >= audience.items()
    for item in (await bob.get("/v1/feed"))["items"]:
        assert (item["post"]["visibility"], item["post"]["audience_list_id"]) == ("friends", None)
    seen, other = [await bob.get(f"/v1/posts/{post['id']}") for post in (few, friends)]
    assert {name for name in seen if seen[name] != other[name]} == {"id", "caption", "created_at", "published_at"}


@pytest.mark.parametrize("visibility", ["closefriends", "custom"])
async def test_what_has_no_rule_yet_is_the_authors_alone(
    alice: Person, bob: Person, database: Clone, visibility: str
) -> None:
    await befriend(alice, bob, "bob@meton")
    post = await alice.post("/v1/posts", {"caption": "x"})
    await change_post(database, post["id"], visibility=visibility)
    assert (await bob.call("GET", f"/v1/posts/{post['id']}")).status == 404
    assert (await alice.call("GET", f"/v1/posts/{post['id']}")).status == 200


async def test_what_one_may_not_see_is_answered_as_what_does_not_exist(alice: Person, bob: Person) -> None:
    post = await alice.post("/v1/posts", {"caption": "x", "visibility": "friends"})
    hidden = await bob.call("GET", f"/v1/posts/{post['id']}")
    absent = await bob.call("GET", f"/v1/posts/{NOT_THERE}")
    assert (hidden.status, absent.status) == (404, 404)
    assert {**hidden.body, "instance": ""} == {**absent.body, "instance": ""}


async def test_posts_of_people_who_are_gone_are_gone(alice: Person, bob: Person, database: Clone) -> None:
    post = await alice.post("/v1/posts", {"caption": "x"})
    await set_status(database, alice.id, "suspended")
    assert (await bob.call("GET", f"/v1/posts/{post['id']}")).status == 404


async def test_what_moderation_removed_its_author_still_sees(alice: Person, bob: Person, database: Clone) -> None:
    post = await alice.post("/v1/posts", {"caption": "x"})
    await change_post(database, post["id"], removed_at=datetime.now(UTC))
    assert (await bob.call("GET", f"/v1/posts/{post['id']}")).status == 404
    assert (await alice.call("GET", f"/v1/posts/{post['id']}")).status == 200


async def test_its_author_sees_why_it_does_not_appear(alice: Person, database: Clone) -> None:
    media_id = await upload(database, alice.id, "video", "processing")
    post = await alice.post("/v1/posts", {"type": "video", "media": [str(media_id)]})
    await change_media(database, media_id, transcoding_status="failed", failure="The file was cut short.")
    seen = await alice.get(f"/v1/posts/{post['id']}")
    assert (seen["state"], seen["media"][0]["failure"]) == ("failed", "The file was cut short.")


async def test_one_statement_whatever_there_is_to_show(house: House, alice: Person, database: Clone) -> None:
    media = [str(await upload(database, alice.id)) for _ in range(10)]
    post = await alice.post("/v1/posts", {"type": "photo", "media": media})
    actor = Actor(alice.id, "", alice.connect_id, frozenset(), None, "en")
    async with (await database.as_role("social_api")).reading() as tx:
        await handlers.show(actor, tx, UUID(post["id"]), LinkSigner("http://meton.test", b"key"))
        assert tx.statements == 1


@pytest.mark.parametrize("post_id", [NOT_THERE, "x", "1"])
async def test_what_does_not_exist_is_not_found(alice: Person, post_id: str) -> None:
    assert (await alice.call("GET", f"/v1/posts/{post_id}")).status == 404


async def test_it_is_for_people_who_are_signed_in(house: House, alice: Person) -> None:
    post = await alice.post("/v1/posts", {"caption": "x"})
    assert (await house.nobody.call("GET", f"/v1/posts/{post['id']}")).status == 401
