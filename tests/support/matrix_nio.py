"""matrix-nio with vodozemac: an independent implementation of the client side, as small bots and terminals use it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from nio import (
    AsyncClient,
    AsyncClientConfig,
    InviteMemberEvent,
    JoinResponse,
    RoomMessageText,
    RoomSendResponse,
)

from tests.support.matrix_sso import MatrixLogin

RECEIVE_SECONDS = 60


class NioClient:
    """One signed-in client; collects the messages that it could decrypt and the invites it got."""

    def __init__(self, client: AsyncClient) -> None:
        self.client = client
        self.messages: list[RoomMessageText] = []
        self.invites: list[str] = []
        self._changed = asyncio.Condition()
        client.add_event_callback(self._message, RoomMessageText)
        client.add_event_callback(self._invite, InviteMemberEvent)

    async def _message(self, _room: Any, event: RoomMessageText) -> None:
        async with self._changed:
            self.messages.append(event)
            self._changed.notify_all()

    async def _invite(self, room: Any, _event: InviteMemberEvent) -> None:
        async with self._changed:
            self.invites.append(room.room_id)
            self._changed.notify_all()

    async def invited(self, room_id: str) -> None:
        """Returns once this person has been invited to the room."""
        async with self._changed:
            await asyncio.wait_for(self._changed.wait_for(lambda: room_id in self.invites), RECEIVE_SECONDS)

    async def join(self, room_id: str) -> None:
        """Join the room and wait until the sync has shown it, with its members and encryption."""
        answer = await self.client.join(room_id)
        assert isinstance(answer, JoinResponse), answer
        while room_id not in self.client.rooms or not self.client.rooms[room_id].encrypted:
            await asyncio.wait_for(self.client.synced.wait(), RECEIVE_SECONDS)

    async def send(self, room_id: str, body: str) -> str:
        """Send an encrypted text message; returns the event id."""
        answer = await self.client.room_send(
            room_id, "m.room.message", {"msgtype": "m.text", "body": body}, ignore_unverified_devices=True
        )
        assert isinstance(answer, RoomSendResponse), answer
        return str(answer.event_id)

    async def received(self, body: str) -> RoomMessageText:
        """The decrypted message whose text is `body`, as soon as it is there."""

        def found() -> RoomMessageText | None:
            return next((message for message in self.messages if message.body == body), None)

        async with self._changed:
            await asyncio.wait_for(self._changed.wait_for(lambda: found() is not None), RECEIVE_SECONDS)
        message = found()
        assert message is not None
        return message


@asynccontextmanager
async def nio_client(login: MatrixLogin, store: Path) -> AsyncIterator[NioClient]:
    """A syncing client for that device; its keys live in the folder `store`."""
    client = AsyncClient(
        login.homeserver,
        login.user_id,
        device_id=login.device_id,
        store_path=str(store),
        config=AsyncClientConfig(encryption_enabled=True, store_sync_tokens=True, request_timeout=30),
    )
    client.restore_login(login.user_id, login.device_id, login.access_token)
    wrapped = NioClient(client)
    syncing = asyncio.create_task(client.sync_forever(timeout=10_000, full_state=True))
    try:
        await asyncio.wait_for(client.synced.wait(), RECEIVE_SECONDS)
        yield wrapped
    finally:
        syncing.cancel()
        await asyncio.gather(syncing, return_exceptions=True)
        await client.close()
