"""compose.yaml as Docker reads it, and an installation that stands for the one inside the containers."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from stack.installation import ROOT, Installation
from tests.deploy import interpolation

Document = dict[str, Any]


@pytest.fixture(scope="session")
def compose() -> Document:
    """The file with its variables at their defaults."""
    return dict(yaml.safe_load(interpolation.fill_in((ROOT / "compose.yaml").read_text(encoding="utf-8"))))


@pytest.fixture(scope="session")
def services(compose: Document) -> dict[str, Document]:
    return dict(compose["services"])


@pytest.fixture
def contained() -> Iterator[Installation]:
    """As `setup` opens it, save for its folder, which is short so that its sockets lie inside."""
    state = Path(tempfile.mkdtemp(prefix="m"))
    yield Installation(root=ROOT, state=state, listen="0.0.0.0")
    shutil.rmtree(state)
