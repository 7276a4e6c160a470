"""What a good handle is, and that Keycloak's names always lead to one."""

from __future__ import annotations

from itertools import islice

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from db import handles


@pytest.mark.parametrize("name", ["abc", "a1b", "alice.writes", "a-b_c.d", "123", "x" * 30])
def test_a_good_name(name: str) -> None:
    assert handles.is_good(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "ab",
        "x" * 31,
        ".abc",
        "abc-",
        "a..b",
        "a._b",
        "Alice",
        "a b",
        "आलिया",
        "abc\n",
        "a@b",
        "ａｂｃ",
        "a\u200bbc",
    ],
)
def test_a_name_that_is_not_good(name: str) -> None:
    assert not handles.is_good(name)


@pytest.mark.parametrize("name", ["admin", "ad.min", "a-d-m-i-n", "meton", "support", "me", "api", "well-known"])
def test_a_name_for_nobody(name: str) -> None:
    assert handles.is_reserved(name)


@pytest.mark.parametrize("name", ["alice", "admina", "me2", "supporter"])
def test_a_name_for_somebody(name: str) -> None:
    assert not handles.is_reserved(name)


@pytest.mark.parametrize(
    ("username", "first", "second"),
    [
        ("alice", "alice", "alice2"),
        ("Admin", "admin2", "admin3"),
        ("a", "a10", "a11"),
        ("Ärger Alice@Home", "arger-alice-home", "arger-alice-home2"),
        ("नमस्ते", "person", "person2"),
        ("..a..b..", "a-b", "a-b2"),
        ("x" * 60, "x" * 29 + "2", "x" * 29 + "3"),
    ],
)
def test_what_keycloak_calls_somebody_is_made_to_fit(username: str, first: str, second: str) -> None:
    assert list(islice(handles.suggestions(username), 2)) == [first, second]


@given(st.text(max_size=80))
@example("0" * 27 + "1")
def test_every_name_leads_to_many_good_handles(username: str) -> None:
    found = list(islice(handles.suggestions(username), 120))
    assert all(handles.is_good(name) and not handles.is_reserved(name) for name in found)
    assert len(set(found)) == 120
