"""Leave to upload: what is taken, and the signed form that lets exactly one file in.

The signature binds the object's key, its content type and its size. It is made here without asking the store; the
form goes to the store through the gateway, whose address is therefore the one that is signed.
"""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import boto3
from botocore.client import Config

from social_api.media.schemas import Kind, NewMedia, UploadForm
from social_api.problems import Invalid, Text

BUCKET = "uploads"
MEBIBYTE = 1024 * 1024


class Limit(NamedTuple):
    """What is taken of one kind; `lifetime` is how long the form may be used, long enough for a slow line."""

    mime_types: frozenset[str]
    max_bytes: int
    lifetime: timedelta


LIMITS: dict[Kind, Limit] = {
    "image": Limit(frozenset({"image/jpeg", "image/png", "image/webp"}), 20 * MEBIBYTE, timedelta(minutes=15)),
    "video": Limit(
        frozenset({"video/mp4", "video/quicktime", "video/webm", "video/x-matroska"}),
        512 * MEBIBYTE,
        timedelta(hours=1),
    ),
}

# Uploads of one person that are on their way at the same time, not counting those given up a day ago.
PENDING_MAX = 20


_TYPE = Text("This kind of file is not taken.", "इस तरह की फ़ाइल नहीं ली जाती।")
_SIZE = Text("The file is too large.", "फ़ाइल बहुत बड़ी है।")


def limit_for(media: NewMedia) -> Limit:
    """The limit that holds for this file; raises Invalid when it breaks it."""
    limit = LIMITS[media.kind]
    if media.mime_type not in limit.mime_types:
        raise Invalid(("/mime_type", _TYPE))
    if media.byte_size > limit.max_bytes:
        raise Invalid(("/byte_size", _SIZE))
    return limit


def object_key(media_id: UUID) -> str:
    """Where in the bucket the upload lies."""
    return f"{media_id}/original"


class UploadSigner:
    """Signs upload forms with the one identity that may only write to the bucket `uploads`."""

    def __init__(self, public_url: str, access_key: str, secret_key: str) -> None:
        self._client = boto3.client(
            "s3",
            endpoint_url=public_url,
            aws_access_key_id=access_key,
            aws_secret_access_key=secret_key,
            region_name="us-east-1",
            config=Config(signature_version="s3v4", s3={"addressing_style": "path"}),
        )

    def form(self, media_id: UUID, mime_type: str, byte_size: int, lifetime: timedelta) -> UploadForm:
        """A form for one file of exactly `byte_size` bytes and this type."""
        expires_at = datetime.now(UTC) + lifetime
        post = self._client.generate_presigned_post(
            BUCKET,
            object_key(media_id),
            Fields={"Content-Type": mime_type},
            Conditions=[["content-length-range", byte_size, byte_size], {"Content-Type": mime_type}],
            ExpiresIn=int(lifetime.total_seconds()),
        )
        return UploadForm(url=post["url"], fields=post["fields"], expires_at=expires_at)
