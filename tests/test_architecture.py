"""The house keeps its shape: who may import whom, who writes which table, and how long things may get."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from db import grants
from db.models import Base
from event_worker.relay import FLOWS
from stack.environment import SERVICES

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("db", *SERVICES, "stack", "bench")
LONGEST_FILE = 320  # about 300
LONGEST_FUNCTION = 60
MODELS = sorted((mapper.class_ for mapper in Base.registry.mappers), key=lambda model: model.__tablename__)
CHANGES = {"INSERT", "UPDATE", "DELETE"}


def sources() -> list[Path]:
    return sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def test_the_import_contracts_hold() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    checked = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__tablename__)
def test_each_table_names_its_writers_and_only_they_may_change_it(model: type[Base]) -> None:
    described = re.search(r"^ *Writer: (.+)", model.__doc__ or "", re.DOTALL | re.MULTILINE)
    assert described, "its docstring has no line `Writer: …`"
    if "each service" in described[1] or "every service" in described[1]:
        return
    changers = {
        role for role, table, _, right in grants.declared() if table == model.__tablename__ and right in CHANGES
    }
    unnamed = {role for role in changers if role not in described[1]}
    assert not unnamed, "they may change it and are not named"


def test_the_relay_passes_on_the_topics_that_there_are_actors_for() -> None:
    actors = (ROOT / "media_worker" / "actors.py").read_text(encoding="utf-8")
    assert FLOWS["media_worker"].topics == set(re.findall(r'tasks\.declare\(broker, QUEUE, "([^"]+)"', actors))
    main = (ROOT / "event_worker" / "__main__.py").read_text(encoding="utf-8")
    assert FLOWS["event_worker"].topics == set(re.findall(r'^ *"([a-z_.]+)": \w+\.\w+[(,]', main, re.MULTILINE))


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_files_and_functions_can_be_read_at_a_sitting(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= LONGEST_FILE
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= LONGEST_FUNCTION, f"{node.name} has {length} lines"
