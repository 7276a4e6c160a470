"""Topic `person.log_out`: ends a person's logins in Keycloak, so that enabling the account again revives none."""

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


def ender(keycloak: Keycloak) -> Effect:
    """The effect of topic `person.log_out`."""

    async def end(task: Task) -> None:
        subject = msgspec.convert(task.entry.payload, LogOut).subject
        await keycloak.log_out(subject)
        # a token refreshed between the disabling and now is younger than the first revocation
        async with task.finishing() as tx:
            await endings.end_person(tx, Cause(task.entry.id, datetime.now(UTC), "logged out of Keycloak"), subject)

    return end
