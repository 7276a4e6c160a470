"""What a read costs does not grow with what it shows: at most three statements, for fifty items as for one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from db.engine import Transaction
from stack.installation import Installation
from tests.privacy.asking import MISSING, Asker, Question
from tests.privacy.decisive import decisive
from tests.privacy.model import World
from tests.privacy.oracle import GETS, Oracle, opened
from tests.privacy.writing import write
from tests.support.clones import Clone

MOST = 3
MANY = 2
"""So many items tell whether something is asked for each of them."""
ASKING = "asking"
SHORT = {"/v1/sessions"}
"""Lists that have one item in worlds of this kind."""


@pytest.fixture
def transactions(monkeypatch: pytest.MonkeyPatch) -> list[Transaction]:
    """Every transaction that the test itself began, and not a loop beside it: so its statements can be counted."""
    begun: list[Transaction] = []
    begin = Transaction.__init__

    def record(self: Transaction, *arguments: Any) -> None:
        begin(self, *arguments)
        task = asyncio.current_task()
        if task is not None and task.get_name() == ASKING:
            begun.append(self)

    monkeypatch.setattr(Transaction, "__init__", record)
    return begun


def items(question: Question) -> int:
    """How much there is to show: nothing, one thing, or so many items of a list."""
    return 0 if question.expected == MISSING else len(question.expected) if question.paged else 1


def fullest(oracle: Oracle, world: World) -> Iterator[tuple[Asker, Question]]:
    """The question to each route that has most to show, as somebody who may sign in."""
    active = {person.name for person in world.people if person.status == "active"}
    asked = [(asker, question) for asker, question in oracle.questions(world) if asker.who in active]
    for route in GETS:
        yield max((each for each in asked if each[1].route == route.path), key=lambda each: items(each[1]))


async def test_a_read_takes_at_most_three_statements_whatever_it_shows(
    installation: Installation, database: Clone, transactions: list[Transaction]
) -> None:
    task = asyncio.current_task()
    assert task is not None
    task.set_name(ASKING)
    world = decisive()
    async with opened(installation, database) as oracle:
        await write(database, world)
        for asker, question in fullest(oracle, world):
            assert items(question) >= (MANY if question.paged and question.route not in SHORT else 1), question.path
            await asker.get("/v1/me")  # to be known: that is asked once a minute
            taken = []
            for limit in ("limit=1", "limit=50") if question.paged else ("",):
                transactions.clear()
                status, _ = await asker.get(question.path, f"{question.query}&{limit}".strip("&"))
                assert status == 200, question
                taken.append(sum(tx.statements for tx in transactions))
            assert max(taken) <= MOST, (question.path, taken)
            assert len(set(taken)) == 1, (question.path, taken)
