"""What stands in a text beside its words: hashtags and mentions, in any script."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import takewhile

MOST_HASHTAGS = 30
MOST_MENTIONS = 20
LONGEST_HASHTAG = 100

# A sign in the middle of a word is part of it: of an address on the web, an e-mail address, a HTML entity.
_ADDRESS = re.compile(r"\b[a-z][a-z0-9+.-]*://\S+|\bwww\.\S+", re.IGNORECASE)
_HANDLE = re.compile(r"@([a-z0-9](?:[a-z0-9._-]*[a-z0-9_])?)(@meton\b(?![.-]?\w))?", re.IGNORECASE)
_JOINERS = "\u200c\u200d"
"""Of no width of their own, they shape Indic and Arabic letters."""


def hashtags(text: str | None) -> list[str]:
    """The hashtags of a text, folded, each once, in the order they stand in."""
    if not text or ("#" not in text and "\uff03" not in text):
        return []
    found = dict.fromkeys(tag for tag in _hashtags(_ADDRESS.sub(" ", text)) if tag)
    return list(found)[:MOST_HASHTAGS]


def fold(hashtag: str) -> str:
    """A hashtag without `#` as it is stored and looked for: what looks and means the same is the same."""
    folded = unicodedata.normalize("NFKC", hashtag).casefold()
    return unicodedata.normalize("NFKC", "".join(sign for sign in folded if sign not in _JOINERS))


def _hashtags(text: str) -> Iterator[str]:
    for place in re.finditer("[#\uff03]", text):
        if place.start() == 0 or not _is_part(text[place.start() - 1]):
            word = "".join(takewhile(_is_part, text[place.end() :]))
            yield "" if word.isdecimal() else fold(word)


def _is_part(sign: str) -> bool:
    return unicodedata.category(sign)[0] in "LMN" or sign == "_" or sign in _JOINERS
