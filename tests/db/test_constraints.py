"""What PostgreSQL itself refuses, whoever asks."""

from __future__ import annotations

import asyncpg
import pytest

from tests.db.cast import befriend, person
from tests.support.clones import Clone

# Made up, with a right check digit: 2341 2341 2346 is the usual example.
AADHAAR = (
    "234123412346",
    "2341 2341 2346",
    "2341-2341-2346",
    "2341 - 2341 - 2346",
    "aadhaar:234123412346.",
    "id-234123412346",
    "१ २३४१ २३४१ २३४६",
    "२३४१२३४१२३४६",
    "99 2341 2341 2346 99",
    "1111 2341 2341 2346",
)
INNOCENT = (
    "234123412345",
    "2341234123466",
    "23412341234",
    "5994471abb01112afcc18159f6cc74b4f511b99806da59b3caf5a9c173cacfc5",
    "a234123412346b",
    "2026-11-22T18:15:39+00:00",
)


async def test_an_aadhaar_number_is_refused_in_verification_meta(database: Clone) -> None:
    await person(database, "alice")
    async with database.reading() as tx:
        for value in AADHAAR:
            for meta in ({"number": value}, {"deep": [{"er": value}]}, {value: 1}):
                with pytest.raises(asyncpg.CheckViolationError, match='"users_verification_meta_check"'):
                    await tx.connection.execute("UPDATE users SET verification_meta = $1", meta)


async def test_an_aadhaar_number_is_refused_as_a_json_number_too(database: Clone) -> None:
    await person(database, "alice")
    async with database.reading() as tx:
        with pytest.raises(asyncpg.CheckViolationError):
            await tx.connection.execute("UPDATE users SET verification_meta = $1", {"number": 234123412346})


async def test_what_is_no_aadhaar_number_may_stay(database: Clone) -> None:
    await person(database, "alice")
    async with database.reading() as tx:
        for value in INNOCENT:
            await tx.connection.execute("UPDATE users SET verification_meta = $1", {"provider": "p", "id": value})


async def test_every_wrong_check_digit_is_told_from_the_right_one(database: Clone) -> None:
    async with database.reading() as tx:
        holds = [
            await tx.connection.fetchval("SELECT holds_aadhaar($1)", {"n": f"23412341234{digit}"})
            for digit in range(10)
        ]
    assert holds == [digit == 6 for digit in range(10)]


REFUSED = (
    ("INSERT INTO follows (follower_id, followed_id) VALUES ($1, $1)", "follows_not_oneself_check"),
    ("INSERT INTO friend_requests (requester_id, receiver_id) VALUES ($1, $1)", "friend_requests_not_oneself_check"),
    ("INSERT INTO posts (user_id, visibility) VALUES ($1, 'everyone')", "posts_visibility_check"),
    ("INSERT INTO posts (user_id, type) VALUES ($1, 'poll')", "posts_type_check"),
    ("INSERT INTO posts (user_id, like_count) VALUES ($1, -1)", "posts_like_count_check"),
    ("INSERT INTO posts (user_id, type, caption) VALUES ($1, 'microblog', repeat('क', 501))", "posts_caption_check"),
    ("INSERT INTO posts (user_id, caption) VALUES ($1, repeat('x', 5001))", "posts_caption_check"),
    ("INSERT INTO media_items (user_id, storage_key, kind) VALUES ($1, 'k', 'pdf')", "media_items_kind_check"),
    ("INSERT INTO likes (user_id, target_type, target_id) VALUES ($1, 'user', $1)", "likes_target_type_check"),
    ("INSERT INTO groups (owner_id, name, visibility) VALUES ($1, 'g', 'friends')", "groups_visibility_check"),
    ("UPDATE users SET status = 'banned' WHERE id = $1", "users_status_check"),
    ("UPDATE users SET connect_id = 'Alice@meton' WHERE id = $1", "users_connect_id_check"),
    ("UPDATE users SET email = 'A@example.org' WHERE id = $1", "users_email_check"),
)


async def test_a_value_without_meaning_is_refused(database: Clone) -> None:
    alice = await person(database, "alice")
    async with database.reading() as tx:
        for sql, constraint in REFUSED:
            with pytest.raises(asyncpg.CheckViolationError, match=rf'"{constraint}"'):
                await tx.connection.execute(sql, alice)


async def test_a_microblog_of_500_hindi_letters_is_fine(database: Clone) -> None:
    alice = await person(database, "alice")
    async with database.reading() as tx:
        await tx.connection.execute(
            "INSERT INTO posts (user_id, type, caption) VALUES ($1, 'microblog', repeat('क', 500))", alice
        )


async def test_two_people_have_one_request_between_them(database: Clone) -> None:
    alice, bob = await person(database, "alice"), await person(database, "bob")
    await befriend(database, alice, bob, "pending")
    with pytest.raises(asyncpg.UniqueViolationError, match="idx_friend_req_pair"):
        await befriend(database, bob, alice, "pending")


async def test_there_is_one_identity_cursor(database: Clone) -> None:
    async with database.reading() as tx:
        assert await tx.connection.fetchval("SELECT count(*) FROM identity_cursor") == 1
        with pytest.raises(asyncpg.UniqueViolationError):
            await tx.connection.execute("INSERT INTO identity_cursor DEFAULT VALUES")
        with pytest.raises(asyncpg.CheckViolationError):
            await tx.connection.execute("INSERT INTO identity_cursor (one_row) VALUES (false)")
