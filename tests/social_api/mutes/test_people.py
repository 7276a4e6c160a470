"""PUT and DELETE /v1/mutes/{connect_id}, GET /v1/mutes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from db.models import Follow, Mute
from tests.social_api.conftest import House, Person
from tests.support import graph
from tests.support.clones import Clone
from tests.support.racing import race
from tests.support.records import count, outbox, set_status

MUTES, BOB = "/v1/mutes", "/v1/mutes/bob@meton"


def soon(**time: float) -> str:
    return (datetime.now(UTC) + timedelta(**time)).isoformat()


async def muted(person: Person) -> list[tuple[str, str | None]]:
    """Whom a person has muted, and until when."""
    return [(item["person"]["connect_id"], item["expires_at"]) for item in (await person.get(MUTES))["items"]]


@pytest.mark.parametrize("body", [{}, {"expires_at": None}])
async def test_a_mute_without_an_end_is_for_good(alice: Person, bob: Person, database: Clone, body: object) -> None:
    for _ in range(2):
        answer = await alice.call("PUT", BOB, body)
        assert (answer.status, answer.body) == (204, b"")
    assert await muted(alice) == [("bob@meton", None)]
    assert await count(database, Mute) == 1


async def test_muting_again_changes_until_when(alice: Person, bob: Person, database: Clone) -> None:
    until = soon(hours=1)
    await alice.put(BOB, {"expires_at": until})
    [(_, ends)] = await muted(alice)
    assert ends is not None
    assert datetime.fromisoformat(ends) == datetime.fromisoformat(until)
    await alice.put(BOB, {})
    assert await muted(alice) == [("bob@meton", None)]


async def test_who_is_muted_does_not_learn_of_it_and_loses_nothing(alice: Person, bob: Person, database: Clone) -> None:
    await graph.follow(database, alice.id, bob.id)
    seen = await bob.get("/v1/profiles/alice@meton")
    await alice.put(BOB, {})
    assert await bob.get("/v1/profiles/alice@meton") == seen
    assert await muted(bob) == []
    assert await count(database, Follow) == 1
    assert await outbox(database, "live") == []


async def test_unmuting_can_be_repeated(alice: Person, bob: Person) -> None:
    await alice.put(BOB, {})
    for _ in range(2):
        assert (await alice.call("DELETE", BOB)).status == 204
    assert await muted(alice) == []


async def test_it_lists_newest_first_and_only_who_is_there(
    alice: Person, house: House, bob: Person, charlie: Person, database: Clone
) -> None:
    guests = [await house.person(f"guest{number}") for number in range(3)]
    for person in (bob, charlie, *guests):
        await alice.put(f"{MUTES}/{person.connect_id}", {})
    await set_status(database, bob.id, "suspended")
    await graph.block(database, charlie.id, alice.id)
    first = await alice.get(f"{MUTES}?limit=2")
    second = await alice.get(f"{MUTES}?limit=2&cursor={first['next']}")
    assert [item["person"]["connect_id"] for item in first["items"] + second["items"]] == [
        "guest2@meton",
        "guest1@meton",
        "guest0@meton",
    ]
    assert second["next"] is None


async def test_a_mute_that_has_ended_is_not_listed_and_the_next_is_a_new_one(
    alice: Person, bob: Person, charlie: Person, database: Clone
) -> None:
    past = datetime.now(UTC) - timedelta(seconds=1)
    await graph.mute(database, alice.id, bob.id, expires_at=past, created_at=past - timedelta(days=9))
    assert await muted(alice) == []
    await alice.put(f"{MUTES}/charlie@meton", {})
    assert await count(database, Mute) == 1
    await alice.put(BOB, {})
    items = (await alice.get(MUTES))["items"]
    assert [item["person"]["connect_id"] for item in items] == ["bob@meton", "charlie@meton"]
    assert datetime.fromisoformat(items[0]["created_at"]) > past


@pytest.mark.parametrize(
    "expires_at",
    ["2020-01-01T00:00:00Z", soon(seconds=-1), soon(days=367), "9999-12-31T23:59:59Z", "2030-01-01T00:00:00", "x", 7],
    ids=["long ago", "a second ago", "in over a year", "at the end of time", "of no zone", "no time", "a number"],
)
async def test_a_time_that_is_past_or_far_away_is_refused(
    alice: Person, bob: Person, database: Clone, expires_at: object
) -> None:
    answer = await alice.call("PUT", BOB, {"expires_at": expires_at})
    assert (answer.status, answer.body["errors"][0]["pointer"]) == (422, "/expires_at")
    assert await count(database, Mute) == 0


async def test_muting_oneself_is_refused(alice: Person, database: Clone) -> None:
    answer = await alice.call("PUT", "/v1/mutes/ALICE@meton", {})
    assert answer.status == 409
    assert answer.body["type"].endswith("/problems/mute-yourself")
    assert await count(database, Mute) == 0


async def test_who_is_gone_or_has_a_block_is_not_there(alice: Person, bob: Person, database: Clone) -> None:
    await set_status(database, bob.id, "deactivated")
    gone = [(await alice.call(method, BOB, {})).status for method in ("PUT", "DELETE")]
    await set_status(database, bob.id, "active")
    await graph.block(database, bob.id, alice.id)
    blocked = [(await alice.call(method, BOB, {})).status for method in ("PUT", "DELETE")]
    assert gone + blocked == [404] * 4
    assert (await alice.call("PUT", "/v1/mutes/nobody@meton", {})).status == 404


@pytest.mark.parametrize(("method", "path"), [("PUT", BOB), ("DELETE", BOB), ("GET", MUTES)])
async def test_it_is_for_people_who_are_signed_in(house: House, method: str, path: str) -> None:
    assert (await house.nobody.call(method, path, {})).status == 401


async def test_muting_and_unmuting_at_once_ends_in_one_of_the_two(alice: Person, bob: Person, database: Clone) -> None:
    answers = await race(lambda: alice.call("PUT", BOB, {}), lambda: alice.call("DELETE", BOB))
    assert {answer.status for both in answers for answer in both} == {204}
    assert await count(database, Mute) in (0, 1)
