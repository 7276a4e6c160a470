"""Becomes one component: `python runner.py LAUNCH.json`, started by supervisord.

First ends what an earlier, killed process of the component left behind (it may still hold the port), then asks the
kernel to be stopped when supervisord dies, so that not even `kill -9` of supervisord leaves anything running.
Standard library only, so that a start costs a few milliseconds.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from stack import processes

PR_SET_PDEATHSIG = 1


def main(launch: Path) -> None:
    """Never returns: the process becomes the component."""
    supervisor = os.getppid()
    wanted = json.loads(launch.read_text())
    folder = Path(wanted["folder"])
    record = folder / "process.json"
    processes.end(processes.leftovers(record, folder), signal.SIGKILL, 5.0)
    before = processes.read(record)
    processes.keep(record, os.getpid(), starts=before.starts + 1 if before else 1)
    os.umask(0o077)
    os.chdir(folder)
    death = getattr(signal, f"SIG{wanted['stop_signal']}")
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(death), 0, 0, 0)
    if os.getppid() != supervisor:  # it died before we asked
        sys.exit(1)
    os.execve(wanted["command"][0], wanted["command"], wanted["environment"])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
