"""`python -m tests.privacy.mutants DATABASE LANE LANES`: what becomes of privacy when one clause of its rules is gone.

Every operand of every `and_`, `or_`, `where` and `_has` in db/audience.py is left out in turn. Statements are compiled
when they are imported, so each mutant lives in a process of its own: forked, so that only what depends on the rules is
imported anew. Prints a JSON object: by mutant the answer that gave it away, null for one that nobody noticed.
"""

from __future__ import annotations

import ast
import asyncio
import json
import multiprocessing
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import module_from_spec, spec_from_loader
from multiprocessing.queues import SimpleQueue
from pathlib import Path

import db.models  # does not know the rules: imported once for all mutants
from stack.installation import Installation
from tests.privacy.model import World
from tests.privacy.worlds import explore
from tests.support.clones import Clone
from tests.support.realm import signing_key

RULES = Path(db.models.__file__).parents[1] / "audience.py"
JOINING = {"and_": 0, "or_": 0, "where": 0, "_has": 1}
"""Calls that join conditions, and after how many other arguments these come."""
WORLDS = 12


@dataclass(frozen=True)
class Mutant:
    """The rules without one clause."""

    name: str
    source: str


def mutants() -> Iterator[Mutant]:
    """Every one."""
    source = RULES.read_text(encoding="utf-8")
    for rule in ast.parse(source).body:
        if isinstance(rule, ast.FunctionDef):
            for number, node in enumerate(ast.walk(rule)):
                if isinstance(node, ast.Call):
                    for place in _clauses(node):
                        clause = ast.unparse(node.args[place])
                        yield Mutant(f"{rule.name}: {clause}", _without(source, rule.name, number, place))


def _clauses(call: ast.Call) -> range:
    """The places of the arguments that can be left out: conditions joined to others."""
    name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    first = JOINING.get(name, len(call.args))
    if any(isinstance(argument, ast.Starred) for argument in call.args) or len(call.args) - first < 2:
        return range(0)
    return range(first, len(call.args))


def _without(source: str, rule: str, number: int, place: int) -> str:
    tree = ast.parse(source)
    function = next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == rule)
    call = list(ast.walk(function))[number]
    assert isinstance(call, ast.Call)
    del call.args[place]
    return ast.unparse(tree)


def _live_by(mutant: Mutant) -> None:
    """Make the mutant `db.audience`, before anybody has imported it."""
    spec = spec_from_loader("db.audience", loader=None, origin=str(RULES))
    assert spec is not None
    assert spec.name not in sys.modules
    sys.modules[spec.name] = module = module_from_spec(spec)
    exec(compile(mutant.source, str(RULES), "exec"), vars(module))  # noqa: S102 - our own rules, but for a clause


async def _look(database: str, made: list[World]) -> str | None:
    from tests.privacy.oracle import opened  # noqa: PLC0415 - only after the mutant is in place

    installation = Installation.open(Path(os.environ["METON_TEST_STATE"]))
    clone = await Clone.of(installation, database)
    try:
        async with opened(installation, clone) as oracle:
            for world in made:
                if differences := await oracle.differences(world):
                    return str(differences[0])
    finally:
        await clone.close()
    return None


def _judge(mutant: Mutant, database: str, made: list[World], verdicts: SimpleQueue[str | None]) -> None:
    _live_by(mutant)
    verdicts.put(asyncio.run(_look(database, made)))


def main(database: str, lane: int, lanes: int) -> None:
    """Judge every so many-th mutant, on a database of this lane's own."""
    made: list[World] = []
    explore(0, WORLDS, made.append)
    signing_key()
    forking = multiprocessing.get_context("fork")
    found = {}
    for mutant in list(mutants())[lane::lanes]:
        verdicts = forking.SimpleQueue()
        process = forking.Process(target=_judge, args=(mutant, database, made, verdicts))
        process.start()
        process.join()
        found[mutant.name] = verdicts.get() if process.exitcode == 0 else f"exit status {process.exitcode}"
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
