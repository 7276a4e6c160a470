"""Which language a text is in."""

import re

_DEVANAGARI = re.compile("[\u0900-\u097f]")


def language_of(text: str | None, otherwise: str) -> str:
    """The language of `text`; `otherwise` when it is too short to tell."""
    return "hi" if text and _DEVANAGARI.search(text) else otherwise
