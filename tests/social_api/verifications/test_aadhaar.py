"""Aadhaar numbers are found wherever they hide, and found alike by the API and by the database."""

from __future__ import annotations

import random
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY, TEXT

from db.engine import Statement
from social_api.verifications.aadhaar import has_check_digit, holds_aadhaar
from tests.support.clones import Clone

NUMBER = "234123412346"
_text = func.unnest(bindparam("texts", type_=ARRAY(TEXT()))).column_valued("text")
FOUND = Statement(select(_text, func.holds_aadhaar(func.to_jsonb(_text)).label("found")))


@pytest.mark.parametrize(
    "text",
    [
        NUMBER,
        "2341 2341 2346",
        "2341-2341-2346",
        "2 3 4 1 2 3 4 1 2 3 4 6",
        "2341\u00a02341\u20132346",
        "२३४१ २३४१ २३४६",
        "２３４１２３４１２３４６",
        f"my number is {NUMBER}, thank you",
        f"[{NUMBER}]",
        f"99 {NUMBER}",
        f"x{NUMBER}y",
        "2341.2341.2346",
        "2341_2341/2346",
        "2341\u200b2341\u00ad2346",
        "2.3.4.1.2.3.4.1.2.3.4.6",
        "(2341) #2341 + 2346",
        "२३४१\u00a0·\u00a0२३४१\u200d|\u200d२३४६",
        "2341\t2341\n2346",
        "②③④①②③④①②③④⑥",
        f"550e8400-{NUMBER}",
        "23412341-2346-4000-8000-000000000000",
        "23412341-2346-4000-8000-000000000000-a",
    ],
)
def test_a_number_is_found(text: str) -> None:
    assert holds_aadhaar(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "234123412347",
        NUMBER[:-1],
        f"a{NUMBER}",
        f"{NUMBER}f",
        "2341 and 2341 or 2346",
        "2341 मेरा 2341 और 2346",
        "2026-11-22T18:00:00Z",
        "2026-11-22T23:41:23.412346+05:30",
        "550e8400-e29b-41d4-a716-234123412346",
        "in.gov-42",
    ],
)
def test_what_is_none_is_let_through(text: str) -> None:
    assert not holds_aadhaar(text)


def test_each_number_has_one_check_digit_and_finds_each_slip() -> None:
    for start in random.Random(7).sample(range(10**10, 10**11), 200):
        [good] = [f"{start}{digit}" for digit in range(10) if has_check_digit(f"{start}{digit}")]
        for place in range(11):
            if good[place] != good[place + 1]:
                swapped = good[:place] + good[place + 1] + good[place] + good[place + 2 :]
                assert not has_check_digit(swapped), (good, swapped)


SEPARATOR = st.text(
    st.characters(exclude_categories=("L", "N", "M", "Cs"), exclude_characters="\0")
    | st.sampled_from(" ._-/\u200b\u00a0"),
    max_size=3,
)
ZEROS = st.sampled_from("0०০٠０𝟎")


@given(st.lists(SEPARATOR, min_size=11, max_size=11), st.lists(ZEROS, min_size=12, max_size=12))
def test_nothing_between_its_digits_hides_a_number(gaps: list[str], zeros: list[str]) -> None:
    digits = [chr(ord(zero) + int(digit)) for zero, digit in zip(zeros, NUMBER, strict=True)]
    assert holds_aadhaar("".join(digit + gap for digit, gap in zip(digits, [*gaps, ""], strict=True)))


@given(st.uuids(version=4) | st.uuids(version=5), st.binary(min_size=7, max_size=64))
@example(UUID("550e8400-e29b-41d4-a716-234123412346"), bytes.fromhex("ab234123412346"))
def test_the_ids_that_providers_give_are_let_through(id_: UUID, random: bytes) -> None:
    for token in (str(id_), id_.urn, f"in.gov.digilocker-{id_}", id_.hex, random.hex(), f"sha256:{random.hex()}"):
        assert not holds_aadhaar(token), token


async def test_the_database_finds_what_is_found_here(database: Clone) -> None:
    picks = random.Random(11)
    texts = [
        "".join(picks.choices('0123456789०१٣３ -._/:\u200b\n\\"afzम', k=picks.randint(10, 40))) for _ in range(5000)
    ]
    texts += [picks.choice(" .·\u00a0").join(picks.choices("0123456789", k=12)) for _ in range(500)]
    texts += [str(UUID(int=picks.getrandbits(128), version=4)) for _ in range(500)]
    texts += [f"23412341-2346-4000-8000-00000000000{end}" for end in ("0", "0-a", "a", "0a")]
    async with database.reading() as tx:
        rows = await tx.rows(FOUND, texts=texts)
    assert [row["text"] for row in rows if row["found"] != holds_aadhaar(row["text"])] == []
    assert 50 < sum(row["found"] for row in rows) < len(texts) - 50


async def test_what_the_database_refuses_the_api_has_refused_before(database: Clone) -> None:
    characters = [chr(code) for code in range(1, 0x20000, 11) if not 0xD800 <= code < 0xE000]
    texts = [f"2341{character}2341{character}2346" for character in characters]
    async with database.reading() as tx:
        rows = await tx.rows(FOUND, texts=texts)
    assert [row["text"] for row in rows if row["found"] and not holds_aadhaar(row["text"])] == []
    assert sum(row["found"] for row in rows) > 500
