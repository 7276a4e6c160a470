"""Taking transactions from Synapse."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import select

from appservice import receive
from db import monitoring
from db.engine import Database, Statement
from db.models.inbox import Inbox
from stack.installation import Installation
from tests.appservice.test_metadata import SENTINEL, event
from tests.support import raw
from tests.support.clones import Clone
from tests.support.doors import Door

TOKEN = {"Authorization": "Bearer hs-token"}
PATH = "/_matrix/app/v1/transactions/17"
ROWS = Statement(select(Inbox.event_id, Inbox.event).order_by(Inbox.position))

Client = TestClient[Any, Any]


async def serving(database: Database) -> Client:
    app = monitoring.application({}, largest_body=receive.MAX_BYTES)
    app[receive.DATABASE], app[receive.HS_TOKEN] = database, "hs-token"
    app.add_routes(receive.routes)
    client = TestClient(TestServer(app))
    await client.start_server()
    return client


@pytest.fixture
async def client(own: Database) -> AsyncIterator[Client]:
    client = await serving(own)
    yield client
    await client.close()


async def stored(database: Clone) -> list[str]:
    async with database.reading() as tx:
        return [row["event_id"] for row in await tx.rows(ROWS)]


def message(number: int, **content: Any) -> dict[str, Any]:
    return event(event_id=f"$event{number}", content=content)


async def test_events_are_stored_in_their_order_when_it_answers(client: Client, database: Clone) -> None:
    answer = await client.put(PATH, headers=TOKEN, json={"events": [message(3), message(1), message(2)]})
    assert (answer.status, await answer.json()) == (200, {})
    assert await stored(database) == ["$event3", "$event1", "$event2"]


async def test_no_content_is_in_the_rows(client: Client, database: Clone) -> None:
    said = {"body": SENTINEL, "ciphertext": SENTINEL, "msgtype": "m.text", "filename": SENTINEL}
    await client.put(PATH, headers=TOKEN, json={"events": [event("m.room.message", content=said)]})
    async with database.reading() as tx:
        rows = await tx.rows(ROWS)
    assert len(rows) == 1
    assert SENTINEL not in str(dict(rows[0]))


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer other"}, {"Authorization": "Basic hs-token"}])
async def test_nobody_but_synapse_is_heard(client: Client, database: Clone, headers: dict[str, str]) -> None:
    answer = await client.put(PATH, headers=headers, json={"events": [message(1)]})
    assert answer.status == 403
    assert (await client.post("/_matrix/app/v1/ping", headers=headers, json={})).status == 403
    assert await stored(database) == []


async def test_a_token_that_is_no_text_is_refused(client: Client) -> None:
    for token in ("hs-tokén".encode(), b"hs-token\xe9", b"\xff"):
        assert await raw.status_of(client.port or 0, "PUT", PATH, b"Bearer " + token) == 403


async def test_the_token_in_the_address_is_not_taken(client: Client) -> None:
    assert (await client.put(f"{PATH}?access_token=hs-token", json={"events": []})).status == 403


async def test_a_ping_is_answered(client: Client) -> None:
    assert (await client.post("/_matrix/app/v1/ping", headers=TOKEN, json={"transaction_id": "1"})).status == 200


async def test_a_replay_changes_nothing(client: Client, database: Clone) -> None:
    for path in (PATH, PATH, PATH.replace("17", "18")):
        answer = await client.put(path, headers=TOKEN, json={"events": [message(1), message(2)]})
        assert answer.status == 200
    assert await stored(database) == ["$event1", "$event2"]


async def test_a_transaction_of_many_megabytes_is_taken(client: Client, database: Clone) -> None:
    big = json.dumps({"events": [message(number, ciphertext="x" * 300_000) for number in range(100)]})
    assert (await client.put(PATH, headers=TOKEN, data=BytesIO(big.encode()))).status == 200
    assert len(await stored(database)) == 100


async def test_what_is_not_json_is_refused(client: Client) -> None:
    assert (await client.put(PATH, headers=TOKEN, data=b"{")).status == 400


async def test_while_the_database_is_away_synapse_is_told_to_come_again(
    installation: Installation, database: Clone
) -> None:
    async with Door(installation.port("postgres")) as door:
        url = database.url("appservice").replace(str(installation.port("postgres")), door.url.rpartition(":")[2])
        through_the_door = await Database.open(url, database.password("appservice"), name="test door", minimum=0)
        client = await serving(through_the_door)
        await door.shut()
        assert (await client.put(PATH, headers=TOKEN, json={"events": [message(1)]})).status == 503
        assert await stored(database) == []
        await door.open()
        assert (await client.put(PATH, headers=TOKEN, json={"events": [message(1)]})).status == 200
        assert await stored(database) == ["$event1"]
        await client.close()
        await through_the_door.close()
