"""Friend requests as steps of a test."""

from __future__ import annotations

from typing import Any

from tests.support.api import Api


async def ask(person: Api, connect_id: str) -> dict[str, Any]:
    """`person` asks to be friends; the request."""
    return dict(await person.post("/v1/friend-requests", {"connect_id": connect_id}))


async def befriend(one: Api, other: Api, connect_id: str) -> None:
    """Make `one` and `other`, whose handle is given, friends."""
    request = await ask(one, connect_id)
    await other.post(f"/v1/friend-requests/{request['id']}/accept")
