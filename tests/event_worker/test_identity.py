"""What ends in Keycloak's console ends here within seconds: against the real Keycloak, in a realm of the tests' own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import jwt
import pytest
from sqlalchemy import bindparam, func, insert, select, text, update

from db import outbox
from db.engine import Database, Statement
from db.models import AuditLog, AuthSession, IdentityCursor, Outbox, Revocation, User
from event_worker import sweep
from event_worker.actors.log_out import ender, session_ender
from event_worker.identity import OVERLAP, Follower
from event_worker.keycloak import Keycloak
from event_worker.tasks import perform
from stack.components import postgres
from stack.installation import Installation
from tests.event_worker.conftest import person
from tests.support.clones import Clone
from tests.support.doors import Door
from tests.support.keycloak_browser import KeycloakBrowser
from tests.support.realms import PASSWORD, OwnRealm, own_realm
from tests.support.waiting import eventually

SOON = 10.0
"""Seconds that an end may take at most; the aim is 5, and PROMPT is asked where nothing disturbs."""
PROMPT = 5.0

REVOCATIONS = Statement(select(Revocation).order_by(Revocation.created_at))
ASKED = Statement(select(Outbox.destination, Outbox.topic, Outbox.payload).order_by(Outbox.id))
STATUS = Statement(select(User.status).where(User.subject == bindparam("subject")))
SIGNED_IN = Statement(
    insert(AuthSession).values(
        user_id=bindparam("user"),
        refresh_token_hash=bindparam("sid"),
        keycloak_session=bindparam("sid"),
        expires_at=func.now() + timedelta(days=1),
    )
)
LIVING = Statement(select(AuthSession.keycloak_session).where(AuthSession.ended_at.is_(None)))
CURSOR = Statement(select(IdentityCursor))
FOLLOWED_TO = Statement(update(IdentityCursor).values(last_event_time=bindparam("at")))
ACTS = Statement(select(AuditLog.action).order_by(AuditLog.position))


@pytest.fixture(scope="module")
def realm(installation: Installation) -> Iterator[OwnRealm]:
    with own_realm(installation) as made:
        yield made


@pytest.fixture(autouse=True)
async def events_of_other_tests_are_past(own: Database) -> None:
    await follow_from(own, datetime.now(UTC))


@pytest.fixture
async def keycloak(installation: Installation, realm: OwnRealm) -> AsyncIterator[Keycloak]:
    async with open_keycloak(installation, realm) as opened:
        yield opened


def open_keycloak(installation: Installation, realm: OwnRealm, address: str | None = None) -> Keycloak:
    url = f"{address or installation.url('keycloak')}/auth"
    return Keycloak(url, realm.name, "meton-backend", installation.secret("keycloak_backend"))


@asynccontextmanager
async def following(own: Database, keycloak: Keycloak) -> AsyncIterator[Follower]:
    follower = Follower(own, keycloak)
    async with asyncio.TaskGroup() as group:
        group.create_task(follower.run())
        try:
            yield follower
        finally:
            follower.stop()


@pytest.fixture
async def follower(own: Database, keycloak: Keycloak) -> AsyncIterator[Follower]:
    async with following(own, keycloak) as running:
        await polled_after(own, datetime.now(UTC))
        yield running


class Here:
    """What our database says."""

    def __init__(self, database: Clone) -> None:
        self.database = database

    async def rows(self, statement: Statement, **values: object) -> list[asyncpg.Record]:
        async with self.database.reading() as tx:
            return await tx.rows(statement, **values)

    async def revoked(self, target: str, seconds: float = SOON) -> asyncpg.Record:
        """The revocation of a subject or a session, once it is there."""

        async def found() -> asyncpg.Record | None:
            rows = await self.rows(REVOCATIONS)
            return next((row for row in rows if target in (row["subject"], row["session"])), None)

        return await eventually(found, seconds, every=0.05)

    async def status(self, subject: str) -> str:
        return str((await self.rows(STATUS, subject=subject))[0]["status"])

    async def becomes(self, subject: str, status: str) -> None:
        async def is_so() -> bool:
            return await self.status(subject) == status

        await eventually(is_so, SOON, every=0.05)

    async def swept(self) -> None:
        """The first sweep of all accounts is over."""

        async def is_so() -> bool:
            return (await self.rows(CURSOR))[0]["swept_at"] is not None

        await eventually(is_so, SOON)

    async def asked(self, topic: str) -> list[dict[str, object]]:
        """The payloads of the outbox rows of one topic."""
        return [row["payload"] for row in await self.rows(ASKED) if row["topic"] == topic]

    async def acts(self) -> list[str]:
        return [row["action"] for row in await self.rows(ACTS)]

    async def living(self) -> list[str]:
        return [row["keycloak_session"] for row in await self.rows(LIVING)]


@pytest.fixture
def here(database: Clone) -> Here:
    return Here(database)


class Member:
    """A person with an account in the realm, a row here, and signed-in browsers."""

    def __init__(self, subject: str, user_id: UUID, username: str) -> None:
        self.subject, self.user_id, self.username = subject, user_id, username

    @classmethod
    async def join(cls, realm: OwnRealm, database: Database) -> Member:
        username = f"m{time.monotonic_ns()}"
        subject = await realm.add(username)
        return cls(subject, await person(database, subject), username)

    async def sign_in(self, browser: KeycloakBrowser, database: Database) -> dict[str, str]:
        """Log in as the API does; Keycloak's tokens, with the `sid` of their session."""
        tokens = await browser.tokens(await browser.login(self.username, PASSWORD))
        sid = jwt.decode(tokens["access_token"], options={"verify_signature": False})["sid"]
        async with database.transaction() as tx:
            await tx.execute(SIGNED_IN, user=self.user_id, sid=sid)
        return {**tokens, "sid": sid}


