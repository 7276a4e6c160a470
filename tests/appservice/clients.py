"""People of a test: who they are in Meton, and what they do in Matrix with whichever client they have."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from mautrix.api import Method, Path, SynapseAdminPath
from mautrix.appservice import IntentAPI
from mautrix.types import RoomID

from appservice.homeserver import Homeserver
from appservice.people.accounts import ensure_account
from db.engine import Database

MEGOLM = {"type": "m.room.encryption", "state_key": "", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}
CIPHERTEXT = {
    "algorithm": "m.megolm.v1.aes-sha2",
    "ciphertext": "AwgAEnACgAkLmt6qF84IK++J7UDH2Za1YVchHyprqTqsg",
    "session_id": "X3lUlvLELLYxeTx4yOVu6UDpasGEVO0Jbu+QFnm0cKQ",
    "sender_key": "RF3s+E7RkTQTGF2d8Deol0FkQvgII2aJDf3/Jp5mxVU",
    "device_id": "JLAFKJWSCS",
}


@dataclass(frozen=True, slots=True)
class Person:
    """One of the cast."""

    user_id: UUID
    subject: str
    username: str
    mxid: str
    homeserver: Homeserver

    async def with_account(self, database: Database) -> Self:
        """The same person, who has a Matrix account now."""
        assert await ensure_account(database, self.homeserver, self.user_id) == self.mxid
        return self

    @property
    def client(self) -> IntentAPI:
        """Matrix as this person."""
        return self.homeserver.acting_as(self.mxid)

    async def call(self, method: Method, path: Any, content: dict[str, Any] | None = None) -> Any:
        """One request of a client; raises mautrix's errors."""
        return await self.client.api.request(method, path, content or {})

    async def make_room(self, *others: Person, encrypted: bool = True, **content: Any) -> str:
        """Create a room and invite the others."""
        body = {
            "preset": "private_chat",
            "invite": [other.mxid for other in others],
            "initial_state": [MEGOLM] if encrypted else [],
            **content,
        }
        return str((await self.call(Method.POST, Path.v3.createRoom, body))["room_id"])

    async def join(self, room_id: str) -> None:
        await self.client.join_room_by_id(RoomID(room_id))

    async def send(self, room_id: str, kind: str = "m.room.encrypted", content: dict[str, Any] | None = None) -> str:
        """Send an event; its id."""
        path = Path.v3.rooms[room_id].send[kind][secrets.token_hex(8)]
        return str((await self.call(Method.PUT, path, content or CIPHERTEXT))["event_id"])

    async def set_state(self, room_id: str, kind: str, content: dict[str, Any]) -> str:
        return str((await self.call(Method.PUT, Path.v3.rooms[room_id].state[kind][""], content))["event_id"])

    async def sign_in(self) -> str:
        """An access token with a device of its own, as a login gives it."""
        body = {"type": "m.login.application_service", "identifier": {"type": "m.id.user", "user": self.mxid}}
        return str((await self.call(Method.POST, Path.v3.login, body))["access_token"])

    async def state(self, room_id: str) -> dict[tuple[str, str], dict[str, Any]]:
        """The room's state as the server has it, whoever is in it."""
        events = await self.homeserver.room_state(room_id) or []
        return {(event["type"], event["state_key"]): event["content"] for event in events}

    async def rooms(self) -> list[str]:
        """The rooms this person is in."""
        path = SynapseAdminPath.v1.users[self.mxid].joined_rooms
        return list((await self.homeserver._admin.request(Method.GET, path))["joined_rooms"])
