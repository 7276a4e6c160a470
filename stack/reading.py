"""Reading logs: the end of one, and the last line that says something."""

from __future__ import annotations

import re
from pathlib import Path

from stack.installation import Installation

TAIL_BYTES = 64_000
_WORTH = re.compile(r"error|fatal|panic|exception|refused|denied|cannot|failed|critical|no such", re.IGNORECASE)


def tail(path: Path, lines: int) -> list[str]:
    """The last `lines` lines (within the last 64 kB) of a log; none when it does not exist."""
    if not path.is_file():
        return []
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - TAIL_BYTES))
        text = file.read().decode(errors="replace")
    return text.splitlines()[-lines:]


def last_words(installation: Installation, name: str) -> str:
    """The last line of a component's log that tells of something going wrong, else its last line."""
    lines = [line.strip() for line in tail(installation.log(name), 200) if line.strip()]
    return next((line for line in reversed(lines) if _WORTH.search(line)), lines[-1] if lines else "")[:300]
