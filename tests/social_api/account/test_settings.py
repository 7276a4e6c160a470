"""GET and PATCH /v1/me/settings."""

from __future__ import annotations

import pytest

from tests.social_api.conftest import Person
from tests.support import graph
from tests.support.clones import Clone

SETTINGS = "/v1/me/settings"
AT_FIRST = {
    "discoverable": True,
    "friend_requests_from": "everyone",
    "mentions_from": "everyone",
    "default_visibility": "public",
    "default_replies": "everyone",
}


async def test_a_newcomer_has_the_usual_ones(alice: Person) -> None:
    assert await alice.get(SETTINGS) == AT_FIRST


async def test_it_changes_only_what_is_given_and_only_ones_own(alice: Person, bob: Person) -> None:
    changed = AT_FIRST | {"discoverable": False, "friend_requests_from": "nobody"}
    assert (await alice.call("PATCH", SETTINGS, {"discoverable": False})).status == 200
    assert (await alice.call("PATCH", SETTINGS, {"friend_requests_from": "nobody"})).body == changed
    assert (await alice.call("PATCH", SETTINGS, {})).body == changed
    assert await alice.get(SETTINGS) == changed
    assert await bob.get(SETTINGS) == AT_FIRST


async def test_what_the_database_has_besides_is_left_alone(alice: Person, database: Clone) -> None:
    await graph.change(database, alice.id, settings={"theme": "dark", "mentions_from": "nobody"})
    assert await alice.get(SETTINGS) == AT_FIRST | {"mentions_from": "nobody"}
    changed = await alice.call("PATCH", SETTINGS, {"default_visibility": "friends"})
    assert changed.body == AT_FIRST | {"mentions_from": "nobody", "default_visibility": "friends"}


@pytest.mark.parametrize(
    "change",
    [
        {"discoverable": "yes"},
        {"discoverable": None},
        {"friend_requests_from": "friends"},
        {"mentions_from": ""},
        {"default_visibility": "custom"},
        {"default_replies": 1},
    ],
)
async def test_what_cannot_be_is_refused_and_named(alice: Person, change: dict[str, object]) -> None:
    answer = await alice.call("PATCH", SETTINGS, change)
    assert answer.status == 422
    assert [error["pointer"] for error in answer.body["errors"]] == [f"/{next(iter(change))}"]
    assert await alice.get(SETTINGS) == AT_FIRST


async def test_the_same_key_gives_the_same_answer(alice: Person) -> None:
    key = {"Idempotency-Key": "once"}
    first = await alice.call("PATCH", SETTINGS, {"discoverable": False}, key)
    await alice.call("PATCH", SETTINGS, {"discoverable": True})
    again = await alice.call("PATCH", SETTINGS, {"discoverable": False}, key)
    assert again.body == first.body
    assert await alice.get(SETTINGS) == AT_FIRST
