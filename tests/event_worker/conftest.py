"""What the event worker's tests share: its own role, a broker in Valkey's database for tests, and rows to work on."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from dramatiq.brokers.redis import RedisBroker
from redis.asyncio import Redis
from sqlalchemy import func, insert

from db import people, tasks
from db.engine import Database, Statement
from db.models import Post
from db.models.base import Base
from stack.installation import Installation
from tests.conftest import VALKEY_DATABASE
from tests.support.clones import Clone


@pytest.fixture
async def own(database: Clone) -> Database:
    """The database with the rights of event_worker."""
    return await database.as_role("event_worker")


@pytest.fixture
async def broker(installation: Installation, valkey: Redis) -> RedisBroker:
    """Dramatiq on empty queues."""
    return open_broker(installation)


def open_broker(installation: Installation) -> RedisBroker:
    url = f"redis://event_worker@127.0.0.1:{installation.port('valkey')}/{VALKEY_DATABASE}"
    return tasks.open_broker(url, installation.secret("valkey_event_worker"))


async def person(database: Database, subject: str | None = None) -> UUID:
    """A person, born as they always are."""
    subject = subject or str(uuid4())
    async with database.transaction() as tx:
        return await people.register(tx, subject, f"p{subject[:8]}", "Somebody", None, "en")


async def add(database: Database, table: type[Base], **columns: object) -> None:
    """One row of any table."""
    async with database.transaction() as tx:
        await tx.execute(Statement(insert(table).values(columns)))


async def post(database: Database, author: UUID, **columns: object) -> UUID:
    """A post that is out, unless `columns` say otherwise."""
    values = {"user_id": author, "caption": "x", "published_at": func.now(), **columns}
    async with database.transaction() as tx:
        post_id: UUID = await tx.value(Statement(insert(Post).values(values).returning(Post.id)))
    return post_id
