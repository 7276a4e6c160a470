"""The guide for those who build on the API says what is so: each example runs, and answers what is shown below it.

Examples are the bash blocks of docs/api.md, run in order in one shell by people of the running stack, through its
gateway and its Keycloak. A block of JSON after one shows what it printed last: what is shown must be there and of the
same kind; text is the same but for `…`, which stands for anything, and of numbers only the kind is compared.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from social_api.routes import ROUTES
from stack import demo
from stack.installation import Installation

GUIDE = Path(__file__).resolve().parents[2] / "docs/api.md"
BLOCK = re.compile(r"^```(?P<kind>bash|json)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
MARK = "\x1e"
PATH = f"{os.environ.get('PATH', '')}:{os.defpath}"
"""With the system's own folders: not every one of those in a PATH may be read by whom the tests run as."""
MISSING = object()
SECONDS = 240


@dataclass(frozen=True, slots=True)
class Example:
    """A block of bash, the line it stands in, and what is shown below it."""

    line: int
    script: str
    shown: Any | None


def examples(guide: str) -> list[Example]:
    """All of them, in order."""
    found: list[Example] = []
    for block in BLOCK.finditer(guide):
        if block["kind"] == "bash":
            found.append(Example(guide.count("\n", 0, block.start()) + 1, block["text"], None))
        else:
            found[-1] = Example(found[-1].line, found[-1].script, json.loads(block["text"]))
    return found


def differences(shown: Any, said: Any, at: str = "$") -> list[str]:
    """Where an answer is not what the guide shows."""
    if isinstance(shown, dict) and isinstance(said, dict):
        pairs = [(f"{at}.{name}", value, said.get(name, MISSING)) for name, value in shown.items()]
    elif isinstance(shown, list) and isinstance(said, list) and len(shown) <= len(said):
        pairs = [(f"{at}.{number}", value, said[number]) for number, value in enumerate(shown)]
    else:
        return [] if same(shown, said) else [f"{at} is {said!r}"]
    return [difference for below, value, other in pairs for difference in differences(value, other, below)]


def same(shown: Any, said: Any) -> bool:
    """Whether a single value is what the guide shows."""
    if isinstance(shown, str):
        pattern = re.sub(r"([\[*?])", r"[\1]", shown).replace("…", "*")
        return isinstance(said, str) and fnmatchcase(said, pattern)
    if isinstance(shown, int | float) and not isinstance(shown, bool):
        return isinstance(said, int | float) and not isinstance(said, bool)
    return shown is said


def run(all_: list[Example], installation: Installation, folder: Path) -> list[str]:
    """What each example printed; AssertionError with the one that failed."""
    script = "set -euo pipefail\n" + "".join(f"printf '{MARK}'\n{example.script}" for example in all_)
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env={
            **os.environ,
            "PATH": PATH,
            "METON": installation.public_url,
            "STATE": str(installation.state),
            "PYTHON": sys.executable,
            "HOME": str(folder),
        },
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    printed = done.stdout.split(MARK)[1:]
    last = all_[len(printed) - 1]
    assert done.returncode == 0, f"the example in line {last.line} failed: {done.stderr}\n{printed[-1]}"
    return printed


@pytest.mark.timeout(SECONDS + 30)
def test_every_example_of_the_guide_does_what_it_shows(installation: Installation, tmp_path: Path) -> None:
    if not shutil.which("curl", path=PATH):
        pytest.skip("the examples are for curl, which is not here")
    for name, full_name in demo.PEOPLE.items():
        demo.make_account(installation, name, full_name)
    all_ = examples(GUIDE.read_text(encoding="utf-8"))
    for example, printed in zip(all_, run(all_, installation, tmp_path), strict=True):
        if example.shown is not None:
            found = differences(example.shown, json.loads(printed.strip().splitlines()[-1]))
            assert found == [], f"the example in line {example.line} printed {printed}"


def test_the_guide_speaks_of_routes_that_exist() -> None:
    guide = GUIDE.read_text(encoding="utf-8")
    known = {re.sub(r"\{\w+\}", "{}", route.path) for route in ROUTES}
    named = {re.sub(r"\{\w+\}", "{}", path) for path in re.findall(r"`(?:[A-Z]+ )?(/v1/[^`? ]+)", guide)}
    assert named <= known
    assert len(named) > 10


def test_a_difference_is_found() -> None:
    shown = {"id": "…", "n": 1, "ok": True, "items": [{"a": None}], "at": "x…z"}
    assert differences(shown, {"id": "7", "n": 2, "ok": True, "items": [{"a": None}, {}], "at": "xyz", "more": 1}) == []
    for name, wrong in (("id", 7), ("n", "1"), ("ok", False), ("items", []), ("items", [{"a": 1}]), ("at", "xy")):
        said = {"id": "7", "n": 2, "ok": True, "items": [{"a": None}], "at": "xyz", name: wrong}
        assert differences(shown, said), (name, wrong)
