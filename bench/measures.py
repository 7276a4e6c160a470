"""The shape of a figure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure of one run. Machines differ, so what counts is `ratio`: `value` over a `baseline` of the same run."""

    name: str
    value: float
    unit: str
    baseline: float | None = None
    ratio: float | None = None

    @classmethod
    def against(cls, name: str, value: float, unit: str, baseline: float) -> Measure:
        """A figure with its baseline, rounded to what a run can tell."""
        return cls(name, round(value, 3), unit, round(baseline, 3), round(value / baseline, 3))
