"""supervisord, as this project uses it: it restarts what dies, and is spoken to on a private socket."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterable
from typing import Any
from xmlrpc.client import Fault, ServerProxy

from supervisor.xmlrpc import Faults, SupervisorTransport

from stack import processes, programs
from stack.components.component import Component
from stack.files import write_private
from stack.installation import Installation
from stack.trouble import Trouble

GENERAL = """\
[unix_http_server]
file={socket}
chmod=0600
username=meton
password={password}
[supervisord]
pidfile={folder}/supervisord.pid
logfile={log}
logfile_maxbytes=5MB
logfile_backups=2
childlogdir={folder}
minfds=4096
umask=077
silent=true
strip_ansi=true
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
"""
PROGRAM = """\
[program:{name}]
command={python} -I {runner} {launch}
autostart=false
autorestart=true
startsecs=1
startretries=30
stopsignal={signal}
stopwaitsecs={seconds}
killasgroup=true
redirect_stderr=true
stdout_logfile={log}
stdout_logfile_maxbytes=10MB
stdout_logfile_backups=3
priority={priority}
"""
START_SECONDS = 15.0


class Supervisor:
    """The supervisor of one installation. Each call opens a connection of its own, so threads may share it."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.folder = installation.folder("supervisor")
        self.socket = installation.sockets / "supervisor.sock"
        self.record = self.folder / "process.json"

    # --- itself

    def is_running(self) -> bool:
        """Whether it answers."""
        try:
            self._call("getPID")
        except OSError:
            return False
        return True

    def ensure(self, components: Iterable[Component]) -> None:
        """Run it with these programs; one that runs already learns of new and changed ones."""
        write_private(self.folder / "supervisord.conf", self._configuration(components))
        if self.is_running():
            self._follow()
            return
        self.end_leftover()
        self.socket.unlink(missing_ok=True)
        log = self.installation.log("supervisor")
        words = [str(programs.PYTHON), str(programs.SUPERVISORD), "-c", str(self.folder / "supervisord.conf")]
        done = subprocess.run(
            words, cwd=self.folder, env=base_environment(self.installation), capture_output=True, text=True, check=False
        )
        if done.returncode or not self._answers_within(START_SECONDS):
            raise Trouble(f"supervisord did not start: {(done.stdout + done.stderr).strip() or f'see {log}'}")
        processes.keep(self.record, self._call("getPID"))

    def end_leftover(self) -> None:
        """End a supervisor of ours that runs but no longer answers."""
        record = processes.read(self.record)
        if record is not None and processes.is_alive(record):
            processes.end([record.pid], signal.SIGTERM, 10.0)

    def shutdown(self) -> None:
        """Stop it, with whatever it still runs, and wait until it is gone."""
        record = processes.read(self.record)
        if self.is_running():
            self._call("shutdown")
        if record is not None and processes.is_alive(record):
            processes.end([record.pid], signal.SIGTERM, 60.0)
        self.record.unlink(missing_ok=True)

    def _configuration(self, components: Iterable[Component]) -> str:
        installation = self.installation
        parts = [
            GENERAL.format(
                socket=_escaped(self.socket),
                password=installation.secret("supervisor"),
                folder=_escaped(self.folder),
                log=_escaped(installation.log("supervisor")),
            )
        ]
        runner = installation.root / "stack" / "runner.py"
        for priority, component in enumerate(components, 10):
            parts.append(
                PROGRAM.format(
                    name=component.name,
                    python=_escaped(programs.PYTHON),
                    runner=_escaped(runner),
                    launch=_escaped(installation.folder(component.name) / "launch.json"),
                    signal=component.stop_signal,
                    seconds=component.stop_seconds,
                    log=_escaped(installation.log(component.name)),
                    priority=priority,
                )
            )
        return "".join(parts)

    def _follow(self) -> None:
        """Take over a rewritten configuration; programs that did not change go on undisturbed."""
        [[added, changed, removed]] = self._call("reloadConfig")
        for name in [*changed, *removed]:
            self._call("stopProcessGroup", name)
            self._call("removeProcessGroup", name)
        for name in [*added, *changed]:
            self._call("addProcessGroup", name)

    def _answers_within(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        pause = threading.Event()
        while not self.is_running():
            if time.monotonic() > deadline:
                return False
            pause.wait(0.05)
        return True

    # --- its programs

    def states(self) -> dict[str, dict[str, Any]]:
        """What it knows of each program (statename, pid, start, now, …); empty when it does not run."""
        try:
            return {info["name"]: info for info in self._call("getAllProcessInfo")}
        except OSError:
            return {}

    def start(self, name: str) -> None:
        """Start a program without waiting for it."""
        try:
            self._call("startProcess", name, False)
        except Fault as fault:
            if fault.faultCode != Faults.ALREADY_STARTED:
                raise

    def stop(self, name: str) -> None:
        """Stop a program and wait until it is gone."""
        try:
            self._call("stopProcess", name)
        except Fault as fault:
            if fault.faultCode not in (Faults.NOT_RUNNING, Faults.BAD_NAME):
                raise

    def _call(self, method: str, *arguments: object) -> Any:
        transport = SupervisorTransport("meton", self.installation.secret("supervisor"), f"unix://{self.socket}")
        with ServerProxy("http://localhost", transport=transport) as proxy:
            return getattr(proxy.supervisor, method)(*arguments)


def base_environment(installation: Installation) -> dict[str, str]:
    """What every process of ours is given: nothing of the person's own environment."""
    temporary = installation.folder("tmp")
    return {
        "PATH": f"{programs.PYTHON.parent}:/usr/local/bin:/usr/bin:/bin",
        "HOME": str(installation.folder("home")),
        "LANG": "C.UTF-8",
        "TMPDIR": str(temporary),
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        **{name: os.environ[name] for name in ("SSL_CERT_FILE", "TZ") if name in os.environ},
    }


def _escaped(path: object) -> str:
    """supervisord expands %; and splits commands like a shell."""
    text = str(path).replace("%", "%%")
    return f'"{text}"' if " " in text else text
