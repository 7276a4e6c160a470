"""The variables of compose.yaml, as Docker fills them in."""

from __future__ import annotations

import re
from collections.abc import Mapping

# innermost first, so that a default may hold a variable
_VARIABLE = re.compile(r"\$\{(\w+):-([^${}]*)\}")
_ESCAPED = "$$"


def fill_in(text: str, given: Mapping[str, str] | None = None) -> str:
    """`text` with `given` values, else with the defaults; ValueError for a variable that has neither."""
    given = given or {}
    count = 1
    while count:
        text, count = _VARIABLE.subn(lambda found: given.get(found[1]) or found[2], text)
    if re.search(r"\$(?!\$)", text.replace(_ESCAPED, "")):
        raise ValueError("a variable without a default")
    return text.replace(_ESCAPED, "$")
