"""Names are shown as they are written: nothing hidden in them, and nothing taken from scripts that need it."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db import names


@pytest.mark.parametrize(
    "name",
    [
        "Alice",
        "आलिया शर्मा",
        "क्\u200dष",  # the joiner shows half a letter
        "राजेश्\u200cवर",
        "علی\u200cرضا",
        "O'Neil-Smith, Jr.",
        "👩\u200d💻 dev",
        "❤️\u200d🔥",
        "张伟",
    ],
)
def test_what_shows_stays(name: str) -> None:
    assert names.tidy(name) == unicodedata.normalize("NFC", name)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Ali\u200bce", "Alice"),
        ("A\u200dlice", "Alice"),
        ("Alice\u200c", "Alice"),
        ("\ufeffAlice\u00ad", "Alice"),
        ("Alice\u3164", "Alice"),
        ("  Alice \u00a0 A. ", "Alice A."),
        ("e\u0301", "é"),
        ("\u202eAlice", "Alice"),
        ("张\u200d伟", "张伟"),
        ("न\u200d", "न"),
    ],
)
def test_what_is_hidden_goes(name: str, shown: str) -> None:
    assert names.tidy(name) == shown


@pytest.mark.parametrize("name", ["", " ", "\u200b\u200d", "\u3164", "\u2800", "\u0301", "\u00ad\ufeff", "\u202e"])
def test_nothing_to_see_is_no_name(name: str) -> None:
    assert names.tidy(name) == ""


@given(st.text(max_size=100))
def test_a_tidy_name_is_tidy(name: str) -> None:
    once = names.tidy(name)
    assert names.tidy(once) == once
