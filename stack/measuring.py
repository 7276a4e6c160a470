"""`meton bench`: what we claim about speed, measured on the running stack by the modules of bench/."""

from __future__ import annotations

import importlib
import json
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from stack.installation import Installation
from stack.trouble import Trouble

COLUMNS = ("name", "value", "unit", "baseline", "ratio")


@dataclass(frozen=True, slots=True)
class Options:
    """What a benchmark may be told; each takes of it what it knows."""

    scale: int = 1
    """How many times the usual amount of data."""
    keep: bool = False
    """Leave the data it made for the next run."""


def names(installation: Installation) -> list[str]:
    """Every benchmark: the modules of bench/ that can be run."""
    folder = installation.root / "bench"
    return sorted(path.stem for path in folder.glob("*.py") if "def run(" in path.read_text(encoding="utf-8"))


def bench(
    installation: Installation, name: str | None, console: Console, *, as_json: bool, options: Options = Options()
) -> int:
    """Run one benchmark, or all; a table each, or with `as_json` one JSON object each on a line of its own."""
    known = names(installation)
    if name is not None and name not in known:
        raise Trouble(f"There is no benchmark {name!r}.", f"There are: {', '.join(known) or 'none'}.")
    for each in known if name is None else [name]:
        module = importlib.import_module(f"bench.{each}")
        measures = [asdict(measure) for measure in module.run(installation, options)]
        if as_json:
            print(json.dumps({"name": each, "measures": measures}))
        else:
            console.print(_table(each, measures))
    return 0


def _table(name: str, measures: list[dict[str, Any]]) -> Table:
    table = Table(title=f"bench {name}", title_justify="left", box=None, pad_edge=False)
    for column in COLUMNS:
        table.add_column(column, justify="left" if column in ("name", "unit") else "right")
    for measure in measures:
        table.add_row(*("" if measure[column] is None else _shown(measure[column]) for column in COLUMNS))
    return table


def _shown(value: object) -> str:
    return f"{value:,.4g}" if isinstance(value, float) else str(value)