async def follow_from(database: Database, moment: datetime) -> None:
    """Let the follower begin with the events of that moment."""
    async with database.transaction() as tx:
        await tx.execute(FOLLOWED_TO, at=moment + OVERLAP)


async def polled_after(database: Database, moment: datetime) -> None:
    """Keycloak's events up to `moment` have been looked at."""

    async def looked() -> bool:
        async with database.reading() as tx:
            polled_at = (await tx.rows(CURSOR))[0]["polled_at"]
        return polled_at is not None and polled_at >= moment

    await eventually(looked, SOON, every=0.05)


# --- accounts


async def test_disabling_ends_everything_within_five_seconds(
    realm: OwnRealm, here: Here, database: Clone, follower: Follower
) -> None:
    alice = await Member.join(realm, database)
    async with realm.browser() as browser:
        await alice.sign_in(browser, database)
    began = datetime.now(UTC)
    await realm.enable(alice.subject, False)
    revocation = await here.revoked(alice.subject, PROMPT)
    assert revocation["session"] is None
    assert began - timedelta(seconds=1) <= revocation["not_before"] <= datetime.now(UTC)
    # all of it came in the same transaction
    assert await here.status(alice.subject) == "suspended"
    assert await here.living() == []
    assert await here.asked("person.sessions_ended") == [{"user_id": str(alice.user_id), "subject": alice.subject}]
    assert await here.asked("person.log_out") == [{"subject": alice.subject}]
    assert await here.acts() == ["person.sessions_ended", "person.suspended"]


async def test_enabling_again_makes_the_account_active_and_ends_nothing_more(
    realm: OwnRealm, here: Here, database: Clone, follower: Follower
) -> None:
    alice = await Member.join(realm, database)
    await realm.enable(alice.subject, False)
    await here.becomes(alice.subject, "suspended")
    await realm.enable(alice.subject, True)
    await here.becomes(alice.subject, "active")
    assert len(await here.rows(REVOCATIONS)) == 1


async def test_disabled_and_enabled_within_a_second_counts_and_revives_no_session(
    *, realm: OwnRealm, here: Here, own: Database, database: Clone, follower: Follower, keycloak: Keycloak
) -> None:
    alice = await Member.join(realm, database)
    async with realm.browser() as browser:
        tokens = await alice.sign_in(browser, database)
        await realm.enable(alice.subject, False)
        await realm.enable(alice.subject, True)
        # Keycloak lets the old session live on: this is what must not stay so
        revived = await browser.refresh(tokens["refresh_token"])
        assert "access_token" in revived
        await here.revoked(alice.subject, PROMPT)
        await log_out_as_asked(own, keycloak)
        assert "error" in await browser.refresh(revived["refresh_token"])
    await here.becomes(alice.subject, "active")  # the follower may have looked while the account was disabled
    revived_at = jwt.decode(revived["access_token"], options={"verify_signature": False})["iat"]
    assert max(row["not_before"] for row in await here.rows(REVOCATIONS)).timestamp() >= revived_at


async def test_a_session_that_was_ended_through_the_api_ends_in_keycloak(
    realm: OwnRealm, own: Database, database: Clone, keycloak: Keycloak
) -> None:
    alice = await Member.join(realm, database)
    async with realm.browser() as browser:
        tokens = await alice.sign_in(browser, database)
        session = jwt.decode(tokens["access_token"], options={"verify_signature": False})["sid"]
        for _ in range(2):  # the second time there is nothing left to end
            async with database.transaction() as tx:
                await outbox.emit(tx, "event_worker", "session.log_out", {"session": session})
            async with own.transaction() as tx:
                (entry,) = await outbox.claim(tx, "event_worker", 9, 60)
            await perform(own, session_ender(keycloak), str(entry.id))
        assert "error" in await browser.refresh(tokens["refresh_token"])


