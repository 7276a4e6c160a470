"""The oracle would notice if a clause of the rules were missing."""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import AsyncExitStack
from typing import Any

import pytest

from stack.installation import Installation
from tests.privacy.mutants import RULES, mutants
from tests.support import clones

LANES = 2
SAID_TWICE = {
    # the index of feeds is defined by these words, and can_view itself says the same before
    "is_published: post.deleted_at.is_(None)",
}


def test_there_is_a_mutant_for_each_clause() -> None:
    names = [mutant.name for mutant in mutants()]
    assert len(names) == len(set(names)) > 50
    assert set(names) > SAID_TWICE


@pytest.mark.timeout(900)  # a process for each mutant
async def test_every_clause_of_the_rules_is_needed_by_an_answer(installation: Installation, template: str) -> None:
    async with AsyncExitStack() as stack:
        databases = [await stack.enter_async_context(clones.clone(installation, template)) for _ in range(LANES)]
        lanes = await asyncio.gather(*(_judge(database.name, lane) for lane, database in enumerate(databases)))
    verdicts: dict[str, Any] = {name: verdict for lane in lanes for name, verdict in lane.items()}
    assert {name for name, difference in verdicts.items() if difference is None} == SAID_TWICE
    assert {name for name, difference in verdicts.items() if difference and "exit status" in difference} == set()


async def _judge(database: str, lane: int) -> Any:
    """Half of the mutants, each by its name with what gave it away."""
    words = [sys.executable, "-m", "tests.privacy.mutants", database, str(lane), str(LANES)]
    process = await asyncio.create_subprocess_exec(*words, cwd=RULES.parents[1], stdout=asyncio.subprocess.PIPE)
    said, _ = await process.communicate()
    assert process.returncode == 0
    return json.loads(said)
