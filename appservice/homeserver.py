"""Synapse as this service asks it: as an administrator, and acting for people. Every call has a timeout.

What an administrator asks is the same when asked twice, so it is asked again when Synapse stumbles; it does when two
make the same account in one moment. All else is left to whoever asks, who is repeated from the inbox or the outbox.
"""

from __future__ import annotations

import logging
from typing import Any, cast

import aiohttp
from mautrix.api import HTTPAPI, Method, Path, PathBuilder, SynapseAdminPath
from mautrix.appservice import AppServiceAPI, ASStateStore, IntentAPI
from mautrix.client import MemoryStateStore
from mautrix.errors import MatrixRequestError, MNotFound
from mautrix.types import UserID
from mautrix.util.logging import TraceLogger
from tenacity import retry, retry_if_exception, stop_after_attempt, wait_random_exponential

from appservice.settings import Settings

Json = dict[str, Any]

AUTH_PROVIDER = "oidc-keycloak"
OBSERVER = "meton-observer"
ACTOR = "_meton-actor"
TIMEOUT = aiohttp.ClientTimeout(total=20, sock_connect=3)
ATTEMPTS = 6
"""Within two or three seconds."""


def _stumbled(error: BaseException) -> bool:
    return isinstance(error, MatrixRequestError) and error.http_status >= 500


class _People(ASStateStore, MemoryStateStore):
    """What an intent remembers during one command: that a person has an account, so that it registers none."""

    def __init__(self, mxid: UserID) -> None:
        ASStateStore.__init__(self)
        MemoryStateStore.__init__(self)
        self._registered = {mxid: True}


class Homeserver:
    """Its calls raise mautrix's MatrixError, aiohttp's ClientError or TimeoutError."""

    def __init__(self, session: aiohttp.ClientSession, settings: Settings) -> None:
        self.server_name = settings.server_name
        self._session = session
        self._settings = settings
        self._log = cast(TraceLogger, logging.getLogger("mautrix"))
        self._log.setLevel(logging.WARNING)  # below that it logs what it sends
        self._admin = self._api(settings.synapse_admin_token)
        self._observer = self._api(settings.observer_as_token)

    def _api(self, token: str) -> HTTPAPI:
        return HTTPAPI(self._settings.synapse_url, token, client_session=self._session, log=self._log)

    def acting_as(self, mxid: str) -> IntentAPI:
        """The client-server API as this person sees it. Fresh for each command: nothing it remembers can be stale."""
        person = UserID(mxid)
        store = _People(person)
        actor = AppServiceAPI(
            self._settings.synapse_url,
            bot_mxid=UserID(f"@{ACTOR}:{self.server_name}"),
            token=self._settings.actor_as_token,
            log=self._log,
            state_store=store,
            client_session=self._session,
        )
        intent: IntentAPI = actor.intent(person)
        return intent

    async def ask_for_backlog(self) -> None:
        """Let Synapse bring at once what it has kept for us, instead of at the end of its pause of up to 512 s."""
        await self._observer.request(Method.POST, Path.v1.appservice[OBSERVER].ping, {})

    # --- people

    async def account_of(self, subject: str) -> str | None:
        """The MXID that a Keycloak subject signs in to, if there is one."""
        found = await self._get(SynapseAdminPath.v1.auth_providers[AUTH_PROVIDER].users[subject])
        return found["user_id"] if found else None

    async def account(self, mxid: str) -> Json | None:
        """What Synapse knows of an account (`external_ids`, `threepids`, `displayname` …); None when there is none."""
        return await self._get(SynapseAdminPath.v2.users[mxid])

    async def make_account(self, mxid: str, subject: str, display_name: str) -> None:
        """Make the account, or bind the one that exists, so that this subject signs in to it. It gets no password."""
        body = {
            "displayname": display_name,
            "external_ids": [{"auth_provider": AUTH_PROVIDER, "external_id": subject}],
        }
        await self._ask(Method.PUT, SynapseAdminPath.v2.users[mxid], body)

    async def end_sessions(self, mxid: str) -> int:
        """Delete all devices of an account, and with them every token; returns how many there were."""
        path = SynapseAdminPath.v2.users[mxid]
        found = await self._get(path.devices)
        devices = [device["device_id"] for device in found["devices"]] if found else []
        if devices:
            await self._ask(Method.POST, path.delete_devices, {"devices": devices})
        return len(devices)

    # --- rooms

    async def rooms(self, start: int, limit: int) -> list[str]:
        """The ids of rooms that exist, `limit` from place `start` of a stable order."""
        query = {"from": str(start), "limit": str(limit), "order_by": "name"}
        page = await self._ask(Method.GET, SynapseAdminPath.v1.rooms, query=query)
        return [room["room_id"] for room in page["rooms"]]

    async def room_state(self, room_id: str) -> list[Json] | None:
        """The current state events, or None when the room does not exist (any more)."""
        found = await self._get(SynapseAdminPath.v1.rooms[room_id].state)
        return list(found["state"]) if found else None

    async def history(self, room_id: str, after: str | None, limit: int) -> tuple[list[Json], str | None]:
        """The events after a place in a room, oldest first, and the place after them; None: there is nothing more."""
        query = {"dir": "f", "limit": str(limit), **({"from": after} if after else {})}
        page = await self._get(SynapseAdminPath.v1.rooms[room_id].messages, query)
        return (page["chunk"], page.get("end")) if page else ([], None)

    async def _get(self, path: PathBuilder, query: dict[str, str] | None = None) -> Json | None:
        try:
            return await self._ask(Method.GET, path, query=query)
        except MNotFound:
            return None

    @retry(
        retry=retry_if_exception(_stumbled),
        stop=stop_after_attempt(ATTEMPTS),
        wait=wait_random_exponential(multiplier=0.05, max=1),
        reraise=True,
    )
    async def _ask(
        self, method: Method, path: PathBuilder, body: Json | None = None, query: dict[str, str] | None = None
    ) -> Json:
        """One call of the admin API, which must be one that may be repeated."""
        answer: Json = await self._admin.request(method, path, body, query_params=query)
        return answer
