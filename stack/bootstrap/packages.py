"""The environment `.venv`, exactly as the lock says: every file checked by its hash, no index address in it."""

from __future__ import annotations

import ast
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from stack.bootstrap import interpreters
from stack.files import private_folder, write_private
from stack.trouble import Trouble

NEEDED_BYTES = 3_500_000_000  # environment, Keycloak and first data
FIRST_SECONDS_HINT = "about 600 MB the first time"
AGAIN = "Then run the same command again: it goes on where it stopped."
# pip's settings, however they are given, in uv's words
FROM_PIP = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "cert": "SSL_CERT_FILE",
}


def python_of(root: Path) -> Path:
    """The environment's Python, there or not."""
    return root / ".venv" / "bin" / "python"


def ensure(root: Path, *, with_tests: bool) -> None:
    """Make or renew the environment when a lock or Python changed. Trouble says what stands in the way."""
    private_folder(root / ".meton")
    with (root / ".meton" / "install.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not is_current(root, with_tests=with_tests):
            _install(root, with_tests=with_tests)


def is_current(root: Path, *, with_tests: bool) -> bool:
    """Whether the finished environment was made from the present locks (one with the tests' packages serves both)."""
    stamp = root / ".venv" / "made-from.json"
    try:
        made = json.loads(stamp.read_text())
    except (OSError, ValueError):
        return False
    wanted = _made_from(root, with_tests=with_tests)
    return python_of(root).exists() and all(made.get(name) == digest for name, digest in wanted.items())


def _made_from(root: Path, *, with_tests: bool) -> dict[str, str]:
    names = ("bootstrap", "runtime", "test") if with_tests else ("bootstrap", "runtime")
    return {name: hashlib.sha256((root / f"stack/locks/{name}.lock").read_bytes()).hexdigest() for name in names}


def _install(root: Path, *, with_tests: bool) -> None:
    begun = time.monotonic()
    check_disk(shutil.disk_usage(root).free, root)
    venv = root / ".venv"
    (venv / "made-from.json").unlink(missing_ok=True)
    if not _runs(python_of(root)):
        _make(venv)
    if not _runs(venv / "bin" / "uv"):
        _say("installing uv")
        pip: list[Path | str] = [
            python_of(root),
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--retries",
            "2",
        ]
        _fetch([*pip, "--require-hashes", "-r", root / "stack/locks/bootstrap.lock"], root, {})
    _say(f"installing the locked packages ({FIRST_SECONDS_HINT})")
    lock = root / "stack/locks" / ("test.lock" if with_tests else "runtime.lock")
    _fetch(
        [venv / "bin" / "uv", "pip", "sync", "--require-hashes", lock],
        root,
        {"VIRTUAL_ENV": str(venv), **uv_settings(python_of(root))},
    )
    write_private(venv / "made-from.json", json.dumps(_made_from(root, with_tests=with_tests)))
    _say(f"packages are in place after {time.monotonic() - begun:.0f} s")


def check_disk(free: int, folder: Path) -> None:
    """Raise Trouble when the disk is too small for a first installation; bytes."""
    if free < NEEDED_BYTES:
        raise Trouble(
            f"The disk of {folder} has {free / 1e9:.1f} GB free; Meton needs {NEEDED_BYTES / 1e9:.1f} GB.",
            "Make room, or move the checkout to a larger disk. Then run the same command again.",
        )


def _make(venv: Path) -> None:
    python = interpreters.find()
    if python is None:
        raise Trouble(
            "No Python here can make an environment: the module ensurepip or venv is missing.",
            "Install it (Debian, Ubuntu: apt install python3-venv), then run the same command again.",
        )
    _say(f"making .venv with {python}")
    done = subprocess.run([python, "-m", "venv", "--clear", str(venv)], capture_output=True, text=True, check=False)
    if done.returncode:
        words = (done.stderr or done.stdout).strip().splitlines()
        raise Trouble(f"Python's venv could not make {venv}: {words[-1] if words else 'no reason given'}", AGAIN)


def _runs(program: Path) -> bool:
    try:
        return subprocess.run([program, "--version"], capture_output=True, timeout=20, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _fetch(command: list[Path | str], root: Path, environment: dict[str, str]) -> None:
    words = [str(word) for word in command]
    with subprocess.Popen(
        words, cwd=root, env={**os.environ, **environment}, stderr=subprocess.PIPE, text=True
    ) as process:
        for line in process.stderr or ():
            if not line.startswith((" + ", " - ", " ~ ")):  # what comes down is worth seeing, the list of it is not
                print(line, end="", file=sys.stderr, flush=True)
    if process.returncode:
        raise Trouble(
            "The packages could not be installed: the reason stands above.",
            "Without network: connect, or point PIP_INDEX_URL (or PIP_FIND_LINKS) at a mirror. " + AGAIN,
        )


def uv_settings(python: Path) -> dict[str, str]:
    """uv's variables for what pip is told by its environment and its files."""
    listed = subprocess.run(
        [str(python), "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    ).stdout
    return {name: value for name, value in translate(listed).items() if name not in os.environ}


def translate(listed: str) -> dict[str, str]:
    """`pip config list`'s lines (`global.index-url='…'`, `:env:.cert='…'`) as uv's variables."""
    settings: dict[str, str] = {}
    for line in listed.splitlines():
        key, _, value = line.partition("=")
        name = FROM_PIP.get(key.rpartition(".")[2])
        if name and value:
            settings[name] = " ".join(str(ast.literal_eval(value)).split())
    return settings


def _say(text: str) -> None:
    print(f"meton: {text}", file=sys.stderr, flush=True)
