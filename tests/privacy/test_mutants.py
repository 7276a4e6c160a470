"""The oracle would notice if a clause of the rules were missing."""

from __future__ import annotations

import asyncio
import json
import sys

import pytest

from tests.privacy.mutants import RULES, clauses
from tests.support.clones import Clone

SAID_TWICE = {
    # the index of feeds is defined by these words, and can_view itself says the same before
    "is_published: post.deleted_at.is_(None)",
    # by a constraint of the table no other post has a list
    "is_covered: post.visibility == 'custom'",
}


def test_each_clause_has_a_name_of_its_own() -> None:
    assert len(clauses()) == len(set(clauses())) > 50
    assert set(clauses()) > SAID_TWICE


@pytest.mark.timeout(600)  # asks some tens of thousands of questions
async def test_every_clause_of_the_rules_is_needed_by_an_answer(database: Clone) -> None:
    words = [sys.executable, "-m", "tests.privacy.mutants", database.name]
    process = await asyncio.create_subprocess_exec(*words, cwd=RULES.parents[1], stdout=asyncio.subprocess.PIPE)
    said, _ = await process.communicate()
    assert process.returncode == 0
    differences: dict[str, str | None] = json.loads(said)
    assert list(differences) == clauses()
    unnoticed = {clause for clause, difference in differences.items() if difference is None}
    assert unnoticed - SAID_TWICE == set()
