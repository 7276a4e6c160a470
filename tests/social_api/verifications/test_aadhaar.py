"""Aadhaar numbers are found wherever they hide, and found alike by the API and by the database."""

from __future__ import annotations

import random

import pytest
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
        "2341.2341.2346",
        "2026-11-22T18:00:00Z",
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


async def test_the_database_finds_what_is_found_here(database: Clone) -> None:
    picks = random.Random(11)
    texts = ["".join(picks.choices("0123456789०१२३ -afz", k=picks.randint(10, 40))) for _ in range(5000)]
    texts += [" ".join(picks.choices("0123456789", k=12)) for _ in range(500)]
    async with database.reading() as tx:
        rows = await tx.rows(FOUND, texts=texts)
    assert [row["text"] for row in rows if row["found"] != holds_aadhaar(row["text"])] == []
    assert 50 < sum(row["found"] for row in rows) < len(texts) - 50
