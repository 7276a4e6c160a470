"""What `meton up` does around the components: choices, timing, and the words at the end."""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import time
from urllib.parse import urlsplit

from rich.console import Console

from stack import demo
from stack.components import catalog
from stack.components.component import Component
from stack.files import write_private
from stack.installation import Installation
from stack.ports import HIGHEST_BASE, LOWEST_BASE
from stack.progress import Progress
from stack.status import read_starts
from stack.trouble import Trouble
from stack.up import Outcome, bring_up


def choose(installation: Installation, arguments: argparse.Namespace) -> Installation:
    """The installation with what was said on the command line; Trouble for what cannot be."""
    chosen: dict[str, object] = {}
    if arguments.port_base is not None:
        if not LOWEST_BASE <= arguments.port_base <= HIGHEST_BASE:
            raise Trouble(f"--port-base must be between {LOWEST_BASE} and {HIGHEST_BASE}.")
        chosen["port_base"] = arguments.port_base
    if arguments.listen is not None:
        chosen["listen"] = arguments.listen
    if arguments.public_url is not None:
        chosen["address"] = _origin(arguments.public_url)
    if arguments.no_demo:
        chosen["demo"] = False
    return dataclasses.replace(installation, **chosen)  # type: ignore[arg-type]  # names and types are paired above


def _origin(url: str) -> str:
    parts = urlsplit(url)
    if (
        parts.scheme not in ("http", "https")
        or not parts.hostname
        or parts.path.strip("/")
        or parts.query
        or parts.fragment
    ):
        raise Trouble(f"--public-url must be an origin such as https://meton.example; {url!r} is not.")
    return f"{parts.scheme}://{parts.netloc}"


def up(installation: Installation, console: Console, only: list[str] | None) -> int:
    """Bring up all (or `only` some and what they need), and say where everything is; the exit status."""
    cold = not (installation.folder("postgres") / "data").exists()
    begun = float(os.environ.get("METON_BEGUN") or time.time())
    installation.save()
    known = catalog.load()
    wanted = known if only is None else _some(known, only)
    with Progress(wanted, console) as progress:
        outcome = bring_up(installation, wanted, known, progress)
        if only is None and installation.demo and not outcome.troubles:
            _demo(installation, progress)
    if outcome.troubles:
        for trouble in outcome.troubles.values():
            console.print(f"\n[red]✗[/] {trouble}", soft_wrap=True)
        return 1
    if only is None:
        _remember(installation, outcome, len(known), cold=cold, seconds=time.time() - begun)
        _say_where(installation, console, outcome, seconds=time.time() - begun)
    return 0


def _some(known: dict[str, Component], names: list[str]) -> dict[str, Component]:
    unknown = [name for name in names if name not in known]
    if unknown:
        raise Trouble(f"There is no component {', '.join(unknown)}.", f"There are: {', '.join(known)}.")
    return catalog.with_needs(known, names)


def _remember(installation: Installation, outcome: Outcome, components: int, *, cold: bool, seconds: float) -> None:
    if len(outcome.started) == components:
        starts = {**read_starts(installation), "cold" if cold else "warm": round(seconds, 1)}
        write_private(installation.state / "starts.json", json.dumps(starts))


def _say_where(installation: Installation, console: Console, outcome: Outcome, *, seconds: float) -> None:
    url = installation.public_url
    lines = [
        "",
        f"[green]Meton is up[/] after {seconds:.0f} s"
        if outcome.started
        else "[green]Meton is up[/]; nothing had to be changed",
        "",
        f"  API and its documentation   {url}/api/docs",
        f"  API                         {url}/api",
        f"  Matrix homeserver           {url}   (server name {installation.server_name}; enter it in Element)",
        f"  Keycloak console            {url}/auth/admin/   (as admin)",
        "",
        *_people(installation),
        "",
        "  ./meton status · ./meton doctor · ./meton logs NAME -f · ./meton down",
    ]
    console.print("\n".join(lines), soft_wrap=True)


def _people(installation: Installation) -> list[str]:
    """Names and passwords, once; later only where they are kept."""
    told = installation.state / "told"
    names = {"admin": "keycloak_admin", **({name: f"demo_{name}" for name in demo.PEOPLE} if installation.demo else {})}
    if told.exists():
        return [f"  Passwords are in {installation.state}/secrets: {', '.join(names.values())}"]
    told.touch(mode=0o600)
    return ["  Shown this once:", *(f"    {name:<8} {installation.secret(secret)}" for name, secret in names.items())]


def _demo(installation: Installation, progress: Progress) -> None:
    if demo.is_made(installation):
        return
    demo.make(installation, lambda text: progress.say("demo", text))
    progress.done("demo", "ready")
