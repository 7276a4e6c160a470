"""Rankings as they were when somebody began to read: Valkey keeps the order of ids for a quarter of an hour, so that
pages neither repeat nor leave out what meanwhile rises or falls.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import NamedTuple, cast, get_args
from uuid import UUID

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError
from uuid_utils.compat import uuid7

from social_api.feed.schemas import Reason

_log = structlog.get_logger()

KEPT_SECONDS = 15 * 60
_REASONS: tuple[Reason, ...] = get_args(Reason)
_ENTRY = struct.Struct("16sB")


class Ranked(NamedTuple):
    """A post in a ranking, and why it is there."""

    post: UUID
    reason: Reason


async def keep(valkey: Redis, viewer: UUID, ranking: Sequence[Ranked]) -> UUID:
    """Keep a ranking for its reader; its name. While Valkey is away nothing is kept, and later pages rank anew."""
    name: UUID = uuid7()
    entries = b"".join(_ENTRY.pack(entry.post.bytes, _REASONS.index(entry.reason)) for entry in ranking)
    try:
        await valkey.set(_key(viewer, name), entries, ex=KEPT_SECONDS)
    except (RedisError, OSError) as error:
        _log.warning("a ranking is not kept", error=type(error).__name__)
    return name


async def read(valkey: Redis, viewer: UUID, name: UUID, first: int, count: int) -> list[Ranked]:
    """A part of a ranking kept for this reader; nothing when it is not kept any more."""
    begin = first * _ENTRY.size
    try:
        found = await valkey.getrange(_key(viewer, name), begin, begin + count * _ENTRY.size - 1)
    except (RedisError, OSError):
        return []
    entries = cast("bytes", found)  # the client of services decodes nothing
    return [Ranked(UUID(bytes=post), _REASONS[reason]) for post, reason in _ENTRY.iter_unpack(entries)]


def _key(viewer: UUID, name: UUID) -> str:
    return f"ranking:{viewer}:{name}"
