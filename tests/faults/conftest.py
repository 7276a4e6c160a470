"""People for the tests that break things."""

from __future__ import annotations

from tests.journeys.conftest import sign_up

__all__ = ["sign_up"]
