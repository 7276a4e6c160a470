"""Topics `person.log_out` and `session.log_out`: end a person's logins in Keycloak, all of them or one.

All: so that enabling the account again revives none. One: because the person ended that session through the API.
"""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from event_worker import endings
from event_worker.changes import Cause
from event_worker.keycloak import Keycloak
from event_worker.tasks import Effect, Task


class LogOut(msgspec.Struct):
    """The payload of an outbox row of topic `person.log_out`."""

    subject: str


class LogOutOfSession(msgspec.Struct):
    """The payload of an outbox row of topic `session.log_out`; the API has refused the session's tokens already."""

    session: str


def ender(keycloak: Keycloak) -> Effect:
    """The effect of topic `person.log_out`."""

    async def end(task: Task) -> None:
        subject = msgspec.convert(task.entry.payload, LogOut).subject
        await keycloak.log_out(subject)
        # a token refreshed between the disabling and now is younger than the first revocation
        async with task.finishing() as tx:
            await endings.end_person(tx, Cause(task.entry.id, datetime.now(UTC), "logged out of Keycloak"), subject)

    return end


def session_ender(keycloak: Keycloak) -> Effect:
    """The effect of topic `session.log_out`."""

    async def end(task: Task) -> None:
        await keycloak.log_out_of(msgspec.convert(task.entry.payload, LogOutOfSession).session)
        async with task.finishing():
            pass

    return end
