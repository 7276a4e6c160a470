"""Installations of a test's own: a folder and free ports, no running stack."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from stack.installation import ROOT, Installation
from stack.testing import free_base


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Installation]:
    """An installation in an empty folder, with ports nobody has."""
    installation = Installation(root=ROOT, state=tmp_path / "state", port_base=free_base(), throwaway=True)
    yield installation
    shutil.rmtree(installation.sockets)  # outside of the folder where its path is long
