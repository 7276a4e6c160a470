"""can_view, as a table of cases."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from sqlalchemy import bindparam, select

from db.audience import can_view
from db.engine import Statement
from db.models import Post
from tests.db.cast import broken_off, person
from tests.support.clones import Clone

SEES = Statement(select(can_view()).select_from(Post).where(Post.id == bindparam("post_id")))


@dataclass(frozen=True)
class Case:
    """A post by alice, and which of alice, bob and charlie (a stranger) see it."""

    name: str
    sees: str
    visibility: str = "public"
    state: str = ""
    author: str = "active"
    request: str = "accepted"


CASES = (
    Case("a public post is for everyone", "alice bob charlie"),
    Case("a friends' post is for friends", "alice bob", "friends"),
    Case("asking to be friends is not being friends", "alice", "friends", request="pending"),
    Case("a rejected request is no friendship", "alice", "friends", request="rejected"),
    Case("a withdrawn request is no friendship", "alice", "friends", request="withdrawn"),
    Case("a visibility without a rule is the author's alone (closefriends)", "alice", "closefriends"),
    Case("a visibility without a rule is the author's alone (custom)", "alice", "custom"),
    Case("a post that waits for its media is the author's alone", "alice", state="published_at = NULL"),
    Case("a removed post is the author's alone", "alice", state="removed_at = now()"),
    Case("a deleted post is nobody's", "", state="deleted_at = now()"),
    Case("a deleted friends' post is nobody's", "", "friends", state="deleted_at = now()"),
    Case("a suspended author's posts are invisible", "alice", author="suspended"),
    Case("a deactivated author's posts are invisible", "alice", author="deactivated"),
    Case("an erased author's posts are invisible to friends too", "alice", "friends", author="erased"),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_who_sees_a_post(database: Clone, case: Case) -> None:
    cast = {name: await person(database, name) for name in ("alice", "bob", "charlie")}
    for asks, asked in (("alice", "bob"), ("bob", "alice")):
        async with broken_off(database) as tx:
            await tx.connection.execute(
                "INSERT INTO friend_requests (requester_id, receiver_id, status) VALUES ($1, $2, $3)",
                cast[asks],
                cast[asked],
                case.request,
            )
            post_id = await tx.connection.fetchval(
                "INSERT INTO posts (user_id, visibility, published_at) VALUES ($1, $2, now()) RETURNING id",
                cast["alice"],
                case.visibility,
            )
            if case.state:
                await tx.connection.execute(f"UPDATE posts SET {case.state}")  # noqa: S608 - from the table above
            await tx.connection.execute("UPDATE users SET status = $1 WHERE id = $2", case.author, cast["alice"])
            seen_by = [name for name in cast if await tx.value(SEES, viewer=cast[name], post_id=post_id)]
        assert seen_by == case.sees.split()
