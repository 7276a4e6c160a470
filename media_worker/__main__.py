"""`python -m media_worker`: one process with the intake, the sweep and the actors, until SIGTERM."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path

import environs
import structlog
import uvloop
from aiohttp import web
from dramatiq.brokers.redis import RedisBroker
from sqlalchemy import literal, select

from db import logs, monitoring, tasks
from db.engine import Database, Statement
from db.monitoring import Check
from media_worker import settings
from media_worker.actors import FOLDER_PREFIX, Actors
from media_worker.intake import Intake
from media_worker.settings import Settings
from media_worker.storage import Storage
from media_worker.sweep import Sweep

JOBS_AT_ONCE = 2
FINISH_SECONDS = 8  # jobs do not finish in it, they give back what they hold
_ONE = Statement(select(literal(1)))
_log = structlog.get_logger()


async def serve(chosen: Settings) -> None:
    """Run until SIGTERM or SIGINT; what is in work then is given back."""
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    await asyncio.to_thread(remove_abandoned_folders, Path(tempfile.gettempdir()))
    database = await Database.open(chosen.database_url, chosen.database_password, name="media_worker")
    storage = Storage(chosen.s3_url, chosen.s3_access_key, chosen.s3_secret_key)
    intake = Intake(database, storage, chosen.s3_event_token)
    sweep = Sweep(intake, stopping)
    broker = tasks.open_broker(chosen.valkey_url, chosen.valkey_password)
    Actors(database, storage, intake, stopping).declare(broker)
    app = monitoring.application(checks(database, broker, storage, sweep))
    app.router.add_post("/s3-events", intake.heard_event)
    runner = web.AppRunner(app, access_log=None)
    try:
        await runner.setup()
        await web.TCPSite(runner, chosen.listen_host, chosen.listen_port).start()
        async with tasks.working(broker, threads=JOBS_AT_ONCE, finish_seconds=FINISH_SECONDS):
            _log.info("started", port=chosen.listen_port)
            await sweep.run()
    finally:
        await runner.cleanup()
        await database.close()
    _log.info("stopped")


def checks(database: Database, broker: RedisBroker, storage: Storage, sweep: Sweep) -> dict[str, Check]:
    """What /health asks: everything this service stands on."""

    async def ask_postgres() -> None:
        async with database.reading() as tx:
            await tx.value(_ONE)

    async def ask_valkey() -> None:
        await asyncio.to_thread(broker.client.ping)

    return {"postgres": ask_postgres, "valkey": ask_valkey, "s3": storage.check, "sweep": sweep.check}


def remove_abandoned_folders(parent: Path) -> None:
    """Before the first job: remove the folders of workers that were killed; a living one's carry its process number."""
    for folder in parent.glob(f"{FOLDER_PREFIX}*"):
        owner = folder.name.removeprefix(FOLDER_PREFIX).partition("-")[0]
        # an earlier worker may have had our number; in a container it always has
        if owner == str(os.getpid()) or not Path("/proc", owner).exists():
            shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    """Read the settings and serve; wrong settings end with a sentence for each."""
    try:
        chosen = settings.read()
    except environs.EnvValidationError as error:
        sys.exit(f"media_worker cannot start: {error}")
    logs.configure(chosen.log_level)
    uvloop.run(serve(chosen))


if __name__ == "__main__":
    main()
