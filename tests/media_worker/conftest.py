"""What the media worker's tests share: footage, the worker's own role, uploads, and the worker as a process."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from db import people
from db.engine import Database
from media_worker.intake import Intake
from media_worker.storage import Storage
from stack.installation import Installation
from tests.conftest import VALKEY_DATABASE
from tests.media_worker.footage import Footage
from tests.support.clones import Clone

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

EVENT_TOKEN = "the store's token"


@pytest.fixture(scope="session")
def footage(tmp_path_factory: pytest.TempPathFactory) -> Footage:
    """Files to upload, each made once in a run."""
    return Footage(tmp_path_factory.mktemp("footage"))


@pytest.fixture
async def own(database: Clone) -> Database:
    """The database with the rights of media_worker."""
    return await database.as_role("media_worker")


@pytest.fixture
def storage(installation: Installation) -> Storage:
    """The object store as the worker sees it."""
    return Storage(installation.url("s3"), "meton-worker", installation.secret("s3_worker"))


@pytest.fixture
def intake(own: Database, storage: Storage) -> Intake:
    """The step that notices an upload."""
    return Intake(own, storage, EVENT_TOKEN)


@dataclass
class Uploads:
    """Declares media as social_api does, and puts the files where clients put them."""

    database: Clone
    s3: S3Client
    author: UUID

    async def declare(
        self, kind: str = "video", *, size: int | None = None, post: UUID | None = None, age: str = "0"
    ) -> UUID:
        """A row that waits for its upload, `age` (a PostgreSQL interval) old."""
        media_id = uuid7()
        async with self.database.transaction() as tx:
            await tx.connection.execute(
                "INSERT INTO media_items (id, user_id, post_id, kind, byte_size, storage_key, created_at)"
                " VALUES ($1, $2, $3, $4, $5, $6, now() - $7::text::interval)",
                *(media_id, self.author, post, kind, size, f"{media_id}/original", age),
            )
        return media_id

    def put(self, media_id: UUID, body: bytes) -> None:
        """The upload itself."""
        self.s3.put_object(Bucket="uploads", Key=f"{media_id}/original", Body=body)

    async def uploaded(self, file: Path, kind: str = "video", *, post: UUID | None = None) -> UUID:
        """Declared and uploaded, and nobody was told."""
        body = await asyncio.to_thread(file.read_bytes)
        media_id = await self.declare(kind, size=len(body), post=post)
        self.put(media_id, body)
        return media_id

    async def post(self, kind: str = "video", *, draft: bool = False, publish_in: str | None = None) -> UUID:
        """A post that waits for its media, and until `publish_in` (a PostgreSQL interval) is over."""
        async with self.database.transaction() as tx:
            post_id: UUID = await tx.connection.fetchval(
                "INSERT INTO posts (user_id, type, draft, publish_at)"
                " VALUES ($1, $2, $3, now() + $4::text::interval) RETURNING id",
                *(self.author, kind, draft, publish_in),
            )
            return post_id

    async def item(self, media_id: UUID) -> dict[str, Any]:
        """The row as it is now."""
        async with self.database.reading() as tx:
            return dict(await tx.connection.fetchrow("SELECT * FROM media_items WHERE id = $1", media_id) or {})

    async def is_published(self, post_id: UUID) -> bool:
        """Whether people may see the post."""
        async with self.database.reading() as tx:
            return bool(
                await tx.connection.fetchval("SELECT published_at IS NOT NULL FROM posts WHERE id = $1", post_id)
            )

    async def outbox(self, topic: str) -> list[dict[str, Any]]:
        """All rows of one topic, oldest first."""
        async with self.database.reading() as tx:
            return [
                dict(row)
                for row in await tx.connection.fetch("SELECT * FROM outbox WHERE topic = $1 ORDER BY id", topic)
            ]

    async def told(self) -> list[str]:
        """What the author was told through /ws, by type."""
        return [row["payload"]["type"] for row in await self.outbox("live")]

    def artifacts(self, media_id: UUID) -> list[str]:
        """The keys made of an upload."""
        found = self.s3.list_objects_v2(Bucket="media", Prefix=f"{media_id}/")
        return [item["Key"] for item in found.get("Contents", [])]


@pytest.fixture
async def uploads(database: Clone, s3: S3Client) -> Uploads:
    """Uploads of alice's."""
    async with database.transaction() as tx:
        author = await people.register(tx, "subject-alice", "alice", "Alice", None, "en")
    return Uploads(database, s3, author)


@dataclass
class Running:
    """The worker as a process of its own."""

    process: asyncio.subprocess.Process
    port: int

    def send(self, number: signal.Signals) -> None:
        """A signal to the worker alone, not to its children."""
        self.process.send_signal(number)

    async def encoders(self) -> list[int]:
        """The FFmpeg processes it has started."""
        return [pid for pid in children(self.process.pid) if "ffmpeg" in program(pid)]


def children(parent: int) -> list[int]:
    """Living child processes of `parent`."""
    try:
        return [
            int(pid)
            for task in Path(f"/proc/{parent}/task").iterdir()
            for pid in (task / "children").read_text().split()
        ]
    except FileNotFoundError:
        return []


def program(pid: int) -> str:
    """What process `pid` runs; empty when it is gone or about to be reaped."""
    return proc(pid, "cmdline").partition("\0")[0]


def proc(pid: int, name: str) -> str:
    """What the kernel says of process `pid`; empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/{name}").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return ""


@dataclass
class Launcher:
    """Starts workers for one test."""

    installation: Installation
    database: Clone
    folder: Path
    port: int

    def environment(self) -> dict[str, str]:
        """As the stack gives it, with the test's own database, queues and port."""
        given = dict(self.installation.environment("media_worker"))
        valkey = f"redis://media_worker@127.0.0.1:{self.installation.port('valkey')}/{VALKEY_DATABASE}"
        given |= {
            "METON_DATABASE_URL": self.database.url("media_worker"),
            "METON_VALKEY_URL": valkey,
            "METON_LISTEN_PORT": str(self.port),
        }
        return {"PATH": os.environ["PATH"], "TMPDIR": str(self.folder), **given}

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Running]:
        """A worker, killed at the end if it still lives."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "media_worker"), cwd=self.installation.root, env=self.environment()
        )
        try:
            yield Running(process, self.port)
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()


@pytest.fixture
def launcher(installation: Installation, database: Clone, tmp_path: Path, unused_tcp_port: int) -> Launcher:
    """Starts the worker as `python -m media_worker`."""
    return Launcher(installation, database, tmp_path, unused_tcp_port)
