"""Who has something to read: Valkey's `live:{user_id}`, heard on one connection for the whole process."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

_log = structlog.get_logger()

_PREFIX = "live:"
_FEED_CHANGED = b"feed"
"""In place of the number of an event: something new is in the feed."""
_AGAIN_AFTER = 1.0
_LISTEN_FOR = 15.0


class Wake(asyncio.Event):
    """Is set when there may be something new; `feed_changed` when that is in the feed, until it was told."""

    feed_changed = False


class Wakeups:
    """Sets the events of the people that Valkey names.

    A pattern subscription hears everyone's, of which most are dropped by a dictionary look-up: cheaper than following
    each connection with SUBSCRIBE and UNSUBSCRIBE, and without a moment in which a person is not subscribed yet.
    """

    def __init__(self, valkey: Redis) -> None:
        self._valkey = valkey
        self._events: defaultdict[str, set[Wake]] = defaultdict(set)

    @contextmanager
    def of(self, user_id: UUID) -> Iterator[Wake]:
        """An event that is set whenever there may be something new for this person."""
        event, name = Wake(), str(user_id)
        self._events[name].add(event)
        try:
            yield event
        finally:
            self._events[name].discard(event)
            if not self._events[name]:
                del self._events[name]

    def count(self, user_id: UUID) -> int:
        """How many wait for this person's events."""
        return len(self._events.get(str(user_id), ()))

    async def listen(self) -> None:
        """Keep listening until cancelled, whatever happens to Valkey."""
        while True:
            try:
                await self._hear()
            except (RedisError, OSError) as error:
                _log.warning("live wake-ups are not heard; connections poll", error=type(error).__name__)
            await asyncio.sleep(_AGAIN_AFTER)

    async def _hear(self) -> None:
        async with self._valkey.pubsub(ignore_subscribe_messages=True) as pubsub:
            await pubsub.psubscribe(f"{_PREFIX}*")
            self._wake_all()  # something may have been told while nobody listened
            while True:
                message = await pubsub.get_message(timeout=_LISTEN_FOR)
                if message is not None:
                    name = message["channel"].decode().removeprefix(_PREFIX)
                    self._wake(name, feed_changed=message["data"] == _FEED_CHANGED)

    def _wake(self, name: str, *, feed_changed: bool = False) -> None:
        for event in self._events.get(name, ()):
            event.feed_changed |= feed_changed
            event.set()

    def _wake_all(self) -> None:
        for name in self._events:
            self._wake(name)
