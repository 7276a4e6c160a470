"""`meton down` and `meton reset`: stop each component after those that need it; leave nothing running."""

from __future__ import annotations

import shutil
from concurrent.futures import Future, ThreadPoolExecutor, wait

from stack.components.catalog import in_order
from stack.components.component import Component
from stack.installation import Installation
from stack.progress import Progress
from stack.supervisor import Supervisor
from stack.up import end_leftovers


def take_down(installation: Installation, components: dict[str, Component], progress: Progress) -> None:
    """Stop everything. What an earlier, killed supervisor left behind is ended too."""
    supervisor = Supervisor(installation)
    running = supervisor.is_running()
    with ThreadPoolExecutor(len(components)) as threads:
        stopped: dict[str, Future[None]] = {}
        for component in reversed(list(in_order(components))):
            users = [stopped[other.name] for other in components.values() if component.name in other.needs]
            stopped[component.name] = threads.submit(_stop, supervisor, component, users, progress, running)
        for future in stopped.values():
            future.result()
    supervisor.shutdown()


def _stop(
    supervisor: Supervisor, component: Component, users: list[Future[None]], progress: Progress, running: bool
) -> None:
    wait(users)
    progress.say(component.name, "stopping")
    if running:
        supervisor.stop(component.name)
    end_leftovers(supervisor.installation, component)
    component.after_stop(supervisor.installation)
    progress.done(component.name, "stopped")


def erase(installation: Installation) -> None:
    """Delete the state of a stopped installation; what installations share (Keycloak's program) stays."""
    shared = installation.runtime
    for path in installation.state.iterdir():
        if path == shared or path.name in ("lock", "install.lock"):
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    if not installation.sockets.is_relative_to(installation.state):
        shutil.rmtree(installation.sockets)
