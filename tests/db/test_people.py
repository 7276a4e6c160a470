"""A person is born once, whoever meets them first."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import insert

from db import people
from db.engine import Database, Statement
from db.models import FormerHandle
from tests.support.clones import Clone


async def register(
    database: Database, subject: str, username: str = "alice", email: str | None = "alice@example.org"
) -> UUID:
    async with database.transaction() as tx:
        return await people.register(tx, subject, username, "Alice A.", email, "hi")


async def column(database: Database, name: str) -> list[object]:
    async with database.reading() as tx:
        return [row[0] for row in await tx.connection.fetch(f"SELECT {name} FROM users ORDER BY id")]  # noqa: S608 - ours


async def test_a_new_person_has_a_handle_a_language_and_is_active(database: Clone) -> None:
    user_id = await register(database, "s1")
    async with database.reading() as tx:
        row = dict(await tx.connection.fetchrow("SELECT * FROM users") or {})
    assert row["id"] == user_id
    assert (row["connect_id"], row["display_name"], row["email"]) == ("alice@meton", "Alice A.", "alice@example.org")
    assert (row["language"], row["status"], row["password_hash"]) == ("hi", "active", None)


async def test_twenty_at_once_make_one_person_and_announce_them_once(database: Clone) -> None:
    ids = await asyncio.gather(*(register(database, "s1") for _ in range(20)))
    assert len(set(ids)) == 1
    assert await column(database, "connect_id") == ["alice@meton"]
    async with database.reading() as tx:
        announced = await tx.connection.fetch("SELECT destination, topic, payload FROM outbox")
    assert [tuple(row) for row in announced] == [("appservice", "person.registered", {"user_id": str(ids[0])})]


async def test_twenty_subjects_with_one_name_and_address_get_a_handle_each(database: Clone) -> None:
    await asyncio.gather(*(register(database, f"s{number}") for number in range(20)))
    handles = {"alice@meton", *(f"alice{number}@meton" for number in range(2, 21))}
    assert set(await column(database, "connect_id")) == handles
    assert [email for email in await column(database, "email") if email] == ["alice@example.org"]


async def test_a_second_sight_changes_nothing(database: Clone) -> None:
    assert await register(database, "s1") == await register(database, "s1", "renamed", "new@example.org")
    assert await column(database, "connect_id") == ["alice@meton"]


async def test_capitals_and_strange_characters_make_a_plain_handle(database: Clone) -> None:
    await register(database, "s1", "Ärger Alice@Home", "Alice@Example.ORG")
    assert await column(database, "connect_id") == ["arger-alice-home@meton"]
    assert await column(database, "email") == ["alice@example.org"]


async def test_a_person_without_address_is_fine_twice(database: Clone) -> None:
    await register(database, "s1", "alice", None)
    await register(database, "s2", "bob", None)
    assert await column(database, "email") == [None, None]


async def test_the_appservice_may_register_too(database: Clone) -> None:
    appservice = await database.as_role("appservice")
    assert await register(appservice, "s1") == await register(await database.as_role("social_api"), "s1")


@pytest.mark.parametrize(
    ("username", "handle"), [("admin", "admin2@meton"), ("support", "support2@meton"), ("a", "a10@meton")]
)
async def test_who_has_a_name_that_nobody_can_have_here_gets_a_number(
    database: Clone, username: str, handle: str
) -> None:
    await register(await database.as_role("appservice"), "s1", username)
    assert await column(database, "connect_id") == [handle]


async def test_a_handle_that_somebody_gave_up_is_for_nobody_new(database: Clone) -> None:
    person = await register(database, "s1", "alicia")
    async with database.transaction() as tx:
        await tx.execute(Statement(insert(FormerHandle).values(connect_id="alice@meton", user_id=person)))
    for role in ("social_api", "appservice"):
        await register(await database.as_role(role), f"of {role}", "alice")
    assert await column(database, "connect_id") == ["alicia@meton", "alice2@meton", "alice3@meton"]


async def test_a_name_is_what_can_be_seen_of_it(database: Clone) -> None:
    async with database.transaction() as tx:
        await people.register(tx, "s1", "alice", "\u202eAli\u200bce", None, None)
        await people.register(tx, "s2", "bob", "\u3164", None, None)
    assert await column(database, "display_name") == ["Alice", "bob"]
