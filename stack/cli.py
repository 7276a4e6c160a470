"""The words of the command line, and which function each calls."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console

from stack.components import catalog
from stack.installation import Installation
from stack.locking import alone
from stack.progress import Progress
from stack.supervisor import Supervisor
from stack.trouble import Trouble
from stack.up import bring_up
import dataclasses


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./meton")
    commands = parser.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up")
    up.add_argument("--only")
    up.add_argument("--port-base", type=int)
    down = commands.add_parser("down")
    for each in (up, down):
        each.add_argument("--state", type=Path)
    arguments = parser.parse_args(words)
    console = Console(highlight=False)
    installation = Installation.open(arguments.state)
    try:
        with alone(installation, console.print):
            if arguments.command == "down":
                Supervisor(installation).shutdown()
                return 0
            if arguments.port_base:
                installation = dataclasses.replace(installation, port_base=arguments.port_base)
            installation.save()
            known = catalog.load()
            wanted = catalog.with_needs(known, arguments.only.split(",")) if arguments.only else known
            with Progress(wanted, console) as progress:
                outcome = bring_up(installation, wanted, known, progress)
            for trouble in outcome.troubles.values():
                console.print(str(trouble))
            return 1 if outcome.troubles else 0
    except Trouble as trouble:
        console.print(str(trouble))
        return 1