async def test_deleting_deactivates_and_ends_everything(
    realm: OwnRealm, here: Here, database: Clone, follower: Follower
) -> None:
    alice = await Member.join(realm, database)
    await realm.call("delete", f"users/{alice.subject}")
    await here.revoked(alice.subject, PROMPT)
    assert await here.status(alice.subject) == "deactivated"
    assert await here.asked("person.sessions_ended") == [{"user_id": str(alice.user_id), "subject": alice.subject}]
    assert await here.asked("person.log_out") == [], "there is nobody left to log out"


async def test_somebody_who_never_came_is_ended_by_subject(realm: OwnRealm, here: Here, follower: Follower) -> None:
    subject = await realm.add(f"m{time.monotonic_ns()}")
    await realm.enable(subject, False)
    await here.revoked(subject)
    assert await here.asked("person.sessions_ended") == [{"user_id": None, "subject": subject}]


async def test_other_changes_of_an_account_end_nothing(
    realm: OwnRealm, here: Here, own: Database, database: Clone, follower: Follower
) -> None:
    alice = await Member.join(realm, database)
    account = await realm.call("get", f"users/{alice.subject}")
    await realm.call("put", f"users/{alice.subject}", {**account, "firstName": "Alice"})
    await polled_after(own, datetime.now(UTC))
    assert await here.rows(REVOCATIONS) == []
    assert await here.status(alice.subject) == "active"


# --- sessions


async def test_logging_a_person_out_of_everything_ends_their_sessions_once(
    realm: OwnRealm, here: Here, own: Database, database: Clone, follower: Follower
) -> None:
    alice = await Member.join(realm, database)
    async with realm.browser() as browser:
        await alice.sign_in(browser, database)
    await realm.call("post", f"users/{alice.subject}/logout", None)
    await here.revoked(alice.subject, PROMPT)
    assert await here.status(alice.subject) == "active"
    assert await here.living() == []
    await polled_after(own, datetime.now(UTC))
    assert len(await here.asked("person.sessions_ended")) == 1


async def test_what_we_log_out_ourselves_is_no_news(
    *, realm: OwnRealm, here: Here, own: Database, database: Clone, follower: Follower, keycloak: Keycloak
) -> None:
    alice = await Member.join(realm, database)
    await realm.enable(alice.subject, False)
    await here.revoked(alice.subject)
    await log_out_as_asked(own, keycloak)
    await polled_after(own, datetime.now(UTC))
    assert len(await here.asked("person.sessions_ended")) == 1
    assert len(await here.asked("person.log_out")) == 1


async def test_ending_one_session_leaves_the_other_alone(
    realm: OwnRealm, here: Here, database: Clone, follower: Follower
) -> None:
    alice = await Member.join(realm, database)
    async with realm.browser() as phone, realm.browser() as laptop:
        lost, kept = await alice.sign_in(phone, database), await alice.sign_in(laptop, database)
        await realm.call("delete", f"sessions/{lost['sid']}")
        revocation = await here.revoked(lost["sid"], PROMPT)
        assert "access_token" in await laptop.refresh(kept["refresh_token"])
    assert revocation["subject"] is None
    assert await here.living() == [kept["sid"]]
    assert await here.asked("person.sessions_ended") == []


async def test_an_administrator_ending_the_last_session_ends_matrix_too(
    realm: OwnRealm, here: Here, database: Clone, follower: Follower
) -> None:
    alice = await Member.join(realm, database)
    async with realm.browser() as browser:
        only = await alice.sign_in(browser, database)
    await realm.call("delete", f"sessions/{only['sid']}")
    await here.revoked(only["sid"])
    assert await here.asked("person.sessions_ended") == [{"user_id": str(alice.user_id), "subject": alice.subject}]


async def test_a_person_who_signs_out_ends_that_session_alone(
    realm: OwnRealm, here: Here, database: Clone, follower: Follower
) -> None:
    alice = await Member.join(realm, database)
    async with realm.browser() as browser:
        tokens = await alice.sign_in(browser, database)
        await browser.logout(tokens["id_token"])
    await here.revoked(tokens["sid"], PROMPT)
    assert await here.asked("person.sessions_ended") == []


async def test_logging_out_the_realm_ends_everybody(
    realm: OwnRealm, here: Here, own: Database, database: Clone, follower: Follower
) -> None:
    people = [await Member.join(realm, database) for _ in range(3)]
    await realm.call("post", "logout-all", None)
    await asyncio.gather(*(here.revoked(member.subject) for member in people))
    await polled_after(own, datetime.now(UTC))
    assert {row["subject"] for row in await here.rows(REVOCATIONS)} == {member.subject for member in people}
    assert len(await here.asked("person.sessions_ended")) == 3
    assert await here.acts() == ["realm.sessions_ended"]


