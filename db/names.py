"""The names people show: what is written is what is seen."""

from __future__ import annotations

import unicodedata

LONGEST = 80
MOST_MARKS = 4
"""So many signs a letter bears in the scripts that stack them; more of them write across the lines above and below."""

# Letters and symbols by their category, yet nothing is drawn for them.
_BLANKS = frozenset("\u115f\u1160\u2800\u3164\uffa0\u034f\u17b4\u17b5")
_ZERO_WIDTH_NON_JOINER, _ZERO_WIDTH_JOINER = "\u200c", "\u200d"
_VIRAMA = 9
"""The combining class of the sign that ends a consonant in the scripts of India."""


def tidy(name: str) -> str:
    """`name` without what cannot be seen and what no letter bears, and with one space between words; empty when nothing
    is left to see.

    Joiners stay where a script needs them (RFC 5892, A.1 and A.2): after a virama, within Arabic script, in emoji.
    """
    shorter = _once(name)
    while shorter != name:  # what went has brought marks together that stood apart
        name, shorter = shorter, _once(shorter)
    return name


def _once(name: str) -> str:
    bare = _without_piles(unicodedata.normalize("NFC", name))
    kept = "".join(c for place, c in enumerate(bare) if not _is_hidden(c) or _joins(bare, place))
    words = unicodedata.normalize("NFC", " ".join(kept.split()))
    return words if any(unicodedata.category(c)[0] in "LNPS" for c in words) else ""


def _without_piles(text: str) -> str:
    """`text` with the first few marks on each letter. What is hidden between them makes no new pile."""
    kept, marks = [], 0
    for character in text:
        if not _is_hidden(character):
            marks = marks + 1 if unicodedata.category(character)[0] == "M" else 0
            if marks > MOST_MARKS:
                continue
        kept.append(character)
    return "".join(kept)


def _is_hidden(character: str) -> bool:
    """Controls, formats (directions and zero-width ones among them), what has no meaning, and blanks."""
    if character.isspace():
        return False
    category = unicodedata.category(character)
    # tags, of which flags are made, are formats: without them a black flag remains
    return category in ("Cc", "Cf", "Cn", "Co", "Cs") or character in _BLANKS


def _joins(text: str, place: int) -> bool:
    if text[place] not in (_ZERO_WIDTH_JOINER, _ZERO_WIDTH_NON_JOINER) or place == 0:
        return False
    before, after = text[place - 1], text[place + 1 : place + 2]
    if unicodedata.combining(before) == _VIRAMA:
        return True
    if text[place] == _ZERO_WIDTH_NON_JOINER:
        return bool(after) and unicodedata.bidirectional(before) == unicodedata.bidirectional(after) == "AL"
    is_emoji = unicodedata.category(before) in ("So", "Sk") or before == "\ufe0f"
    return is_emoji and bool(after) and unicodedata.category(after) == "So"
