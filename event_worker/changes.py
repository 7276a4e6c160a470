"""What Keycloak's events mean to us."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import msgspec

from event_worker.keycloak import AdminEvent, UserEvent

_PERSON = re.compile(r"users/(?P<subject>[0-9a-f-]{36})(?P<logout>/logout)?", re.ASCII)
_SESSION = re.compile(r"sessions/(?P<session>[\w.-]+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Cause:
    """Why something ends."""

    id: UUID
    """The event's own id: the same event met again does nothing."""
    at: datetime
    reason: str
    by: str | None = None
    """The administrator's subject, if it was one."""


@dataclass(frozen=True, slots=True)
class PersonChanged:
    """Somebody's account changed; Keycloak says what it is now."""

    cause: Cause
    subject: str
    ended: bool
    """All sessions up to then have ended, whatever the account is now."""


@dataclass(frozen=True, slots=True)
class SessionEnded:
    """One login has ended; nobody else's, and no other of the same person."""

    cause: Cause
    session: str


@dataclass(frozen=True, slots=True)
class EverybodyEnded:
    """All sessions of the realm up to then have ended."""

    cause: Cause


Change = PersonChanged | SessionEnded | EverybodyEnded


class _Sent(msgspec.Struct):
    enabled: bool | None = None


def of_administrator(event: AdminEvent, own_subject: str) -> Change | None:
    """What an administrator's act means; None for what does not concern us, and for our own acts (`own_subject`)."""
    by = event.auth_details.get("userId")
    if by == own_subject:
        return None

    def cause(reason: str) -> Cause:
        return Cause(UUID(event.id), _moment(event.time), reason, by)

    kind, act, path = event.resource_type, event.operation_type, event.resource_path
    if kind == "USER" and act != "CREATE" and (person := _PERSON.fullmatch(path)):
        if person["logout"]:
            return PersonChanged(cause("logged out by administrator"), person["subject"], ended=True)
        if act == "DELETE":
            return PersonChanged(cause("account deleted"), person["subject"], ended=True)
        # an account enabled again a second later is enabled when we ask, but its sessions were to end
        return PersonChanged(cause("account changed"), person["subject"], ended=_disables(event))
    if kind == "USER_SESSION" and act == "DELETE" and (login := _SESSION.fullmatch(path)):
        return SessionEnded(cause("session deleted"), login["session"])
    return EverybodyEnded(cause("realm logged out")) if path == "logout-all" else None


def of_person(event: UserEvent) -> Change | None:
    """What a person's own act means; None for what does not concern us."""
    cause = Cause(UUID(event.id), _moment(event.time), event.type.lower().replace("_", " "))
    if event.type == "LOGOUT":
        return SessionEnded(cause, event.session_id) if event.session_id else None
    return PersonChanged(cause, event.user_id, ended=event.type == "DELETE_ACCOUNT") if event.user_id else None


def _disables(event: AdminEvent) -> bool:
    if event.operation_type != "UPDATE" or event.representation is None:
        return False
    try:
        return msgspec.json.decode(event.representation, type=_Sent).enabled is False
    except msgspec.DecodeError:  # cut off by the database's limit: what the account is now decides alone
        return False


def _moment(epoch_ms: int) -> datetime:
    return datetime.fromtimestamp(epoch_ms / 1000, UTC)