# --- outages and restarts


async def test_what_happened_while_nobody_followed_is_caught_up(
    realm: OwnRealm, here: Here, own: Database, database: Clone, keycloak: Keycloak
) -> None:
    async with following(own, keycloak):
        await polled_after(own, datetime.now(UTC))
    alice = await Member.join(realm, database)
    await realm.call("post", f"users/{alice.subject}/logout", None)
    async with following(own, keycloak):
        await here.revoked(alice.subject)


async def test_a_restarted_follower_repeats_nothing(
    realm: OwnRealm, here: Here, own: Database, database: Clone, keycloak: Keycloak
) -> None:
    alice = await Member.join(realm, database)
    async with following(own, keycloak):
        await here.swept()  # else the sweep may end her sessions as well as the event
        await realm.enable(alice.subject, False)
        await here.revoked(alice.subject)
    async with following(own, keycloak):  # knows no event it has seen, and looks ten seconds back
        await polled_after(own, datetime.now(UTC))
    of_alice = [row for row in await here.rows(REVOCATIONS) if row["subject"] == alice.subject]
    assert len(of_alice) == 1
    assert len(await here.asked("person.sessions_ended")) == 1


async def test_keycloak_being_down_only_delays(
    installation: Installation, realm: OwnRealm, here: Here, own: Database, database: Clone
) -> None:
    alice = await Member.join(realm, database)
    async with (
        Door(installation.port("keycloak")) as door,
        open_keycloak(installation, realm, door.url) as keycloak,
        following(own, keycloak),
    ):
        await polled_after(own, datetime.now(UTC))
        await door.shut()
        await realm.enable(alice.subject, False)
        await eventually(door.knocked_at, SOON, every=0.05)
        assert await here.rows(REVOCATIONS) == []
        await door.open()
        await here.revoked(alice.subject)


async def test_one_follows_at_a_time_and_the_other_takes_over(
    installation: Installation, realm: OwnRealm, own: Database, keycloak: Keycloak
) -> None:
    leaders = Statement(
        select(text("pid"))
        .select_from(text("pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database"))
        .where(text("locktype = 'advisory' AND granted AND datname = current_database()"))
    )
    async with open_keycloak(installation, realm) as another, following(own, another):
        async with following(own, keycloak):
            await polled_after(own, datetime.now(UTC))
            async with own.reading() as tx:
                assert len(await tx.rows(leaders)) == 1
        await polled_after(own, datetime.now(UTC))


async def test_a_follower_whose_connections_are_cut_leads_again(
    installation: Installation, database: Clone, follower: Follower
) -> None:
    with postgres.superuser(installation) as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database "
            "WHERE locktype = 'advisory' AND datname = %s",
            (database.name,),
        )
    await polled_after(database, datetime.now(UTC))


# --- what no event told


async def test_the_sweep_finds_disabled_deleted_and_enabled_accounts(
    realm: OwnRealm, here: Here, own: Database, database: Clone, keycloak: Keycloak
) -> None:
    disabled, deleted, enabled, untouched = [await Member.join(realm, database) for _ in range(4)]
    async with database.transaction() as tx:
        await tx.execute(Statement(update(User).where(User.id == enabled.user_id).values(status="suspended")))
    await realm.enable(disabled.subject, False)
    await realm.call("delete", f"users/{deleted.subject}")
    await follow_from(own, datetime.now(UTC) + timedelta(hours=1))  # as if the events had been lost
    async with following(own, keycloak):
        await here.becomes(disabled.subject, "suspended")
        await here.becomes(deleted.subject, "deactivated")
        await here.becomes(enabled.subject, "active")
    assert {row["subject"] for row in await here.rows(REVOCATIONS)} == {disabled.subject, deleted.subject}
    assert await here.status(untouched.subject) == "active"


async def test_a_realm_that_knows_nobody_deactivates_nobody(
    here: Here, own: Database, database: Clone, keycloak: Keycloak
) -> None:
    for _ in range(sweep.NEVER_SO_MANY + 1):
        await person(database)
    async with following(own, keycloak):
        await polled_after(own, datetime.now(UTC))
        await here.swept()
    assert await here.rows(REVOCATIONS) == []


async def log_out_as_asked(own: Database, keycloak: Keycloak) -> None:
    """Carry out the outbox row, as the actor does."""
    async with own.transaction() as tx:
        (entry,) = [each for each in await outbox.claim(tx, "event_worker", 9, 60) if each.topic == "person.log_out"]
    await perform(own, ender(keycloak), str(entry.id))
