"""What comes in a request beside its path, query and body."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

from sqlalchemy import select

from db.engine import Statement
from db.models import AuditLog
from tests.social_api.conftest import House, Person
from tests.support.clones import Clone


async def test_a_program_may_call_itself_what_is_no_text(house: House, alice: Person, database: Clone) -> None:
    address = urlsplit(house.url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.write(
        b"POST /api/v1/me/deactivate HTTP/1.1\r\nHost: meton.test\r\nContent-Length: 0\r\nConnection: close\r\n"
        b"User-Agent: App \xff\xc3\xa9\r\nAuthorization: Bearer %s\r\n\r\n" % str(alice.token).encode()
    )
    status = await reader.readline()
    writer.close()
    await writer.wait_closed()
    assert status.startswith(b"HTTP/1.1 204")
    async with database.reading() as tx:
        assert await tx.value(Statement(select(AuditLog.user_agent).where(AuditLog.user_id == alice.id))) == "App ?é"
