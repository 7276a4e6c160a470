"""The two buckets: uploads come as `uploads/{media_id}/original`, artifacts go to `media/{media_id}/{lease token}/…`.

Nothing here overwrites or deletes an object: links to artifacts are cached for ever under their keys.
"""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import boto3
from botocore.client import Config
from botocore.exceptions import BotoCoreError, ClientError

from db.monitoring import UnwellError

UPLOADS = "uploads"
MEDIA = "media"
REGION = "us-east-1"
PAGE_KEYS = 1000
PARALLEL = 4  # a video is hundreds of small files
CONTENT_TYPES = {
    ".m3u8": "application/vnd.apple.mpegurl",
    ".m4s": "video/iso.segment",
    ".mp4": "video/mp4",
    ".m4a": "audio/mp4",
    ".jpg": "image/jpeg",
    ".vtt": "text/vtt",
}
UNREACHABLE = (BotoCoreError, ClientError, OSError)
"""What a call of the store may raise that is not the upload's fault."""
_UPLOAD_KEY = re.compile(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/original")


@dataclass(frozen=True, slots=True)
class Upload:
    """What the store says of an uploaded object; `size` in bytes."""

    size: int
    content_type: str


def uploaded_media(key: str) -> UUID | None:
    """The media id of an upload's key; None for anything else that lies in the bucket, such as parts of an upload."""
    found = _UPLOAD_KEY.fullmatch(key)
    return UUID(found[1]) if found else None


class Storage:
    """An S3 client on threads: boto3 waits for the network, and the loop must not."""

    def __init__(self, url: str, access_key: str, secret_key: str) -> None:
        self._client = boto3.client(
            "s3",
            endpoint_url=url,
            aws_access_key_id=access_key,
            aws_secret_access_key=secret_key,
            region_name=REGION,
            config=Config(
                signature_version="s3v4",
                s3={"addressing_style": "path"},
                connect_timeout=5,
                read_timeout=60,
                retries={"mode": "standard", "total_max_attempts": 3},
                max_pool_connections=PARALLEL + 4,
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )

    async def find_upload(self, media_id: UUID) -> Upload | None:
        """What was uploaded for `media_id`; None when nothing is there yet."""
        try:
            head = await asyncio.to_thread(self._client.head_object, Bucket=UPLOADS, Key=f"{media_id}/original")
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
                return None
            raise
        return Upload(size=head["ContentLength"], content_type=head["ContentType"])

    async def uploads_from(self, oldest: UUID) -> AsyncIterator[UUID]:
        """Every media id with an upload, from `oldest` on: ids are UUIDv7, so the keys are in the order of time."""
        # the id before `oldest`: SeaweedFS leaves out the folder that it is told to start after
        after, more = str(UUID(int=oldest.int - 1)), True
        while more:
            page = await asyncio.to_thread(
                self._client.list_objects_v2, Bucket=UPLOADS, StartAfter=after, MaxKeys=PAGE_KEYS
            )
            for item in page.get("Contents", []):
                after = item["Key"]
                if media_id := uploaded_media(after):
                    yield media_id
            more = page["IsTruncated"]

    async def fetch_upload(self, media_id: UUID, target: Path) -> None:
        """Copy the upload of `media_id` into the file `target`."""
        await asyncio.to_thread(self._fetch, f"{media_id}/original", target)

    def _fetch(self, key: str, target: Path) -> None:
        body = self._client.get_object(Bucket=UPLOADS, Key=key)["Body"]
        with target.open("xb") as file:
            shutil.copyfileobj(body, file, 1 << 20)

    async def publish(self, folder: Path, prefix: str) -> None:
        """Store all files below `folder` under `prefix` in `media`; OSError when one is not or its key is taken."""
        gate = asyncio.Semaphore(PARALLEL)
        failed: BaseExceptionGroup[Exception] | None = None

        async def store(path: Path) -> None:
            async with gate:
                await asyncio.to_thread(self._store, path, f"{prefix}/{path.relative_to(folder).as_posix()}")

        try:
            async with asyncio.TaskGroup() as group:
                for path in await asyncio.to_thread(_files_below, folder):
                    group.create_task(store(path))
        except* UNREACHABLE as failures:
            failed = failures
        if failed:
            raise OSError("not all artifacts were stored") from failed

    def _store(self, path: Path, key: str) -> None:
        with path.open("rb") as file:
            self._client.put_object(
                Bucket=MEDIA, Key=key, Body=file, ContentType=CONTENT_TYPES[path.suffix], IfNoneMatch="*"
            )

    async def check(self) -> None:
        """Raises UnwellError when the store does not answer us."""
        try:
            await asyncio.to_thread(self._client.head_bucket, Bucket=MEDIA)
        except UNREACHABLE as error:
            raise UnwellError("s3 does not answer") from error


def _files_below(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())
