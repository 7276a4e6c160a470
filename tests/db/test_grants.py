"""Each service can do what it needs in the database, and nothing else."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from operator import attrgetter
from pathlib import Path

import asyncpg
import pytest

from db import grants, migrate
from db.models import Base
from tests.db.cast import broken_off, person
from tests.support.clones import Clone

ROOT = Path(__file__).resolve().parents[2]
SERVICES = tuple(grants.RIGHTS)

ALLOWED = (
    ("social_api", "UPDATE users SET bio = 'x'"),
    ("social_api", "UPDATE posts SET deleted_at = now()"),
    ("social_api", "DELETE FROM follows"),
    ("social_api", "INSERT INTO revocations (session, reason) VALUES ('s', 'signed out')"),
    ("social_api", "SELECT polled_at FROM identity_cursor"),
    ("appservice", "UPDATE messages SET redacted_at = now()"),
    ("appservice", "SELECT id FROM users WHERE subject = 's'"),
    ("media_worker", "UPDATE posts SET published_at = now()"),
    ("media_worker", "UPDATE media_items SET transcoding_status = 'done', lease_token = lease_token + 1"),
    ("event_worker", "UPDATE users SET status = 'suspended'"),
    ("event_worker", "UPDATE auth_sessions SET ended_at = now()"),
    ("event_worker", "UPDATE identity_cursor SET polled_at = now()"),
    ("event_worker", "DELETE FROM follow_requests"),
    *((role, "INSERT INTO outbox (destination, topic, payload) VALUES ('appservice', 't', '{}')") for role in SERVICES),
    *((role, "UPDATE outbox SET done_at = now()") for role in ("appservice", "media_worker", "event_worker")),
    *((role, "INSERT INTO audit_logs (action) VALUES ('a')") for role in ("social_api", "appservice", "event_worker")),
)

REFUSED = (
    ("social_api", "UPDATE messages SET mime_type = 'x'"),
    ("social_api", "INSERT INTO conversations (type) VALUES ('dm')"),
    ("social_api", "UPDATE users SET subject = 'x'"),
    ("social_api", "UPDATE users SET password_hash = 'x'"),
    ("social_api", "DELETE FROM users"),
    ("social_api", "DELETE FROM posts"),
    ("social_api", "UPDATE post_revisions SET caption = 'x'"),
    ("social_api", "DELETE FROM poll_votes"),
    ("social_api", "UPDATE trending_hashtags SET score = 1"),
    ("social_api", "UPDATE posts SET removed_at = NULL"),
    ("social_api", "UPDATE posts SET user_id = user_id"),
    ("social_api", "UPDATE media_items SET transcoding_status = 'done'"),
    ("social_api", "UPDATE outbox SET done_at = now()"),
    ("social_api", "SELECT FROM outbox"),
    ("social_api", "SELECT FROM inbox"),
    ("social_api", "DELETE FROM revocations"),
    ("social_api", "UPDATE identity_cursor SET polled_at = now()"),
    ("appservice", "SELECT refresh_token_hash FROM auth_sessions"),
    ("appservice", "SELECT FROM auth_sessions"),
    ("appservice", "SELECT verification_meta FROM users"),
    ("appservice", "UPDATE users SET display_name = 'x'"),
    ("appservice", "SELECT FROM posts"),
    ("appservice", "DELETE FROM inbox"),
    ("media_worker", "UPDATE posts SET caption = 'x'"),
    ("media_worker", "UPDATE media_items SET user_id = user_id"),
    ("media_worker", "UPDATE media_items SET post_id = NULL"),
    ("media_worker", "INSERT INTO posts (user_id) SELECT user_id FROM posts"),
    ("media_worker", "SELECT FROM users"),
    ("media_worker", "SELECT FROM messages"),
    ("event_worker", "SELECT refresh_token_hash FROM auth_sessions"),
    ("event_worker", "SELECT email FROM users"),
    ("event_worker", "UPDATE posts SET caption = 'x'"),
    ("event_worker", "SELECT storage_key FROM media_items"),
    ("event_worker", "UPDATE users SET connect_id = 'x'"),
    ("event_worker", "SELECT FROM messages"),
    ("event_worker", "SELECT FROM inbox"),
    *((role, "UPDATE audit_logs SET action = 'x'") for role in SERVICES),
    *((role, "DELETE FROM audit_logs") for role in SERVICES),
    *((role, "TRUNCATE audit_logs") for role in SERVICES),
    *((role, "INSERT INTO audit_logs (action, hash) VALUES ('a', '')") for role in SERVICES),
    *((role, "SELECT FROM audit_logs") for role in SERVICES),
    *((role, "DELETE FROM users") for role in SERVICES),
    *((role, "DELETE FROM outbox") for role in SERVICES),
    *((role, "CREATE TABLE mine ()") for role in SERVICES),
    *((role, "SELECT FROM alembic_version") for role in SERVICES),
)


@pytest.mark.parametrize("role", SERVICES)
async def test_what_a_service_needs_it_may_do(database: Clone, role: str) -> None:
    for needed in (sql for owner, sql in ALLOWED if owner == role):
        async with broken_off(await database.as_role(role)) as tx:
            await tx.connection.execute(needed)


@pytest.mark.parametrize("role", SERVICES)
async def test_what_a_service_does_not_need_is_refused(database: Clone, role: str) -> None:
    async with (await database.as_role(role)).reading() as tx:
        for sql in (sql for owner, sql in REFUSED if owner == role):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await tx.connection.execute(sql)


@pytest.mark.parametrize(
    "change", ["UPDATE audit_logs SET action = 'x'", "DELETE FROM audit_logs", "TRUNCATE audit_logs"]
)
async def test_not_even_the_owner_changes_the_audit_log(database: Clone, change: str) -> None:
    async with database.reading() as tx:
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="audit_logs is append-only"):
            await tx.connection.execute(change)


@pytest.mark.parametrize("role", SERVICES)
async def test_a_service_may_run_every_statement_it_holds(database: Clone, role: str) -> None:
    statements = _statements(role)
    assert statements
    refused = []
    async with (await database.as_role(role)).reading() as tx:
        for name, sql in statements.items():
            try:
                await tx.connection.execute(f"EXPLAIN (GENERIC_PLAN) {sql}")
            except asyncpg.PostgresError as error:
                refused.append(f"{name}: {error}")
    assert not refused


def test_every_table_is_granted_and_every_grant_is_of_a_table() -> None:
    assert {table for _, table, _, _ in grants.declared()} == set(Base.metadata.tables)


def test_every_column_of_a_grant_exists() -> None:
    tables = Base.metadata.tables
    unknown = {right for right in grants.declared() if right[2] and right[2] not in tables[right[1]].columns}
    assert not unknown


@pytest.mark.parametrize(
    "model",
    sorted((mapper.class_ for mapper in Base.registry.mappers), key=attrgetter("__name__")),
    ids=attrgetter("__name__"),
)
def test_only_the_writer_its_docstring_names_may_write_a_table(model: type[Base]) -> None:
    writers = re.search(r"Writer: (\w+)", model.__doc__ or "")
    assert writers, "each model's docstring names the writing service"
    exceptions = set(re.findall(r"Also: (\w+)|(?<=; )(\w+) updates", model.__doc__ or ""))
    named = {writers[1], *(name for pair in exceptions for name in pair if name)}
    holders = {
        role for role, table, _, right in grants.declared() if table == model.__tablename__ and right != "SELECT"
    }
    if writers[1] in ("every", "whoever"):
        assert len(holders) > 1
    else:
        assert holders == named


async def test_rights_given_or_taken_by_hand_are_put_right(database: Clone) -> None:
    async with database.transaction() as tx:
        await tx.connection.execute("GRANT UPDATE ON messages TO social_api")
        await tx.connection.execute("GRANT SELECT ON users TO PUBLIC")
        await tx.connection.execute("REVOKE SELECT ON posts FROM social_api")
    migrate.upgrade(database.url(), database.password())
    async with (await database.as_role("social_api")).reading() as tx:
        await tx.connection.execute("SELECT FROM posts")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await tx.connection.execute("UPDATE messages SET mime_type = 'x'")
    async with (await database.as_role("media_worker")).reading() as tx:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await tx.connection.execute("SELECT FROM users")


async def test_a_person_registers_with_the_rights_of_the_api(database: Clone) -> None:
    alice = await person(await database.as_role("social_api"), "alice")
    async with database.reading() as tx:
        assert await tx.connection.fetchval("SELECT id FROM users") == alice


def _statements(package: str) -> dict[str, str]:
    words = [sys.executable, "-m", "tests.db.statements", package]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, str] = json.loads(done.stdout)
    return found
