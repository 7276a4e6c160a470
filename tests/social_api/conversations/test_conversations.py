"""GET /v1/conversations and /v1/conversations/{conversation_id}."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, update

from db.engine import Statement
from db.models import MatrixRoom
from social_api.auth import Actor
from social_api.conversations import handlers
from social_api.media.links import LinkSigner
from social_api.pages import Cursors, Page
from tests.social_api.conftest import House, Person
from tests.support.chats import conversation, message, set_place
from tests.support.clones import Clone
from tests.support.records import set_status

LIST = "/v1/conversations"
NOT_THERE = "0192d1f3-0000-7000-8000-000000000000"
SOON = datetime.now(UTC) + timedelta(days=1)  # after everybody came


def after(seconds: int) -> datetime:
    return SOON + timedelta(seconds=seconds)


async def test_it_shows_with_whom_and_in_which_room(alice: Person, bob: Person, database: Clone) -> None:
    chat = await conversation(database, alice.id, bob.id)
    listed = await alice.get(LIST)
    assert listed["next"] is None
    [item] = listed["items"]
    assert (item["id"], item["type"], item["title"]) == (str(chat), "dm", None)
    assert (item["room_id"], item["encrypted"]) == (f"!{chat}:meton.localhost", True)
    assert [other["connect_id"] for other in item["others"]] == ["bob@meton"]
    assert (item["participant_count"], item["unread"], item["last_message_at"]) == (2, 0, None)


async def test_the_latest_message_comes_first(alice: Person, bob: Person, database: Clone) -> None:
    chats = [await conversation(database, alice.id, bob.id, type="group", title=str(number)) for number in range(3)]
    await message(database, chats[0], bob.id, after(2))
    await message(database, chats[2], bob.id, after(1))
    assert [item["id"] for item in (await alice.get(LIST))["items"]] == [str(chats[n]) for n in (0, 2, 1)]


async def test_pages_follow_each_other(alice: Person, bob: Person, database: Clone) -> None:
    chats = [await conversation(database, alice.id, bob.id, type="group") for _ in range(5)]
    for chat in chats:
        await message(database, chat, bob.id, SOON)
    first = await alice.get(f"{LIST}?limit=3")
    second = await alice.get(f"{LIST}?limit=3&cursor={first['next']}")
    seen = [item["id"] for item in first["items"] + second["items"]]
    assert seen == sorted(map(str, chats), reverse=True)
    assert second["next"] is None


async def test_unread_are_messages_of_others_after_the_read_cursor(alice: Person, bob: Person, database: Clone) -> None:
    chat = await conversation(database, alice.id, bob.id)
    messages = [await message(database, chat, bob.id, after(number)) for number in range(3)]
    await message(database, chat, alice.id, after(4))
    await message(database, chat, bob.id, after(5), redacted_at=after(6))
    assert (await alice.get(f"{LIST}/{chat}"))["conversation"]["unread"] == 3
    await set_place(database, chat, alice.id, last_read_message_id=messages[1])
    assert (await alice.get(f"{LIST}/{chat}"))["conversation"]["unread"] == 1
    await set_place(database, chat, alice.id, last_read_message_id=None, read_at=after(3))
    assert (await alice.get(f"{LIST}/{chat}"))["conversation"]["unread"] == 0
    assert (await bob.get(f"{LIST}/{chat}"))["conversation"]["unread"] == 1


async def test_the_room_shown_is_the_one_in_use(alice: Person, bob: Person, database: Clone) -> None:
    chat = await conversation(database, alice.id, bob.id)
    async with database.transaction() as tx:
        await tx.execute(Statement(update(MatrixRoom).values(current=False, tombstoned_at=SOON)))
        room = {"room_id": "!upgraded:meton.localhost", "conversation_id": chat}
        await tx.execute(Statement(insert(MatrixRoom).values(room)))
    assert [item["room_id"] for item in (await alice.get(LIST))["items"]] == ["!upgraded:meton.localhost"]


async def test_invitations_are_among_them(alice: Person, bob: Person, database: Clone) -> None:
    chat = await conversation(database, alice.id, bob.id)
    await set_place(database, chat, alice.id, membership="invite")
    [item] = (await alice.get(LIST))["items"]
    assert item["membership"] == "invite"


@pytest.mark.parametrize("membership", ["leave", "ban", "knock"])
async def test_what_one_is_not_in_is_not_there(alice: Person, bob: Person, database: Clone, membership: str) -> None:
    chat = await conversation(database, alice.id, bob.id)
    await set_place(database, chat, alice.id, membership=membership)
    assert (await alice.get(LIST))["items"] == []
    assert (await alice.call("GET", f"{LIST}/{chat}")).status == 404
    assert (await bob.get(f"{LIST}/{chat}"))["conversation"]["others"] == []


async def test_the_chats_of_others_are_not_there(alice: Person, bob: Person, charlie: Person, database: Clone) -> None:
    chat = await conversation(database, bob.id, charlie.id)
    hidden = await alice.call("GET", f"{LIST}/{chat}")
    absent = await alice.call("GET", f"{LIST}/{NOT_THERE}")
    assert (await alice.get(LIST))["items"] == []
    assert (hidden.status, absent.status) == (404, 404)
    assert {**hidden.body, "instance": ""} == {**absent.body, "instance": ""}


async def test_one_shows_who_is_in_it(alice: Person, bob: Person, charlie: Person, database: Clone) -> None:
    chat = await conversation(database, alice.id, bob.id, charlie.id, type="group", title="पहाड़")
    await set_place(database, chat, bob.id, role="owner")
    await set_status(database, charlie.id, "suspended")
    detail = await alice.get(f"{LIST}/{chat}")
    assert detail["conversation"]["title"] == "पहाड़"
    assert {(each["person"]["connect_id"], each["role"]) for each in detail["participants"]} == {
        ("alice@meton", "member"),
        ("bob@meton", "owner"),
    }


async def test_the_list_is_one_statement(alice: Person, bob: Person, database: Clone) -> None:
    for _ in range(3):
        await conversation(database, alice.id, bob.id, type="group")
    actor = Actor(alice.id, "", alice.connect_id, frozenset(), None, "en")
    async with (await database.as_role("social_api")).reading() as tx:
        listed = await handlers.listing(
            actor, tx, Page(20, None, Cursors("key", "conversations")), LinkSigner("", b"key")
        )
        assert (len(listed.items), tx.statements) == (3, 1)


@pytest.mark.parametrize("chat", [NOT_THERE, "x", "1"])
async def test_what_does_not_exist_is_not_found(alice: Person, chat: str) -> None:
    assert (await alice.call("GET", f"{LIST}/{chat}")).status == 404


@pytest.mark.parametrize("path", [LIST, f"{LIST}/{NOT_THERE}"])
async def test_it_is_for_people_who_are_signed_in(house: House, path: str) -> None:
    assert (await house.nobody.call("GET", path)).status == 401
