"""Dramatiq as both workers run it: queues in Valkey, actors on the service's own loop, no retries but the outbox's.

A message only says which outbox row to look at, so it may be lost or delivered twice; the row is the truth.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import dramatiq
import redis
from dramatiq import Broker, Message, Middleware, Worker
from dramatiq.asyncio import EventLoopThread, set_event_loop_thread
from dramatiq.brokers.redis import RedisBroker

IDLE_POLL_MS = 100  # the longest a message waits for an idle worker
GIVE_UP_WORKER_MS = 15_000  # messages held by a worker that has been silent this long go to another one
HOUSEKEEPING_PER_MILLION = 50_000  # look for such messages at every twentieth command, so within seconds
VALKEY_TIMEOUT_S = 5


class OnRunningLoop(Middleware):
    """Runs async actors on the loop that made this, so that they share the service's one database pool."""

    def __init__(self) -> None:
        self._loop = _ServiceLoop(asyncio.get_running_loop())

    def before_worker_boot(self, broker: Broker, worker: Worker) -> None:  # noqa: ARG002 - Dramatiq passes both
        """Let Dramatiq's threads hand coroutines to the service's loop."""
        set_event_loop_thread(self._loop)

    def after_worker_shutdown(self, broker: Broker, worker: Worker) -> None:  # noqa: ARG002 - Dramatiq passes both
        """Forget the loop; nothing runs on it for Dramatiq any more."""
        set_event_loop_thread(None)


class _ServiceLoop(EventLoopThread):
    """Stands for a loop that somebody else runs: this thread is never started."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        threading.Thread.__init__(self)
        self.interrupt_check_ival = 1.0
        self.loop = loop


def open_broker(url: str, password: str) -> RedisBroker:
    """The broker of one process; call it on the service's loop. Connects when first used.

    None of Dramatiq's own middleware: its retries, age and time limits would be a second truth beside the outbox.
    """
    client = redis.Redis.from_url(
        url,
        password=password,
        socket_timeout=VALKEY_TIMEOUT_S,
        socket_connect_timeout=VALKEY_TIMEOUT_S,
        health_check_interval=30,
    )
    return RedisBroker(  # type: ignore[no-untyped-call]  # Dramatiq's brokers are not annotated
        client=client,
        middleware=[OnRunningLoop()],
        maintenance_chance=HOUSEKEEPING_PER_MILLION,
        heartbeat_timeout=GIVE_UP_WORKER_MS,
    )


def declare(broker: Broker, queue: str, topic: str, act: Callable[[str], Coroutine[Any, Any, None]]) -> None:
    """Let messages about outbox rows of `topic` on `queue` run `act(outbox_id)`."""
    dramatiq.actor(broker=broker, actor_name=topic, queue_name=queue)(act)


def message(queue: str, topic: str, outbox_id: UUID) -> Message[None]:
    """What is enqueued for one outbox row."""
    return Message(queue_name=queue, actor_name=topic, args=(str(outbox_id),), kwargs={}, options={})


def depth(broker: RedisBroker, queue: str) -> int:
    """How many messages wait or run on `queue`, in all processes. Blocks; raises redis.RedisError."""
    count: int = broker.client.hlen(f"{broker.namespace}:{queue}.msgs")
    return count


@asynccontextmanager
async def working(broker: Broker, *, threads: int, finish_seconds: float) -> AsyncIterator[Worker]:
    """Consume the declared queues, at most `threads` actors at once; on the way out give them `finish_seconds` to end.

    What is not finished by then is given to another worker by Dramatiq, or claimed again when its outbox lease ends.
    """
    worker = Worker(broker, worker_threads=threads, worker_timeout=IDLE_POLL_MS)
    worker.queue_prefetch = threads  # a message that waits here could run in another process
    worker.start()
    try:
        yield worker
    finally:
        await asyncio.to_thread(worker.stop, int(finish_seconds * 1000))
