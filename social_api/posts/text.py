"""What stands in a text beside its words: hashtags and mentions, in any script."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

from db import handles

MOST_HASHTAGS = 30
MOST_MENTIONS = 20
LONGEST_HASHTAG = 100

_SIGNS = "#\uff03"
"""The second is as wide as a Chinese character."""
_JOINERS = "\u200c\u200d"
"""Of no width, they shape the letters of Indic and Arabic scripts."""
# `re` knows letters and digits, but not the marks without which Devanagari has no vowels
_MARKS = "".join(sign for sign in map(chr, range(0x300, 0x20000)) if unicodedata.category(sign)[0] == "M")

_WORD = rf"[\w{_MARKS}{_JOINERS}]"
_SIGN = re.compile(f"[{_SIGNS}]")
_HASHTAG = re.compile(f"{_WORD}+")
# in the middle of a word, in an entity of HTML, the fragment of an address
_INSIDE = re.compile(rf"{_WORD}|[&/]")
# with an end to how long a scheme can be: else each of many words "a.a.a…" would be looked through to the end
_ADDRESS = re.compile(r"\b(?:[a-z][a-z0-9+.-]{0,30}://|www\.)\S+", re.IGNORECASE)
# not in the middle of an e-mail address, and not the handle of another server
_MENTION = re.compile(
    rf"(?<![\w@/.])@({handles.PATTERN})(?:@{handles.DOMAIN}(?!\.\w))?(?![^\W_]|@)",
)


def hashtags(text: str | None) -> Sequence[str]:
    """The hashtags of a text, folded, each once, in the order they stand in."""
    return _found(text) if text and ("#" in text or "\uff03" in text) else ()


@lru_cache(maxsize=1024)  # the newest posts are read over and over
def _found(text: str) -> Sequence[str]:
    return tuple(dict.fromkeys(_hashtags(text)))[:MOST_HASHTAGS]


def fold(word: str) -> str | None:
    """A hashtag, with its sign or without, as it is stored and looked for; None for what cannot be one.

    What looks and means the same is the same: compatibility forms, upper and lower case, joiners.
    """
    folded = word.lstrip(_SIGNS)
    for _ in range(2):  # lower case may decompose a letter, whose compatibility form is upper case
        folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", folded).casefold())
    folded = "".join(sign for sign in folded if sign not in _JOINERS)
    is_one = len(folded) <= LONGEST_HASHTAG and _HASHTAG.fullmatch(folded) and any(map(str.isalpha, folded))
    return folded if is_one else None


def mentions(text: str | None) -> list[str]:
    """The handles that a text names, each once, in order of appearance; whether there are such people is not said."""
    if not text or "@" not in text:
        return []
    named = (match[1] for match in _MENTION.finditer(text.lower()))
    return list(dict.fromkeys(handles.connect_id_of(name) for name in named))[:MOST_MENTIONS]


def without_names(text: str) -> str:
    """The words of a text without addresses, mentions and the signs of hashtags, which are in no language."""
    return _SIGN.sub("", _MENTION.sub(" ", _ADDRESS.sub(" ", text)))


def _hashtags(text: str) -> Iterator[str]:
    end = 0
    for sign in _SIGN.finditer(_ADDRESS.sub(" ", text)):
        # one hashtag may follow another without a space
        if end != sign.start() > 0 and _INSIDE.match(sign.string, sign.start() - 1):
            continue
        found = _HASHTAG.match(sign.string, sign.end())
        if found is not None:
            end = found.end()
            if (hashtag := fold(found[0])) is not None:
                yield hashtag
