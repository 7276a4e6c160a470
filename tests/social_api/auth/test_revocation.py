"""Tokens that were good end at once, and nobody is let in when nobody can tell."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, insert, update

from db.engine import Statement
from db.models import AuthSession, IdentityCursor, Revocation
from social_api.auth import Actor
from social_api.auth.jwks import KeySet
from social_api.auth.verdicts import Verdict, Verdicts
from social_api.problems import Unavailable
from tests.social_api.conftest import House, Person
from tests.support import records
from tests.support.clones import Clone
from tests.support.realm import public_jwk
from tests.support.waiting import eventually


async def revoke(database: Clone, **columns: Any) -> None:
    async with database.transaction() as tx:
        await tx.execute(Statement(insert(Revocation).values(reason="a test", **columns)))


async def follow_keycloak(database: Clone) -> None:
    """What the event worker notes at each poll."""
    async with database.transaction() as tx:
        await tx.execute(Statement(update(IdentityCursor).values(polled_at=func.now())))


async def status(person: Person) -> int:
    return (await person.call("GET", "/v1/me")).status


async def test_a_revoked_subject_is_refused_at_once(database: Clone, house: House, alice: Person, bob: Person) -> None:
    assert await status(alice) == 200
    await revoke(database, subject=house.realm.subject("alice"))

    async def refused() -> bool:
        return await status(alice) == 401

    await eventually(refused)
    assert await status(bob) == 200


async def test_a_token_issued_afterwards_is_good(database: Clone, house: House, alice: Person) -> None:
    await revoke(database, subject=house.realm.subject("alice"), not_before=func.now() - timedelta(seconds=5))
    assert await status(alice) == 200
    old = house.realm.token(house.settings.issuer, "alice", iat=int(time.time()) - 60)
    alice.token = old

    async def refused() -> bool:
        return await status(alice) == 401

    await eventually(refused)


async def test_a_session_that_ended_long_ago_stays_ended(database: Clone, house: House, alice: Person) -> None:
    session = {"user_id": alice.id, "refresh_token_hash": "x", "expires_at": await records.now(database)}
    async with database.transaction() as tx:
        ended = {**session, "keycloak_session": "an-old-session", "ended_at": session["expires_at"]}
        await tx.execute(Statement(insert(AuthSession).values(**ended)))
    alice.token = house.realm.token(house.settings.issuer, "alice", sid="an-old-session")
    assert await status(alice) == 401


async def test_a_suspended_and_a_deactivated_person_are_told_apart(database: Clone, house: House) -> None:
    for username, state, expected in (
        ("dora", "suspended", 403),
        ("emil", "deactivated", 401),
        ("fred", "erased", 401),
    ):
        person = await house.person(username)
        await records.set_status(database, person.id, state)
        person.token = house.realm.token(house.settings.issuer, username, jti="another token")
        assert await status(person) == expected, state


async def test_a_token_that_was_ended_says_nothing_about_the_account(
    database: Clone, house: House, alice: Person
) -> None:
    await revoke(database, subject=house.realm.subject("alice"))
    await records.set_status(database, alice.id, "suspended")

    async def refused() -> bool:
        alice.token = house.realm.token(house.settings.issuer, "alice", iat=int(time.time()) - 5)
        return await status(alice) == 401

    await eventually(refused)


async def test_while_keycloak_is_not_followed_each_token_is_introspected_but_seldom(
    house: House, alice: Person
) -> None:
    before = house.realm.introspections
    for _ in range(5):
        assert await status(alice) == 200
    assert before == house.realm.introspections == 1
    other = house.realm.token(house.settings.issuer, "alice", jti="ended")
    house.realm.ended.add(other)
    alice.token = other
    assert [await status(alice), await status(alice)] == [401, 401]
    assert house.realm.introspections == 2


async def test_nobody_is_let_in_when_nobody_can_tell(house: House, alice: Person) -> None:
    house.realm.is_up = False
    alice.token = house.realm.token(house.settings.issuer, "alice", jti="another token")
    answer = await alice.call("GET", "/v1/me")
    assert (answer.status, answer.body["type"].rpartition("/")[2]) == (503, "unavailable")


async def test_while_keycloak_is_followed_it_is_not_asked(database: Clone, house: House, alice: Person) -> None:
    await follow_keycloak(database)
    house.realm.is_up = False

    async def let_in() -> bool:
        alice.token = house.realm.token(house.settings.issuer, "alice", jti=str(time.time()))
        return await status(alice) == 200

    await eventually(let_in)


async def test_an_unknown_kid_asks_once_and_finds_a_rotated_key() -> None:
    published, asked = [public_jwk("old")], 0

    async def publish() -> list[dict[str, Any]]:
        nonlocal asked
        asked += 1
        return published

    keys = KeySet(publish, interval=0.05)
    assert await keys.find("old")
    published.append(public_jwk("new"))
    assert await keys.find("new") is None  # asked a moment ago
    await asyncio.sleep(0.06)  # the interval itself is what is tested
    found = await asyncio.gather(*(keys.find("new") for _ in range(20)))
    assert all(found)
    assert asked == 2
    assert await keys.find("old")
    published.clear()
    with pytest.raises(Unavailable):
        await keys.refresh()
    assert await keys.find("old"), "an empty answer takes no key away"


async def test_only_strong_rsa_signing_keys_count() -> None:
    good = public_jwk("good")
    odd = [{**good, "kid": "enc", "use": "enc"}, {**good, "kid": "alg", "alg": "RS512"}, {**good, "kid": 7}]

    async def publish() -> list[dict[str, Any]]:
        return [good, *odd, {"kty": "oct", "kid": "secret", "k": "AAAA", "use": "sig", "alg": "RS256"}]

    keys = KeySet(publish)
    assert [bool(await keys.find(kid)) for kid in ("good", "enc", "alg", "secret")] == [True, False, False, False]


def test_verdicts_are_bounded_and_end() -> None:
    actor = Actor(UUID(int=1), "subject", "alice@meton", frozenset(), None, "en")
    verdicts = Verdicts(capacity=2)
    for token in ("a", "b"):
        verdicts.put(token, Verdict(actor, 0, 300, until=60.0))
    assert verdicts.get("a", now=0)
    verdicts.put("c", Verdict(actor, 0, 300, until=60.0))
    assert [bool(verdicts.get(token, now=0)) for token in "abc"] == [True, False, True]
    assert verdicts.get("a", now=60.0) is None
