"""`/ws`."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any
from uuid import uuid4

import aiohttp
import psutil
import pytest
from redis.asyncio import Redis
from sqlalchemy import insert

from db.engine import Statement
from db.models import LiveCursor, LiveEvent, Revocation
from social_api import live
from tests.social_api.conftest import PUBLIC_URL, House, Person
from tests.support.clones import Clone
from tests.support.waiting import eventually

Socket = aiohttp.ClientWebSocketResponse


class Teller:
    """What the event worker does."""

    def __init__(self, database: Clone, valkey: Redis) -> None:
        self._database = database
        self._valkey = valkey

    async def tell(self, person: Person, *seqs: int, wake: bool = True, characters: int = 0) -> None:
        """Number events for a person; `characters` makes each of them so much longer."""
        more = {"text": "x" * characters} if characters else {}
        async with self._database.transaction() as tx:
            for seq in seqs:
                event = {"user_id": person.id, "seq": seq, "outbox_id": uuid4(), "type": "follow.created"}
                await tx.execute(Statement(insert(LiveEvent).values(**event, payload={"n": seq, **more})))
            await tx.connection.execute(
                "INSERT INTO live_cursors VALUES ($1, $2) ON CONFLICT (user_id) DO UPDATE SET last_seq = $2",
                person.id,
                seqs[-1],
            )
        if wake:
            await self._valkey.publish(f"live:{person.id}", seqs[-1])


@pytest.fixture
def teller(database: Clone, valkey: Redis) -> Teller:
    return Teller(database, valkey)


@pytest.fixture
async def socket(house: House) -> AsyncIterator[Socket]:
    async with house.http.ws_connect(f"{house.url}/ws") as connected:
        yield connected


async def hello(socket: Socket, person: Person, **more: Any) -> Any:
    await socket.send_json({"type": "hello", "token": person.token, **more})
    return await heard(socket)


async def heard(socket: Socket) -> Any:
    return await socket.receive_json(timeout=30)


async def closed(socket: Socket) -> int | None:
    """The code it was closed with."""
    while (message := await socket.receive(timeout=40)).type is aiohttp.WSMsgType.TEXT:
        pass
    assert message.type is aiohttp.WSMsgType.CLOSE
    return int(message.data)


async def test_what_happens_is_told_in_order(socket: Socket, alice: Person, teller: Teller) -> None:
    assert await hello(socket, alice) == {"type": "hello", "cursor": 0}
    await teller.tell(alice, 1, 2, 3)
    await teller.tell(alice, 4)
    events = [await heard(socket) for _ in range(4)]
    assert [event["seq"] for event in events] == [1, 2, 3, 4]
    assert (events[0]["type"], events[0]["payload"]) == ("follow.created", {"n": 1})


async def test_it_goes_on_after_the_cursor(socket: Socket, alice: Person, teller: Teller) -> None:
    await teller.tell(alice, *range(1, 251))
    assert await hello(socket, alice, cursor=40) == {"type": "hello", "cursor": 40}
    assert [(await heard(socket))["seq"] for _ in range(210)] == list(range(41, 251))


async def test_without_a_cursor_it_begins_now(socket: Socket, alice: Person, teller: Teller) -> None:
    await teller.tell(alice, 1, 2)
    assert (await hello(socket, alice))["cursor"] == 2
    await teller.tell(alice, 3)
    assert (await heard(socket))["seq"] == 3


async def test_events_of_others_are_not_told(socket: Socket, alice: Person, bob: Person, teller: Teller) -> None:
    await hello(socket, alice)
    await teller.tell(bob, 1)
    await teller.tell(alice, 1)
    assert (await heard(socket))["payload"] == {"n": 1}
    with pytest.raises(TimeoutError):
        await socket.receive_json(timeout=0.5)


async def test_a_cursor_whose_events_are_gone_asks_to_read_anew(
    socket: Socket, alice: Person, teller: Teller, database: Clone
) -> None:
    async with database.transaction() as tx:
        await tx.execute(Statement(insert(LiveCursor).values(user_id=alice.id, last_seq=9)))
    await teller.tell(alice, 10)
    await hello(socket, alice, cursor=3)
    assert await heard(socket) == {"type": "resync", "cursor": 10}
    await teller.tell(alice, 11)
    assert (await heard(socket))["seq"] == 11


async def test_a_cursor_from_the_future_asks_to_read_anew(socket: Socket, alice: Person) -> None:
    await hello(socket, alice, cursor=99)
    assert await heard(socket) == {"type": "resync", "cursor": 0}


async def test_a_bad_token_is_told_to_sign_in(socket: Socket, alice: Person) -> None:
    await socket.send_json({"type": "hello", "token": f"{alice.token}x"})
    assert await closed(socket) == 4401


async def test_the_header_will_do_as_well(house: House, alice: Person) -> None:
    headers = {"Authorization": f"Bearer {alice.token}"}
    async with house.http.ws_connect(f"{house.url}/ws", headers=headers) as socket:
        await socket.send_json({"type": "hello"})
        assert (await heard(socket))["type"] == "hello"


async def test_a_token_in_the_address_will_not(house: House, alice: Person) -> None:
    async with house.http.ws_connect(f"{house.url}/ws?token={alice.token}") as socket:
        await socket.send_json({"type": "hello"})
        assert await closed(socket) == 4401


async def test_what_is_not_understood_ends_it(house: House, alice: Person) -> None:
    for said in ("{", "[]", '{"type":"dance"}', '{"type":"token","token":"x"}', '{"type":"hello","cursor":-1}'):
        async with house.http.ws_connect(f"{house.url}/ws") as socket:
            await socket.send_str(said)
            assert await closed(socket) == 4400, said


async def test_a_page_of_another_site_is_refused(house: House) -> None:
    for origin in ("https://evil.example", "null", f"{PUBLIC_URL}.evil.example"):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await house.http.ws_connect(f"{house.url}/ws", headers={"Origin": origin})
        assert refused.value.status == 403
    async with house.http.ws_connect(f"{house.url}/ws", headers={"Origin": PUBLIC_URL}):
        pass


async def test_it_ends_when_the_session_does(socket: Socket, alice: Person, database: Clone, house: House) -> None:
    await hello(socket, alice)
    session = f"session-of-{alice.username}"
    async with database.transaction() as tx:
        await tx.execute(Statement(insert(Revocation).values(session=session, reason="a test")))
    assert await closed(socket) == 4401
    assert (await alice.call("GET", "/v1/me")).status == 401


async def test_it_ends_with_the_token_unless_a_newer_one_came(house: House, alice: Person) -> None:
    def short() -> str:
        return house.realm.token(house.settings.issuer, "alice", exp=int(time.time()) + 3)

    async with house.http.ws_connect(f"{house.url}/ws") as one, house.http.ws_connect(f"{house.url}/ws") as other:
        for socket in (one, other):
            await socket.send_json({"type": "hello", "token": short()})
            assert (await heard(socket))["type"] == "hello"
        await other.send_json({"type": "token", "token": alice.token})
        assert await closed(one) == 4401
        await other.send_json({"type": "token", "token": "nonsense"})
        assert await closed(other) == 4401


async def test_a_token_of_someone_else_ends_it(socket: Socket, alice: Person, bob: Person) -> None:
    await hello(socket, alice)
    await socket.send_json({"type": "token", "token": bob.token})
    assert await closed(socket) == 4401


@asynccontextmanager
async def slow_reader(house: House, person: Person, teller: Teller) -> AsyncIterator[Socket]:
    """Somebody to whom the API has more to say than they, and the buffers between, take; it has given up by now."""

    async with house.http.ws_connect(f"{house.url}/ws") as socket:
        await hello(socket, person)
        await teller.tell(person, *range(1, 101), characters=100_000)

        async def given_up() -> bool:
            async with house.http.get(f"{house.url}/metrics") as answer:
                return "meton_api_live_connections 0.0" in await answer.text()

        await eventually(given_up)
        yield socket


async def test_who_reads_too_slowly_is_told_so(
    house: House, alice: Person, teller: Teller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "SEND_WITHIN", 1.0)
    async with slow_reader(house, alice, teller) as socket:
        assert await closed(socket) == 4408
    async with house.http.ws_connect(f"{house.url}/ws") as again:
        await hello(again, alice, cursor=0)
        assert [(await heard(again))["seq"] for _ in range(100)] == list(range(1, 101))


async def test_who_reads_nothing_at_all_is_cut_off(
    house: House, alice: Person, teller: Teller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "SEND_WITHIN", 1.0)
    monkeypatch.setattr(live, "CLOSE_WITHIN", 1.0)
    async with slow_reader(house, alice, teller) as socket:
        port = socket.get_extra_info("sockname")[1]

        async def cut_off() -> bool:
            connections = psutil.Process().net_connections("tcp")
            return all(each.raddr[1:] != (port,) for each in connections)

        await eventually(cut_off)


async def test_that_the_feed_has_something_new_is_a_hint_without_a_number(
    socket: Socket, alice: Person, bob: Person, teller: Teller, valkey: Redis
) -> None:
    await hello(socket, alice)

    async def hinted() -> Any:
        await valkey.publish(f"live:{bob.id}", "feed")
        await valkey.publish(f"live:{alice.id}", "feed")
        with suppress(TimeoutError):
            return await socket.receive_json(timeout=1)
        return None

    assert await eventually(hinted) == {"type": "feed.changed"}
    await teller.tell(alice, 1)
    while (event := await heard(socket))["type"] == "feed.changed":
        pass
    assert event["seq"] == 1
