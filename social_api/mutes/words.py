"""Muted words: how they are written, and what they match.

A word matches as a whole and in any case. PostgreSQL's own idea of where a word ends will not do: to it the vowel signs
of Hindi are no letters, so that कल would be found in कला.
"""

import re
import unicodedata

from social_api.problems import Invalid, Text

LONGEST = 50
"""Characters."""

# Beside letters and digits: all of India's scripts, with the signs that stand with a letter, but not । and ॥, which end
# a sentence; accents on their own; joiners.
_PART_OF_WORD = "[[:alnum:]_\u0300-\u036f\u0900-\u0963\u0966-\u0dff\u200c\u200d]"
EDGE = f"(?:(?<!{_PART_OF_WORD})|(?!{_PART_OF_WORD}))"
"""What stands on either side of `pattern`: no place between two parts of a word.

So an end of the word that is no letter, such as that of c++, needs nothing beside it. Once around all words: with an
edge of its own at each, PostgreSQL took ten times as long to compile two hundred of them.
"""
# क़ to य़ are one character of some keyboards and two of others: Unicode's normal form is the one of two.
_ONE_CHARACTER = {unicodedata.normalize("NFC", chr(letter)): chr(letter) for letter in range(0x958, 0x960)}


def fold(word: str) -> str:
    """The word as it is kept: NFKC, lower case, one space for any; raises Invalid when nothing is left or too much."""
    folded = " ".join(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", word).lower()).split())
    if not 1 <= len(folded) <= LONGEST:
        raise Invalid(("word", Text(f"1 to {LONGEST} characters.", f"1 से {LONGEST} अक्षर।")))
    return folded


def pattern(folded: str) -> str:
    """What of a regular expression of PostgreSQL finds the word between two EDGEs; several may be joined with `|`."""
    return f"(?:{'|'.join(_literal(form) for form in _forms(folded))})"


def _forms(folded: str) -> dict[str, None]:
    """The same word as different keyboards write it."""
    joined = folded
    for two, one in _ONE_CHARACTER.items():
        joined = joined.replace(two, one)
    return dict.fromkeys((folded, unicodedata.normalize("NFD", folded), joined))


def _literal(form: str) -> str:
    # every character that could mean something is escaped, the same ones as in Python
    return re.escape(form).replace("\\ ", "\\s+")
