"""Finding Aadhaar numbers, so that none is ever kept: twelve digits, of which the last is a Verhoeff check digit.

What `holds_aadhaar` finds in the database is found here too, and a little more; here, so that the number does not even
travel there.
"""

from __future__ import annotations

import re
import unicodedata

_LENGTH = 12
_GAP = r"[\s\u2010-\u2015-]*"
# Digits next to a-f are part of a hash. Every place is tried: longer runs of spaced digits may hold one anywhere.
_RUN = re.compile(rf"(?<![0-9a-f])(?=([0-9](?:{_GAP}[0-9]){{{_LENGTH - 1}}})(?![0-9a-f]))")
_STEP = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)
"""What Verhoeff's permutation does to a digit at each place further left."""


def holds_aadhaar(text: str) -> bool:
    """Whether `text` has an Aadhaar number in it, in digits of any script, spaced or dashed."""
    plain = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text.lower())
    return any(has_check_digit("".join(filter(str.isdecimal, run[1]))) for run in _RUN.finditer(plain))


def has_check_digit(digits: str) -> bool:
    """Whether the last of `digits` is the Verhoeff check digit of the others."""
    check = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit)
        for _ in range(place % 8):
            value = _STEP[value]
        check = _product(check, value)
    return check == 0


def _product(one: int, other: int) -> int:
    """In the symmetries of a pentagon: 0 to 4 turn it, 5 to 9 turn it over."""
    turned = one + other if one < 5 else one - other
    return turned % 5 + (5 if (one < 5) != (other < 5) else 0)
