"""Installations of a test's own: a folder and free ports, no running stack."""

from __future__ import annotations

from pathlib import Path

import pytest

from stack.installation import ROOT, Installation
from stack.testing import free_base


@pytest.fixture
def own(tmp_path: Path) -> Installation:
    """An installation in an empty folder, with ports nobody has."""
    return Installation(root=ROOT, state=tmp_path / "state", port_base=free_base(), throwaway=True)
