"""`python -m tests.privacy.mutants DATABASE`: what becomes of privacy when one clause of its rules is gone.

Every operand of every `and_`, `or_`, `where` and `_has` in db/audience.py gets a switch, a row of a table, that takes
it out: so each of these mutants is asked in one process, whose statements were compiled once. Prints a JSON object: by
clause the answer that gave its absence away, null where nobody noticed.
"""

from __future__ import annotations

import ast
import asyncio
import json
import os
import sys
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

from sqlalchemy import Boolean, ColumnElement, literal_column

import db.models  # does not know the rules
from db.engine import Database
from stack.installation import Installation
from tests.privacy.decisive import decisive
from tests.privacy.model import World
from tests.privacy.worlds import explore, size
from tests.support.clones import Clone

RULES = Path(db.models.__file__).parents[1] / "audience.py"
MADE, ASKED = 20, 2
"""So many worlds are made beside the decisive one, and those of them asked about that have the most in them."""

_ALL = {"and_": 0, "where": 0, "_has": 1}
"""Calls that want all of their conditions, and how many other arguments stand before these."""
_ANY = {"or_": 0}
_SWITCHES = """
    CREATE TABLE gone (clause INTEGER);
    INSERT INTO gone VALUES (NULL);
    CREATE FUNCTION is_gone(number INTEGER) RETURNS BOOLEAN STABLE SECURITY DEFINER LANGUAGE plpgsql AS
        'BEGIN RETURN EXISTS (SELECT FROM gone WHERE clause = number); END';
"""
_TAKE_OUT = "UPDATE gone SET clause = $1"


class Switches(ast.NodeTransformer):
    """Gives each clause its switch; `clauses` are their names, in the order of their numbers."""

    def __init__(self) -> None:
        self.clauses: list[str] = []
        self._rule = ""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """A rule."""
        self._rule = node.name
        return self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Conditions that are joined, among others."""
        places = _conditions(node)
        numbers = range(len(self.clauses), len(self.clauses) + len(places))
        self.clauses += [f"{self._rule}: {ast.unparse(node.args[place])}" for place in places]
        is_any = _name(node) in _ANY
        self.generic_visit(node)
        for place, number in zip(places, numbers, strict=True):
            clause = ast.unparse(node.args[place])
            switched = f"and_({clause}, ~_gone({number}))" if is_any else f"or_({clause}, _gone({number}))"
            node.args[place] = ast.parse(switched, mode="eval").body
        return node


def _conditions(call: ast.Call) -> range:
    """The places of the arguments that can be left out: conditions joined to others."""
    first = {**_ALL, **_ANY}.get(_name(call), len(call.args))
    if any(isinstance(argument, ast.Starred) for argument in call.args) or len(call.args) - first < 2:
        return range(0)
    return range(first, len(call.args))


def _name(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def clauses() -> list[str]:
    """All that can be taken out, each as `rule: clause`."""
    return _switched()[1]


def _switched() -> tuple[ast.AST, list[str]]:
    switches = Switches()
    tree = switches.visit(ast.parse(RULES.read_text(encoding="utf-8")))
    return ast.fix_missing_locations(tree), switches.clauses


def _install() -> list[str]:
    """Make the rules with switches `db.audience`, before anybody has imported it; the names of the clauses."""
    tree, names = _switched()
    spec = spec_from_loader("db.audience", loader=None, origin=str(RULES))
    assert spec is not None
    assert spec.name not in sys.modules
    sys.modules[spec.name] = module = module_from_spec(spec)
    vars(module)["_gone"] = _gone
    exec(compile(ast.unparse(tree), str(RULES), "exec"), vars(module))  # noqa: S102 - our own rules, with switches
    return names


def _gone(number: int) -> ColumnElement[bool]:
    return literal_column(f"is_gone({number})", Boolean())


async def _look(name: str, names: list[str]) -> dict[str, str | None]:
    from tests.privacy.oracle import opened  # noqa: PLC0415 - only after the switches are in place

    made: list[World] = []
    explore(0, MADE, made.append)
    found: dict[str, str | None] = dict.fromkeys(names)
    database = await Clone.of(Installation.open(Path(os.environ["METON_TEST_STATE"])), name)
    try:
        await _switch(database, _SWITCHES)
        async with opened(database.installation, database) as oracle:
            for world in [decisive(), *sorted(made, key=size, reverse=True)[:ASKED]]:
                await _switch(database, _TAKE_OUT, None)
                assert not await oracle.differences(world)
                for number, clause in _left(found):
                    await _switch(database, _TAKE_OUT, number)
                    if differences := await oracle.ask(world):
                        found[clause] = str(differences[0])
    finally:
        await database.close()
    return found


def _left(found: dict[str, str | None]) -> Iterator[tuple[int, str]]:
    return ((number, clause) for number, (clause, difference) in enumerate(found.items()) if difference is None)


async def _switch(database: Database, sql: str, *values: int | None) -> None:
    async with database.transaction() as tx:
        await tx.connection.execute(sql, *values)


def main(database: str) -> None:
    """Take out each clause in turn, on a database that is for this alone."""
    json.dump(asyncio.run(_look(database, _install())), sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
