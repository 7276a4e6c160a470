"""Which function each word of the command line calls."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from rich.console import Console

from stack import demo, doctor, looking, measuring, rendering, running, status, testing, words
from stack.components import catalog
from stack.down import erase, take_down
from stack.installation import Installation
from stack.locking import alone
from stack.progress import Progress
from stack.trouble import Trouble


def main(line: list[str]) -> int:
    """Run one command; the exit status (2 for words it does not know, 130 when interrupted)."""
    arguments = words.parse(line)
    console = Console(highlight=False)
    try:
        return COMMANDS[arguments.command](Installation.open(arguments.state), arguments, console)
    except Trouble as trouble:
        console.print(f"[red]✗[/] {trouble}", soft_wrap=True)
        return 1
    except KeyboardInterrupt:
        console.print("\nInterrupted. Run the same command again: it goes on where it stopped.")
        return 130
    except BrokenPipeError:
        sys.stderr.close()  # whoever read our output has seen enough
        return 0


def _up(installation: Installation, arguments: argparse.Namespace, console: Console) -> int:
    only = arguments.only.split(",") if arguments.only else None
    with alone(installation, console.print):
        return running.up(running.choose(installation, arguments), console, only)


def _down(installation: Installation, _: argparse.Namespace, console: Console) -> int:
    known = catalog.load()
    with alone(installation, console.print), Progress(known, console) as progress:
        take_down(installation, known, progress)
    console.print("Meton is down. Nothing is lost: ./meton up continues.")
    return 0


def _reset(installation: Installation, arguments: argparse.Namespace, console: Console) -> int:
    if not arguments.yes:
        console.print(
            f"This deletes everything people have written and sent here: {installation.state}", soft_wrap=True
        )
        if input("Type `reset` to go on: ").strip() != "reset":
            console.print("Nothing was deleted.")
            return 1
    known = catalog.load()
    with alone(installation, console.print):
        with Progress(known, console) as progress:
            take_down(installation, known, progress)
        erase(installation)
    console.print("Everything is deleted. ./meton up begins anew.")
    return 0


def _status(installation: Installation, arguments: argparse.Namespace, console: Console) -> int:
    found = status.look(installation, catalog.load())
    if arguments.json:
        print(status.as_json(found))
    else:
        status.show(found, console)
    return 0 if found.healthy else 1


def _doctor(installation: Installation, _: argparse.Namespace, console: Console) -> int:
    found = doctor.examine(installation, catalog.load())
    for finding in found:
        console.print(f"[red]✗[/] {finding.wrong}\n  → {finding.remedy}", soft_wrap=True)
    if not found:
        console.print("[green]✓[/] All is well.")
    return 1 if found else 0


def _logs(installation: Installation, arguments: argparse.Namespace, _: Console) -> int:
    return looking.logs(installation, arguments.name, lines=arguments.lines, follow=arguments.follow)


def _psql(installation: Installation, arguments: argparse.Namespace, _: Console) -> int:
    return looking.psql(installation, arguments.database, arguments.rest)


def _demo(installation: Installation, _: argparse.Namespace, console: Console) -> int:
    with alone(installation, console.print), Progress(["demo"], console) as progress:
        demo.make(installation, lambda text: progress.say("demo", text))
        progress.done("demo", "ready")
    return 0


def _test(installation: Installation, arguments: argparse.Namespace, console: Console) -> int:
    return testing.test(installation, arguments.rest, console)


def _bench(installation: Installation, arguments: argparse.Namespace, console: Console) -> int:
    options = measuring.Options(scale=arguments.scale, keep=arguments.keep)
    return measuring.bench(installation, arguments.name, console, as_json=arguments.json, options=options)


def _render(installation: Installation, arguments: argparse.Namespace, console: Console) -> int:
    with alone(installation, console.print):
        rendering.render(running.choose(installation, arguments), console.print)
    return 0


def _settle(installation: Installation, arguments: argparse.Namespace, console: Console) -> int:
    with alone(installation, console.print):
        rendering.settle(installation, arguments.name, console.print)
    return 0


COMMANDS: dict[str, Callable[[Installation, argparse.Namespace, Console], int]] = {
    "up": _up,
    "down": _down,
    "reset": _reset,
    "status": _status,
    "doctor": _doctor,
    "logs": _logs,
    "psql": _psql,
    "demo": _demo,
    "test": _test,
    "bench": _bench,
    "render": _render,
    "settle": _settle,
}
