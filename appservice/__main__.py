"""`python -m appservice`: one process that receives, dispatches, delivers and reconciles, until SIGTERM."""

from __future__ import annotations

import asyncio
import signal
import sys
from contextlib import AsyncExitStack

import aiohttp
import environs
import structlog
import uvloop
from aiohttp import web

from appservice import receive, settings
from appservice.command import Tools
from appservice.deliver import Delivery
from appservice.dispatch import Dispatch
from appservice.homeserver import TIMEOUT, Homeserver
from appservice.reconcile import Reconcile
from appservice.settings import Settings
from appservice.waking import hear
from appservice.watch import Watch
from db import inbox, logs, monitoring, outbox
from db.engine import Database

CONNECTIONS = 16
FINISH_SECONDS = 7
_log = structlog.get_logger()


async def serve(chosen: Settings) -> None:
    """Run until SIGTERM or SIGINT; what does not end in time is broken off, and comes again."""
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    async with AsyncExitStack() as stack:
        database = await Database.open(
            chosen.database_url, chosen.database_password, name="appservice", maximum=CONNECTIONS
        )
        stack.push_async_callback(database.close)
        session = await stack.enter_async_context(aiohttp.ClientSession(timeout=TIMEOUT))
        homeserver = Homeserver(session, chosen)
        dispatch, delivery = Dispatch(database, homeserver), Delivery(Tools(database, homeserver))
        reconcile = Reconcile(database, homeserver)
        await _listen(stack, chosen, database)
        _log.info("started", port=chosen.listen_port)
        loops = [
            asyncio.create_task(loop)
            for loop in (
                hear(database, inbox.CHANNEL, lambda _: dispatch.wake(), stopping),
                hear(database, outbox.CHANNEL, lambda _: delivery.wake(), stopping),
                dispatch.run(),
                delivery.run(),
                reconcile.run(),
            )
        ]
        await _until_stopped(stopping, loops)
        for part in (dispatch, delivery, reconcile):
            part.stop()
        await _finish(loops)
    _log.info("stopped")


async def _until_stopped(stopping: asyncio.Event, loops: list[asyncio.Task[None]]) -> None:
    """Until the signal, or until a loop ends by itself, which none should: then the supervisor starts us again."""
    signalled = asyncio.create_task(stopping.wait())
    await asyncio.wait([signalled, *loops], return_when=asyncio.FIRST_COMPLETED)
    stopping.set()
    await signalled


async def _finish(loops: list[asyncio.Task[None]]) -> None:
    """Let what is at work end; raises what a loop raised."""
    _, late = await asyncio.wait(loops, timeout=FINISH_SECONDS)
    for loop in late:
        loop.cancel()
    for result in await asyncio.gather(*loops, return_exceptions=True):
        if isinstance(result, Exception):
            raise result


async def _listen(stack: AsyncExitStack, chosen: Settings, database: Database) -> None:
    watch = Watch(database)
    app = monitoring.application({"postgres": watch.postgres}, watch.measure, largest_body=receive.MAX_BYTES)
    app[receive.DATABASE], app[receive.HS_TOKEN] = database, chosen.observer_hs_token
    app.add_routes(receive.routes)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.TCPSite(runner, chosen.listen_host, chosen.listen_port).start()


def main() -> None:
    """Read the settings and serve; wrong settings end with a sentence for each."""
    try:
        chosen = settings.read()
    except environs.EnvValidationError as error:
        sys.exit(f"appservice cannot start: {error}")
    logs.configure(chosen.log_level)
    uvloop.run(serve(chosen))


if __name__ == "__main__":
    main()
