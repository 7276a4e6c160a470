"""`python -m event_worker`: one process with the relay, the actors, the follower of Keycloak and the loops that publish
scheduled posts and count trends, until SIGTERM.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Iterable
from contextlib import AsyncExitStack
from functools import partial

import environs
import structlog
import uvloop
from aiohttp import web
from dramatiq.brokers.redis import RedisBroker

from db import logs, monitoring, tasks
from db.engine import Database
from db.valkey import connect_valkey
from event_worker import schedule, settings, trends
from event_worker.actors import live, log_out, opening, publication, withdrawal
from event_worker.identity import Follower
from event_worker.keycloak import Keycloak
from event_worker.looping import Loop
from event_worker.relay import Relay
from event_worker.settings import Settings
from event_worker.tasks import Effect, perform
from event_worker.watch import Watch

QUEUE = "event_worker"
THREADS = 8
FINISH_SECONDS = 5
_log = structlog.get_logger()


async def serve(chosen: Settings) -> None:
    """Run until SIGTERM or SIGINT; effects that run then are finished, or come back when their lease ends."""
    async with AsyncExitStack() as stack:
        database = await Database.open(chosen.database_url, chosen.database_password, name="event_worker", maximum=12)
        stack.push_async_callback(database.close)
        keycloak = await stack.enter_async_context(
            Keycloak(
                chosen.keycloak_url, chosen.keycloak_realm, chosen.keycloak_client_id, chosen.keycloak_client_secret
            )
        )
        valkey = connect_valkey(chosen.valkey_url, chosen.valkey_password, socket_timeout=5)
        stack.push_async_callback(valkey.aclose)
        broker = tasks.open_broker(chosen.valkey_url, chosen.valkey_password)
        relay, follower = Relay(database, broker), Follower(database, keycloak)
        effects = {
            "live": live.announcer(valkey),
            "post.published": publication.announcer(database, valkey),
            "account.opened": opening.let_in,
            "post.deleted": withdrawal.take_back,
            "person.log_out": log_out.ender(keycloak),
            "session.log_out": log_out.session_ender(keycloak),
        }
        declare_actors(broker, database, relay, effects)
        await _show(stack, chosen, Watch(database, broker))
        await stack.enter_async_context(tasks.working(broker, threads=THREADS, finish_seconds=FINISH_SECONDS))
        loops = (relay, follower, *_loops(database))
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, _stop, loops)
        _log.info("started", port=chosen.listen_port)
        async with asyncio.TaskGroup() as group:
            for loop in loops:
                group.create_task(loop.run())
    _log.info("stopped")


def declare_actors(broker: RedisBroker, database: Database, relay: Relay, effects: dict[str, Effect]) -> None:
    """Let messages on our queue carry out the effects; each one done may make room for another row."""

    async def act(effect: Effect, outbox_id: str) -> None:
        try:
            await perform(database, effect, outbox_id)
        finally:
            relay.wake()

    for topic, effect in effects.items():
        tasks.declare(broker, QUEUE, topic, partial(act, effect))


def _loops(database: Database) -> tuple[Loop, Loop]:
    return (
        Loop("schedule", partial(schedule.publish_due, database), schedule.EVERY_SECONDS),
        Loop("trends", partial(trends.count, database), trends.EVERY_SECONDS),
    )


def _stop(loops: Iterable[Relay | Follower | Loop]) -> None:
    for loop in loops:
        loop.stop()


async def _show(stack: AsyncExitStack, chosen: Settings, watch: Watch) -> None:
    checks = {"postgres and identity": watch.identity, "valkey": watch.valkey}
    runner = web.AppRunner(monitoring.application(checks, watch.measure), access_log=None)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.TCPSite(runner, chosen.listen_host, chosen.listen_port).start()


def main() -> None:
    """Read the settings and serve; wrong settings end with a sentence for each."""
    try:
        chosen = settings.read()
    except environs.EnvValidationError as error:
        sys.exit(f"event_worker cannot start: {error}")
    logs.configure(chosen.log_level)
    uvloop.run(serve(chosen))


if __name__ == "__main__":
    main()
