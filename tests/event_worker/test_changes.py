"""What each of Keycloak's events means; the events are as Keycloak 26.7 writes them."""

from __future__ import annotations

import pytest

from event_worker import changes
from event_worker.changes import EverybodyEnded, PersonChanged, SessionEnded
from event_worker.keycloak import AdminEvent, UserEvent

SUBJECT = "9d119dbd-346b-47da-8364-f5df0c181be9"
OURSELVES = "333eea0d-2eee-4cc6-b268-4b91bd4f9c2a"
ID = "259f113f-2963-43f7-852e-e526d89fa4ef"
NOON = 1795348800000


def by_administrator(kind: str, act: str, path: str, sent: str | None = None, by: str = "somebody") -> object:
    event = AdminEvent(ID, NOON, act, path, kind, sent, {"userId": by})
    return changes.of_administrator(event, OURSELVES)


@pytest.mark.parametrize(
    ("act", "path", "sent", "ended"),
    [
        ("UPDATE", f"users/{SUBJECT}", '{"enabled":false}', True),
        ("UPDATE", f"users/{SUBJECT}", '{"enabled":true,"firstName":"A"}', False),
        ("UPDATE", f"users/{SUBJECT}", '{"firstName":"A"}', False),
        ("UPDATE", f"users/{SUBJECT}", '{"enabled":fal', False),
        ("UPDATE", f"users/{SUBJECT}", None, False),
        ("DELETE", f"users/{SUBJECT}", None, True),
        ("ACTION", f"users/{SUBJECT}/logout", None, True),
    ],
)
def test_acts_on_an_account(act: str, path: str, sent: str | None, ended: bool) -> None:
    change = by_administrator("USER", act, path, sent)
    assert isinstance(change, PersonChanged)
    assert (change.subject, change.ended, change.cause.by) == (SUBJECT, ended, "somebody")
    assert change.cause.at.timestamp() * 1000 == NOON


@pytest.mark.parametrize(
    ("kind", "act", "path"),
    [
        ("USER", "CREATE", f"users/{SUBJECT}"),
        ("USER", "ACTION", f"users/{SUBJECT}/reset-password"),
        ("USER", "UPDATE", "users/profile"),
        ("REALM", "UPDATE", ""),
        ("REALM", "ACTION", "clear-user-cache"),
    ],
)
def test_acts_that_do_not_concern_us(kind: str, act: str, path: str) -> None:
    assert by_administrator(kind, act, path) is None


def test_what_we_did_ourselves_is_no_news() -> None:
    assert by_administrator("USER", "ACTION", f"users/{SUBJECT}/logout", by=OURSELVES) is None


def test_a_session_that_an_administrator_ends() -> None:
    change = by_administrator("USER_SESSION", "DELETE", "sessions/a2DlUiLaulfRazjAj3LTs0D9")
    assert isinstance(change, SessionEnded)
    assert change.session == "a2DlUiLaulfRazjAj3LTs0D9"


def test_a_logout_of_the_whole_realm() -> None:
    assert isinstance(by_administrator("REALM", "ACTION", "logout-all"), EverybodyEnded)


def test_what_people_do_themselves() -> None:
    left = changes.of_person(UserEvent(ID, NOON, "LOGOUT", SUBJECT, "sid"))
    assert isinstance(left, SessionEnded)
    assert left.session == "sid"
    assert left.cause.by is None
    gone = changes.of_person(UserEvent(ID, NOON, "DELETE_ACCOUNT", SUBJECT))
    assert isinstance(gone, PersonChanged)
    assert gone.ended
    locked = changes.of_person(UserEvent(ID, NOON, "USER_DISABLED_BY_PERMANENT_LOCKOUT", SUBJECT))
    assert isinstance(locked, PersonChanged)
    assert not locked.ended, "Keycloak is asked what the account is now"


def test_a_logout_without_a_session_ends_nothing() -> None:
    assert changes.of_person(UserEvent(ID, NOON, "LOGOUT", SUBJECT)) is None
