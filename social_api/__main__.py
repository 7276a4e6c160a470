"""`python -m social_api`: serve until SIGTERM, then finish what is being answered."""

from __future__ import annotations

import asyncio
import signal
import sys

import structlog
import uvloop
from aiohttp import web
from environs import EnvValidationError

from social_api import app, settings, telemetry
from social_api.settings import Settings

_FINISH_WITHIN = 8.0


def main() -> int:
    """Run the service; the exit status."""
    try:
        told = settings.read()
    except EnvValidationError as error:
        print(error, file=sys.stderr)  # noqa: T201 - there is no log yet
        return 2
    telemetry.configure_logs(told.log_level)
    uvloop.run(serve(told))
    return 0


async def serve(told: Settings) -> None:
    """Serve until SIGTERM or SIGINT; raises what ended a background loop."""
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    async with app.running(told) as running:
        runner = web.AppRunner(
            running.app, access_log=None, max_field_size=app.LARGEST_HEADER, shutdown_timeout=_FINISH_WITHIN
        )
        await runner.setup()
        try:
            await web.TCPSite(runner, told.listen_host, told.listen_port).start()
            structlog.get_logger().info("listening", port=told.listen_port)
            stopped, failed = asyncio.create_task(stop.wait()), asyncio.create_task(running.background.ended())
            await asyncio.wait((stopped, failed), return_when=asyncio.FIRST_COMPLETED)
            stopped.cancel()
            if not failed.cancel():
                failed.result()
        finally:
            await runner.cleanup()


if __name__ == "__main__":
    sys.exit(main())
