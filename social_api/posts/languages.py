"""Which language a text is in (docs/decisions/language-detection.md)."""

from __future__ import annotations

import re

from gcld3 import NNetLanguageIdentifier

from social_api.posts.text import without_names

_LONGEST = 1000
"""Bytes that are looked at: enough to be sure."""
_SURE = 0.7
_LETTERS_NEEDED = 8
_SIGNS_OF_HINDI = re.compile("[\u0900-\u0963\u0970-\u097f]")
_LETTER = re.compile(r"[^\W\d_]")
_NEWER_CODES = {"iw": "he", "jw": "jv", "in": "id", "mo": "ro"}

_identifier = NNetLanguageIdentifier(min_num_bytes=0, max_num_bytes=_LONGEST)


def language_of(text: str | None, otherwise: str) -> str:
    """The language of `text` as a tag of BCP 47; `otherwise` when it is too short to tell."""
    words = without_names(text or "")
    letters = len(_LETTER.findall(words))
    if letters >= _LETTERS_NEEDED:
        found = _identifier.FindLanguage(words)
        if found.is_reliable and found.probability >= _SURE:
            language = str(found.language)
            return _NEWER_CODES.get(language, language)
    # of the languages in this script, far most people here write Hindi
    return "hi" if 2 * len(_SIGNS_OF_HINDI.findall(words)) > letters else otherwise
