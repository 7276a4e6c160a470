"""GET and POST /v1/lists; GET, PATCH and DELETE /v1/lists/{list_id}."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert, select

from db.engine import Statement
from db.models import AudienceList, AudienceMember, Outbox
from social_api.audiences.handlers import MOST_LISTS
from tests.social_api.conftest import House, Person
from tests.support import graph
from tests.support.clones import Clone
from tests.support.records import change_post, count, set_status

LISTS = "/v1/lists"


async def make(person: Person, name: str) -> dict[str, Any]:
    return dict(await person.post(LISTS, {"name": name}))


async def fill(database: Clone, owner: Person, lists: int) -> None:
    """Give `owner` so many lists."""
    async with database.transaction() as tx:
        for number in range(lists):
            values = {"owner_id": owner.id, "kind": "custom", "name": f"list {number}"}
            await tx.execute(Statement(insert(AudienceList).values(values)))


def problem(body: Any) -> str:
    return str(body["type"]).rpartition("/")[2]


async def test_a_list_is_made_shown_renamed_and_deleted(alice: Person) -> None:
    answer = await alice.call("POST", LISTS, {"name": "  परिवार  और दोस्त "})
    assert answer.status == 201
    made = answer.body
    assert (made["name"], made["member_count"]) == ("परिवार और दोस्त", 0)
    path = f"{LISTS}/{made['id']}"
    assert await alice.get(path) == made
    renamed = await alice.call("PATCH", path, {"name": "Family"})
    assert (renamed.status, renamed.body) == (200, made | {"name": "Family"})
    assert (await alice.call("PATCH", path, {})).body == renamed.body
    assert (await alice.call("DELETE", path)).status == 204
    assert [(await alice.call(method, path)).status for method in ("GET", "DELETE")] == [404, 404]


async def test_lists_are_listed_newest_first_and_close_friends_are_not_among_them(
    alice: Person, bob: Person, database: Clone
) -> None:
    await graph.friends(database, alice.id, bob.id)
    await alice.put("/v1/close-friends/bob@meton")
    made = [await make(alice, name) for name in ("one", "two", "three")]
    assert (await alice.get(LISTS))["items"] == made[::-1]
    first = await alice.get(f"{LISTS}?limit=2")
    await make(alice, "four")
    rest = await alice.get(f"{LISTS}?limit=2&cursor={first['next']}")
    assert (first["items"] + rest["items"], rest["next"]) == (made[::-1], None)


async def test_lists_of_others_are_not_there(alice: Person, bob: Person, charlie: Person, database: Clone) -> None:
    """Neither for strangers nor for those who are on them."""
    await graph.friends(database, alice.id, bob.id)
    made = await make(alice, "family")
    path = f"{LISTS}/{made['id']}"
    await alice.put(f"{path}/members/bob@meton")
    missing = await bob.call("GET", f"{LISTS}/01900000-0000-7000-8000-000000000000")
    for person in (bob, charlie):
        assert (await person.get(LISTS))["items"] == []
        for method, where, body in (
            ("GET", path, None),
            ("PATCH", path, {"name": "mine"}),
            ("DELETE", path, None),
            ("GET", f"{path}/members", None),
            ("PUT", f"{path}/members/alice@meton", None),
            ("DELETE", f"{path}/members/bob@meton", None),
        ):
            answer = await person.call(method, where, body)
            assert {**answer.body, "instance": ""} == {**missing.body, "instance": ""}, (method, where)
    assert await alice.get(path) == made | {"member_count": 1}


async def test_the_list_of_close_friends_is_none_of_the_lists(alice: Person, bob: Person, database: Clone) -> None:
    await graph.friends(database, alice.id, bob.id)
    await alice.put("/v1/close-friends/bob@meton")
    async with database.reading() as tx:
        close = await tx.value(Statement(select(AudienceList.id)))
    for method, body in (("GET", None), ("PATCH", {"name": "x"}), ("DELETE", None)):
        assert (await alice.call(method, f"{LISTS}/{close}", body)).status == 404
    assert await count(database, AudienceMember) == 1


async def test_names_are_unique_for_their_owner_in_any_case(alice: Person, bob: Person) -> None:
    await make(alice, "Famille Ørsted")
    other = await make(alice, "other")
    await make(bob, "famille ørsted")
    taken = await alice.call("POST", LISTS, {"name": "FAMILLE ØRSTED"})
    renamed = await alice.call("PATCH", f"{LISTS}/{other['id']}", {"name": "famille ørsted"})
    assert [(each.status, problem(each.body)) for each in (taken, renamed)] == [(409, "list-name-taken")] * 2
    assert (await alice.get(f"{LISTS}/{other['id']}"))["name"] == "other"
    in_capitals = await alice.call("PATCH", f"{LISTS}/{other['id']}", {"name": "OTHER"})
    assert (in_capitals.status, in_capitals.body["name"]) == (200, "OTHER")


@pytest.mark.parametrize(
    "name", ["", "   ", "\u200b\u2060", "x" * 51, "a\u0000b", "a\nb", "\u202eevil", 7, None], ids=repr
)
async def test_a_name_is_1_to_50_visible_characters(alice: Person, database: Clone, name: object) -> None:
    made = await make(alice, "x" * 50)
    for method, path in (("POST", LISTS), ("PATCH", f"{LISTS}/{made['id']}")):
        answer = await alice.call(method, path, {"name": name})
        assert (answer.status, answer.body["errors"][0]["pointer"]) == (422, "/name")
    assert await count(database, AudienceList) == 1


async def test_the_same_key_makes_one_list(alice: Person, database: Clone) -> None:
    key = {"Idempotency-Key": "once"}
    first = await alice.call("POST", LISTS, {"name": "family"}, key)
    again = await alice.call("POST", LISTS, {"name": "family"}, key)
    assert (again.status, again.body) == (201, first.body)
    assert (await alice.call("POST", LISTS, {"name": "other"}, key)).status == 422
    assert await count(database, AudienceList) == 1


async def test_fifty_at_once_with_one_place_left_make_one_list(alice: Person, bob: Person, database: Clone) -> None:
    await fill(database, alice, MOST_LISTS - 1)
    posts = (alice.call("POST", LISTS, {"name": f"new {number}"}) for number in range(50))
    answers = await asyncio.gather(*posts)
    assert sorted(answer.status for answer in answers) == [201] + [409] * 49
    refused = next(answer.body for answer in answers if answer.status == 409)
    assert (problem(refused), refused["limit"]) == ("too-many-lists", MOST_LISTS)
    assert await count(database, AudienceList) == MOST_LISTS
    await make(bob, "of his own")


async def test_fifty_at_once_with_one_name_make_one_list(alice: Person, database: Clone) -> None:
    answers = await asyncio.gather(*(alice.call("POST", LISTS, {"name": "family"}) for _ in range(50)))
    assert sorted(answer.status for answer in answers) == [201] + [409] * 49
    assert {problem(answer.body) for answer in answers if answer.status == 409} == {"list-name-taken"}
    assert await count(database, AudienceList) == 1


async def test_posts_of_a_deleted_list_are_their_authors_alone(alice: Person, bob: Person, database: Clone) -> None:
    await graph.friends(database, alice.id, bob.id)
    made = await make(alice, "family")
    await alice.put(f"{LISTS}/{made['id']}/members/bob@meton")
    post = await alice.post("/v1/posts", {"caption": "for you"})
    await change_post(database, post["id"], visibility="custom", audience_list_id=UUID(made["id"]))
    path = f"/v1/posts/{post['id']}"
    assert [(await person.call("GET", path)).status for person in (alice, bob)] == [200, 200]
    await alice.delete(f"{LISTS}/{made['id']}")
    assert [(await person.call("GET", path)).status for person in (alice, bob)] == [200, 404]


async def test_who_is_not_there_is_not_counted(house: House, alice: Person, bob: Person, database: Clone) -> None:
    made = await make(alice, "family")
    for person in (bob, await house.person("dora")):
        await graph.friends(database, alice.id, person.id)
        await alice.put(f"{LISTS}/{made['id']}/members/{person.connect_id}")
    await set_status(database, bob.id, "suspended")
    assert (await alice.get(f"{LISTS}/{made['id']}"))["member_count"] == 1
    assert (await alice.get(LISTS))["items"][0]["member_count"] == 1


async def test_nobody_is_told_of_lists(alice: Person, bob: Person, database: Clone) -> None:
    await graph.friends(database, alice.id, bob.id)
    told = await count(database, Outbox)
    made = await make(alice, "family")
    for path in (f"{LISTS}/{made['id']}/members/bob@meton", "/v1/close-friends/bob@meton"):
        await alice.put(path)
        await alice.delete(path)
        await alice.put(path)
    await alice.call("PATCH", f"{LISTS}/{made['id']}", {"name": "others"})
    await alice.delete(f"{LISTS}/{made['id']}")
    assert await count(database, Outbox) == told
