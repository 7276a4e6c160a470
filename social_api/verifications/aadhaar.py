"""Finding Aadhaar numbers, so that none is ever kept: twelve digits, of which the last is a Verhoeff check digit.

What `holds_aadhaar` finds in the database is found here too, and a little more; here, so that the number does not even
travel there.
"""

from __future__ import annotations

import re
import unicodedata

# By their form these are known to be something else: an id, which is not all digits, and a time.
_UUID = r"(?=[0-9-]{0,35}[a-f])[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
_TIME = r"20[0-9]{2}-[01][0-9]-[0-3][0-9]t[0-2][0-9]:[0-5][0-9]:[0-6][0-9](?:[.][0-9]{1,6})?(?:z|[+-][0-9]{2}:[0-9]{2})"
_KNOWN = re.compile(rf"(?<![0-9a-z])(?:{_UUID}|{_TIME})(?![0-9a-z])")
# Digits next to a-f are part of a hash. Every place is tried: longer runs of digits may hold a number anywhere.
_RUN = re.compile(r"(?<![0-9a-f])(?=([0-9](?:[^0-9a-z]*[0-9]){11})(?![0-9a-f]))")
_STEP = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)
"""What Verhoeff's permutation does to a digit at each place further left."""


def holds_aadhaar(text: str) -> bool:
    """Whether `text` has an Aadhaar number in it: in digits of any script, with anything between them but letters."""
    return _has_number(text) or _has_number(unicodedata.normalize("NFKC", text))


def _has_number(text: str) -> bool:
    plain = _KNOWN.sub("x", "".join(map(_plain, text)).lower())
    return any(has_check_digit("".join(filter(str.isdecimal, run[1]))) for run in _RUN.finditer(plain))


def _plain(character: str) -> str:
    """The same in ASCII: a digit, any letter for a letter of another script, a space for what only separates."""
    if character.isascii():
        return character
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    return "z" if character.isalpha() else " "


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
