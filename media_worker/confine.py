"""Starts one child program with less: less priority, bounded resources, and no life after the worker's.

Run as a script (`python -I -S confine.py PARENT_PID PROGRAM [ARGUMENT...]`), because what it does must happen in the
child before the program starts, and Python code between fork and exec is unsafe in a process that has threads.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys

PR_SET_PDEATHSIG = 1
NICENESS = 10
GIB = 1024**3
LIMITS = {
    resource.RLIMIT_AS: 6 * GIB,
    resource.RLIMIT_FSIZE: 4 * GIB,
    resource.RLIMIT_NOFILE: 256,
    resource.RLIMIT_CORE: 0,
}


def main(parent: int, program: list[str]) -> None:
    """Limit this process, then become `program`; ends at once when `parent` is gone already."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != parent:  # it died between its fork and our prctl: nobody would ever kill us
        raise SystemExit(1)
    os.nice(NICENESS)
    for kind, most in LIMITS.items():
        resource.setrlimit(kind, (most, most))
    os.execv(program[0], program)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
