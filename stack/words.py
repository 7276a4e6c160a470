"""The words of the command line. Standard library only: they are checked before anything is installed."""

from __future__ import annotations

import argparse
from pathlib import Path

DESCRIPTION = """\
Meton, a self-hosted social network with encrypted chat, as one command.

  ./meton up                 bring everything up; prints the addresses, people and passwords
  ./meton status             what runs, where, with how much memory
  ./meton doctor             what is wrong, and what to do
  ./meton test               lint, types and all tests, on a stack of their own
  ./meton down               stop everything; nothing is lost, `up` continues
"""
EPILOG = """\
Everything of an installation is in .meton/ in the checkout (secrets 0600, a log for each component in .meton/logs).
Started by root, Meton makes a system user of its own and lives in /var/lib/meton-…, which .meton then points to.
"""


def parse(words: list[str]) -> argparse.Namespace:
    """The command and its options; argparse ends the process on --help and on words it does not know."""
    words, rest = (words[: words.index("--")], words[words.index("--") + 1 :]) if "--" in words else (words, [])
    arguments = _parser().parse_args(words)
    arguments.rest = rest
    if rest and arguments.command not in ("test", "psql"):
        _parser().error(f"`{arguments.command}` takes nothing after --")
    return arguments


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./meton", description=DESCRIPTION, epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", title="commands")
    _changing(commands)
    _looking(commands)
    _developing(commands)
    _containing(commands)
    for command in commands.choices.values():
        command.add_argument("--state", type=Path, metavar="DIR", help="another folder for the state (default: .meton)")
    return parser


def _changing(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    up = commands.add_parser("up", help="bring everything up, or up to date")
    _choices(up)
    up.add_argument("--only", metavar="NAMES", help="only these components (comma between) and what they need")
    commands.add_parser("down", help="stop everything")
    reset = commands.add_parser("reset", help="stop everything and delete all data, after asking")
    reset.add_argument("--yes", action="store_true", help="do not ask")
    commands.add_parser("demo", help="make the demo people, and what they have done with everything")


def _choices(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--port-base", type=int, metavar="N", help="the gateway's port, others follow it (default: 8080; remembered)"
    )
    command.add_argument(
        "--listen", metavar="ADDR", help="the gateway's address (default: 127.0.0.1; 0.0.0.0: everywhere; remembered)"
    )
    command.add_argument(
        "--public-url",
        metavar="URL",
        help="where clients reach the gateway (default: http://localhost:PORT; remembered)",
    )
    command.add_argument("--no-demo", action="store_true", help="make no demo people")


def _looking(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    status = commands.add_parser(
        "status", help="health, port, memory and restarts of each component; exit status 1 when one is not well"
    )
    status.add_argument("--json", action="store_true", help="one JSON object")
    commands.add_parser("doctor", help="what is wrong and what to do; exit status 1 when something is")
    logs = commands.add_parser("logs", help="a component's log")
    logs.add_argument("name", metavar="NAME", help="a component, or supervisor")
    logs.add_argument("-f", "--follow", action="store_true", help="go on as it grows")
    logs.add_argument("-n", "--lines", type=int, default=50, help="how many of the last lines (default: 50)")
    psql = commands.add_parser(
        "psql", help="psql on one of the databases meton, synapse, keycloak; options for it after --"
    )
    psql.add_argument("database", nargs="?", default="meton", metavar="DATABASE")


def _developing(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    commands.add_parser(
        "test", help="lint, types, contracts and tests on a stack of their own; what follows -- goes to pytest"
    )
    bench = commands.add_parser("bench", help="measure what we claim about speed")
    bench.add_argument("name", nargs="?", metavar="NAME", help="one benchmark of bench/ (default: all)")
    bench.add_argument("--json", action="store_true", help="one JSON object for each benchmark")
    bench.add_argument(
        "--scale", type=int, choices=range(1, 101), default=1, metavar="N", help="N times the data (default: 1)"
    )
    bench.add_argument("--keep", action="store_true", help="keep the data for the next run")


def _containing(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    render = commands.add_parser("render", help="for compose.yaml: write all configuration, start nothing")
    _choices(render)
    settle = commands.add_parser("settle", help="for compose.yaml: the steps after the start of a component")
    settle.add_argument("name", choices=("postgres", "keycloak", "synapse"), metavar="NAME")
