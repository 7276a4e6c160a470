"""Servers for the length of a measurement: a process each, on a free loopback port."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tenacity import RetryError, Retrying, retry_if_result, stop_after_delay, wait_fixed

from stack import probes
from stack.trouble import Trouble

ROOT = Path(__file__).resolve().parent.parent
READY_SECONDS = 60
STOP_SECONDS = 10


def free_port() -> int:
    """A loopback port nobody has at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serving(module: str, *words: str, url: str, environment: Mapping[str, str] | None = None) -> Iterator[int]:
    """`python -m module words`, from when `url` answers 200; its process id.

    Raises Trouble with the last of its log when it never does.
    """
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [sys.executable, "-m", module, *words],
            cwd=ROOT,
            env={**os.environ, **(environment or {})},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            if not _answers(process, url):
                log.seek(0)
                said = log.read().decode(errors="replace")[-500:]
                raise Trouble(f"python -m {module} does not answer at {url}: {said}")
            yield process.pid
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)


def _answers(process: subprocess.Popen[bytes], url: str) -> bool:
    """Wait until it does; False when the process ended, or after READY_SECONDS."""

    def undecided() -> bool:
        return process.poll() is None and probes.http_ok(url) is not None

    try:
        Retrying(retry=retry_if_result(bool), stop=stop_after_delay(READY_SECONDS), wait=wait_fixed(0.1))(undecided)
    except RetryError:
        return False
    return process.poll() is None
