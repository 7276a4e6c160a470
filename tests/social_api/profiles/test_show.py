"""GET /v1/profiles/{connect_id}."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import ARRAY, Uuid, bindparam, func, insert, select

from db.engine import Statement
from db.models import Follow
from social_api.profiles.queries import MOST_CHECKED
from tests.social_api.conftest import House, Person
from tests.support import graph
from tests.support.clones import Clone
from tests.support.records import set_status

FOLLOW = Statement(
    insert(Follow).from_select(
        ["follower_id", "followed_id"],
        select(func.unnest(bindparam("crowd", type_=ARRAY(Uuid()))), bindparam("followed", type_=Uuid())),
    )
)


async def test_it_shows_a_person(alice: Person, bob: Person) -> None:
    await bob.call("PATCH", "/v1/me", {"bio": "यहाँ"})
    profile = await alice.get("/v1/profiles/bob@meton")
    assert profile["id"] == str(bob.id)
    assert profile["bio"] == "यहाँ"
    assert profile["verified"] is False
    assert profile["counts"] == {"followers": 0, "following": 0, "friends": 0, "posts": 0}
    assert profile["relation"] == {
        "following": False,
        "requested": False,
        "followed_by": False,
        "friend": False,
        "request": None,
        "muted": False,
    }
    assert "email" not in profile


async def test_handles_are_the_same_in_any_case(alice: Person, bob: Person) -> None:
    assert (await alice.get("/v1/profiles/BoB@Meton"))["id"] == str(bob.id)


async def test_ones_own_has_no_relation(alice: Person) -> None:
    assert (await alice.get("/v1/profiles/alice@meton"))["relation"] is None


async def test_it_says_who_follows_whom(alice: Person, bob: Person) -> None:
    await alice.put("/v1/profiles/bob@meton/follow")
    seen_by_alice = await alice.get("/v1/profiles/bob@meton")
    seen_by_bob = await bob.get("/v1/profiles/alice@meton")
    assert (seen_by_alice["relation"]["following"], seen_by_alice["relation"]["followed_by"]) == (True, False)
    assert (seen_by_bob["relation"]["following"], seen_by_bob["relation"]["followed_by"]) == (False, True)
    assert seen_by_alice["counts"]["followers"] == 1
    assert seen_by_bob["counts"]["following"] == 1


async def test_it_says_who_asked_and_who_is_a_friend(alice: Person, bob: Person) -> None:
    request = await alice.post("/v1/friend-requests", {"connect_id": "bob@meton"})
    outgoing = {"id": request["id"], "direction": "outgoing"}
    assert (await alice.get("/v1/profiles/bob@meton"))["relation"]["request"] == outgoing
    assert (await bob.get("/v1/profiles/alice@meton"))["relation"]["request"] == outgoing | {"direction": "incoming"}
    await bob.post(f"/v1/friend-requests/{request['id']}/accept")
    for person, other in ((alice, bob), (bob, alice)):
        profile = await person.get(f"/v1/profiles/{other.connect_id}")
        assert profile["relation"]["friend"] is True
        assert profile["relation"]["request"] is None
        assert profile["counts"]["friends"] == 1


async def test_it_counts_the_posts_that_the_viewer_may_see(alice: Person, bob: Person) -> None:
    for visibility in ("public", "friends"):
        await bob.post("/v1/posts", {"caption": visibility, "visibility": visibility})
    assert (await alice.get("/v1/profiles/bob@meton"))["counts"]["posts"] == 1
    assert (await bob.get("/v1/profiles/bob@meton"))["counts"]["posts"] == 2


@pytest.mark.parametrize("status", ["suspended", "deactivated", "erased"])
async def test_people_who_are_gone_are_not_there_and_not_counted(
    alice: Person, bob: Person, charlie: Person, database: Clone, status: str
) -> None:
    await charlie.put("/v1/profiles/bob@meton/follow")
    await set_status(database, charlie.id, status)
    absent = await alice.call("GET", "/v1/profiles/charlie@meton")
    never = await alice.call("GET", "/v1/profiles/nobody@meton")
    assert (absent.status, never.status) == (404, 404)
    assert {**absent.body, "instance": ""} == {**never.body, "instance": ""}
    assert (await alice.get("/v1/profiles/bob@meton"))["counts"]["followers"] == 0


@pytest.mark.parametrize("handle", ["x", "%00", "alice", "a%2Fb", "%F0%9F%98%80@meton", "a" * 300, "%25"])
async def test_what_nobody_is_called_is_not_found(alice: Person, handle: str) -> None:
    assert (await alice.call("GET", f"/v1/profiles/{handle}")).status == 404


async def test_it_is_for_people_who_are_signed_in(house: House, alice: Person) -> None:
    assert (await house.nobody.call("GET", "/v1/profiles/alice@meton")).status == 401


async def test_it_says_what_waits_and_what_only_the_viewer_knows(
    alice: Person, bob: Person, charlie: Person, database: Clone
) -> None:
    await graph.change(database, bob.id, is_private=True)
    await graph.request_follow(database, alice.id, bob.id)
    await graph.mute(database, alice.id, bob.id)
    await graph.mute(database, alice.id, charlie.id, expires_at=datetime.now(UTC) - timedelta(seconds=1))
    profile = await alice.get("/v1/profiles/bob@meton")
    assert profile["is_private"] is True
    assert (profile["relation"]["requested"], profile["relation"]["muted"]) == (True, True)
    assert (await bob.get("/v1/profiles/alice@meton"))["relation"]["muted"] is False
    assert (await alice.get("/v1/profiles/charlie@meton"))["relation"]["muted"] is False


async def test_a_private_account_shows_strangers_no_posts_to_count(
    alice: Person, bob: Person, charlie: Person, database: Clone
) -> None:
    await bob.post("/v1/posts", {"caption": "for those I know"})
    await graph.change(database, bob.id, is_private=True)
    await graph.follow(database, charlie.id, bob.id)
    assert (await alice.get("/v1/profiles/bob@meton"))["counts"]["posts"] == 0
    assert (await charlie.get("/v1/profiles/bob@meton"))["counts"]["posts"] == 1


@pytest.mark.parametrize("by_viewer", [True, False])
async def test_with_a_block_either_way_nobody_is_there(
    alice: Person, bob: Person, database: Clone, by_viewer: bool
) -> None:
    await graph.block(database, *((alice.id, bob.id) if by_viewer else (bob.id, alice.id)))
    absent = await alice.call("GET", "/v1/profiles/bob@meton")
    never = await alice.call("GET", "/v1/profiles/nobody@meton")
    assert (absent.status, never.status) == (404, 404)
    assert {**absent.body, "instance": ""} == {**never.body, "instance": ""}


async def test_of_up_to_a_thousand_followers_those_who_are_active_count_and_of_more_all(
    alice: Person, bob: Person, database: Clone
) -> None:
    crowd = await graph.crowd(database, MOST_CHECKED + 1)
    async with database.transaction() as tx:
        await tx.execute(FOLLOW, crowd=crowd, followed=bob.id)
    await set_status(database, crowd[0], "suspended")
    assert (await alice.get("/v1/profiles/bob@meton"))["counts"]["followers"] == MOST_CHECKED
    await alice.put("/v1/profiles/bob@meton/follow")
    assert (await alice.get("/v1/profiles/bob@meton"))["counts"]["followers"] == MOST_CHECKED + 2
