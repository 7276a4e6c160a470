"""PUT /v1/me/handle, and what becomes of the old one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from db import people
from db.engine import Statement
from db.models import AuditLog, FormerHandle, User
from tests.social_api.conftest import House, Person
from tests.support import graph
from tests.support.api import Answer
from tests.support.clones import Clone
from tests.support.racing import race
from tests.support.records import set_status, told
from tests.support.waiting import eventually

HANDLE = "/v1/me/handle"


async def rename(person: Person, handle: str) -> Answer:
    return await person.call("PUT", HANDLE, {"handle": handle})


async def long_ago(database: Clone, person: Person) -> None:
    """The last change was so long ago that the next may come."""
    await graph.change(database, person.id, handle_changed_at=datetime.now(UTC) - timedelta(days=30, seconds=1))


async def holders(database: Clone, connect_id: str) -> list[object]:
    """Everybody who has or had this handle."""
    async with database.reading() as tx:
        now = await tx.rows(Statement(select(User.id).where(User.connect_id == connect_id)))
        before = await tx.rows(Statement(select(FormerHandle.user_id).where(FormerHandle.connect_id == connect_id)))
    return [row[0] for row in now + before]


async def look(person: Person, handle: str) -> tuple[int, str | None]:
    async with person.http.get(
        f"{person.public_url}/api/v1/profiles/{handle}",
        headers={"Authorization": f"Bearer {person.token}"},
        allow_redirects=False,
    ) as answer:
        return answer.status, answer.headers.get("Location")


async def test_a_new_handle_is_ones_own_at_once(alice: Person, bob: Person, database: Clone) -> None:
    answer = await rename(alice, "Alice.Writes")
    assert (answer.status, answer.body["connect_id"]) == (200, "alice.writes@meton")
    assert (await bob.get("/v1/profiles/alice.writes@meton"))["id"] == str(alice.id)
    async with database.reading() as tx:
        assert await tx.value(Statement(select(AuditLog.meta).where(AuditLog.action == "person.renamed"))) == {
            "from": "alice@meton",
            "to": "alice.writes@meton",
        }


async def test_links_to_the_old_one_lead_on(alice: Person, bob: Person) -> None:
    await rename(alice, "alicia")
    assert await look(bob, "ALICE@meton") == (308, "/api/v1/profiles/alicia@meton")
    assert (await bob.get("/v1/profiles/alice@meton"))["id"] == str(alice.id)
    assert await look(alice, "alice@meton") == (308, "/api/v1/profiles/alicia@meton")


async def test_they_lead_on_only_for_who_may_see_the_person(
    alice: Person, bob: Person, charlie: Person, database: Clone
) -> None:
    await rename(alice, "alicia")
    await graph.block(database, alice.id, bob.id)
    absent, never = [await bob.call("GET", f"/v1/profiles/{handle}@meton") for handle in ("alice", "nobody-ever")]
    assert absent.status == 404
    assert {**absent.body, "instance": ""} == {**never.body, "instance": ""}
    await set_status(database, alice.id, "suspended")
    assert (await charlie.call("GET", "/v1/profiles/alice@meton")).status == 404


async def test_the_same_handle_again_changes_nothing(alice: Person, database: Clone) -> None:
    for _ in range(2):
        assert (await rename(alice, "alice")).status == 200
    assert await holders(database, "alice@meton") == [alice.id]
    assert (await rename(alice, "alicia")).status == 200


async def test_once_in_thirty_days(alice: Person, database: Clone) -> None:
    await rename(alice, "alicia")
    answer = await rename(alice, "alice")
    assert (answer.status, answer.body["type"].rpartition("/")[2]) == (409, "handle-changed-lately")
    until = datetime.fromisoformat(answer.body["until"])
    assert timedelta(days=29) < until - datetime.now(UTC) < timedelta(days=30)
    await long_ago(database, alice)
    assert (await rename(alice, "ally")).status == 200


async def test_ones_own_former_handle_can_be_taken_back(alice: Person, database: Clone) -> None:
    await rename(alice, "alicia")
    await long_ago(database, alice)
    assert (await rename(alice, "alice")).body["connect_id"] == "alice@meton"
    assert await holders(database, "alice@meton") == [alice.id]
    assert await look(alice, "alicia@meton") == (308, "/api/v1/profiles/alice@meton")


async def test_what_somebody_has_or_had_is_taken(alice: Person, bob: Person) -> None:
    await rename(alice, "alicia")
    for handle in ("alice", "alicia", "ALICE"):
        answer = await rename(bob, handle)
        assert (answer.status, answer.body["type"].rpartition("/")[2]) == (409, "handle-taken"), handle
    assert (await bob.get("/v1/me"))["connect_id"] == "bob@meton"


@pytest.mark.parametrize(
    "handle",
    ["", "ab", "x" * 31, "a..b", ".abc", "abc_", "a b c", "आलिया", "abc\n", "a@meton", "admin", "Ad.Min", "me.ton", 7],
)
async def test_what_cannot_be_is_refused_and_named(alice: Person, handle: object) -> None:
    answer = await alice.call("PUT", HANDLE, {"handle": handle})
    assert answer.status == 422
    assert [error["pointer"] for error in answer.body["errors"]] == ["/handle"]
    assert (await alice.get("/v1/me"))["connect_id"] == "alice@meton"


async def test_what_others_are_told_names_the_new_one_soon(alice: Person, bob: Person, database: Clone) -> None:
    await rename(alice, "alicia")

    async def named() -> bool:
        await alice.put("/v1/profiles/bob@meton/follow")
        await alice.delete("/v1/profiles/bob@meton/follow")
        payload = (await told(database, "follow.created"))[-1]["payload"]
        return bool(payload == {"connect_id": "alicia@meton"})

    await eventually(named, 5)


async def test_one_of_fifty_gets_a_handle(house: House, database: Clone) -> None:
    people_ = [await house.person(f"person{number}") for number in range(50)]
    waiting = iter(people_)
    [answers] = await race(lambda: rename(next(waiting), "wanted"))
    assert sorted(answer.status for answer in answers) == [200] + [409] * 49
    assert len(await holders(database, "wanted@meton")) == 1


async def test_a_handle_given_up_and_wanted_at_once_goes_to_nobody_else(
    house: House, alice: Person, database: Clone
) -> None:
    """Alice leaves hers while fifty take it and fifty newcomers are called so."""
    others = iter([await house.person(f"person{number}") for number in range(50)])
    newcomers = iter(range(50))
    social_api = await database.as_role("social_api")

    async def register() -> Answer:
        async with social_api.transaction() as tx:
            await people.register(tx, f"newcomer {next(newcomers)}", "alice", "Alice", None, None)
        return Answer(200, None, {})

    await race(lambda: rename(next(others), "alice"), lambda: rename(alice, "alicia"), register, times=50)
    assert await holders(database, "alice@meton") == [alice.id]


async def test_two_who_swap_at_once_both_keep_what_they_had(alice: Person, bob: Person, database: Clone) -> None:
    for _ in range(10):
        await race(lambda: rename(alice, "bob"), lambda: rename(bob, "alice"), times=1)
        assert await holders(database, "alice@meton") == [alice.id]
        assert await holders(database, "bob@meton") == [bob.id]
