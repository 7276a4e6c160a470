"""What is being done, live: a table that changes on a terminal, one line a step elsewhere."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from types import TracebackType

from rich.console import Console
from rich.live import Live
from rich.table import Table

MARKS = {"waits": "[dim]·[/]", "works": "[yellow]▸[/]", "done": "[green]✓[/]", "failed": "[red]✗[/]"}
REPEAT_SECONDS = 5.0


@dataclass(slots=True)
class _Line:
    state: str = "waits"
    text: str = ""
    begun: float = field(default_factory=time.monotonic)
    ended: float | None = None
    printed: tuple[str, float] = ("", 0.0)


class Progress:
    """Threads report with `say`, `done` and `failed`; a name is a line."""

    def __init__(self, names: Iterable[str], console: Console | None = None) -> None:
        self.console = console or Console(highlight=False)
        self._lines = {name: _Line() for name in names}
        self._width = max((len(name) for name in self._lines), default=0)
        self._lock = threading.Lock()
        self._live = (
            Live(get_renderable=self._table, console=self.console, refresh_per_second=4)
            if self.console.is_terminal
            else None
        )

    def __enter__(self) -> Progress:
        if self._live:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            self._live.stop()

    def say(self, name: str, text: str) -> None:
        """`name` is at this now."""
        self._set(name, "works", text)

    def done(self, name: str, text: str) -> None:
        """`name` has come to its good end."""
        self._set(name, "done", text)

    def failed(self, name: str, text: str) -> None:
        """`name` has come to its bad end."""
        self._set(name, "failed", text)

    def _set(self, name: str, state: str, text: str) -> None:
        with self._lock:
            line = self._lines.setdefault(name, _Line())
            if (line.state, line.text) == (state, text):
                return
            if line.state == "waits":
                line.begun = time.monotonic()
            line.state, line.text = state, text
            line.ended = time.monotonic() if state in ("done", "failed") else None
            if not self._live and self._is_news(line, text):
                self.console.print(
                    f"{name:<{self._width}}  {text} ({self._seconds(line):.1f} s)", markup=False, soft_wrap=True
                )

    @staticmethod
    def _is_news(line: _Line, text: str) -> bool:
        """Where lines stay, a text in which only the numbers went on is worth one every few seconds."""
        same, now = re.sub(r"\d+", "#", f"{line.state} {text}"), time.monotonic()
        if line.printed[0] == same and now - line.printed[1] < REPEAT_SECONDS:
            return False
        line.printed = (same, now)
        return True

    @staticmethod
    def _seconds(line: _Line) -> float:
        return (line.ended or time.monotonic()) - line.begun

    def _table(self) -> Table:
        table = Table.grid(padding=(0, 2))
        with self._lock:
            for name, line in self._lines.items():
                seconds = "" if line.state == "waits" else f"{self._seconds(line):.1f} s"
                table.add_row(MARKS[line.state], name, line.text, f"[dim]{seconds}[/]")
        return table
