"""How people stand to each other, put straight into the database: for tests of what follows from it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Text, bindparam, cast, func, insert, select, update

from db.engine import Statement
from db.models import Block, Follow, FollowRequest, FriendRequest, Mute, User
from tests.support.clones import Clone

_number = cast(func.generate_series(1, bindparam("many", type_=Integer())).column_valued("number"), Text)
_CROWD = Statement(
    insert(User)
    .from_select(["subject", "connect_id", "display_name"], select(_number, _number, _number))
    .returning(User.id)
)


async def _add(database: Clone, table: type[Any], **columns: Any) -> None:
    async with database.transaction() as tx:
        await tx.execute(Statement(insert(table).values(columns)))


async def follow(database: Clone, follower: UUID, followed: UUID) -> None:
    """`follower` follows `followed`, approved or not needing it."""
    await _add(database, Follow, follower_id=follower, followed_id=followed)


async def request_follow(database: Clone, follower: UUID, followed: UUID) -> None:
    """`follower` waits for the approval of `followed`."""
    await _add(database, FollowRequest, follower_id=follower, followed_id=followed)


async def friends(database: Clone, requester: UUID, receiver: UUID, status: str = "accepted") -> None:
    """The request between the two has come to `status`."""
    await _add(database, FriendRequest, requester_id=requester, receiver_id=receiver, status=status)


async def block(database: Clone, blocker: UUID, blocked: UUID) -> None:
    """`blocker` has blocked `blocked`; what was between them stays, so that only the block can hide it."""
    await _add(database, Block, blocker_id=blocker, blocked_id=blocked)


async def mute(database: Clone, muter: UUID, muted: UUID, **columns: Any) -> None:
    """`muter` has muted `muted`."""
    await _add(database, Mute, muter_id=muter, muted_id=muted, **columns)


async def crowd(database: Clone, many: int) -> list[UUID]:
    """So many people."""
    async with database.transaction() as tx:
        return [row["id"] for row in await tx.rows(_CROWD, many=many)]


async def change(database: Clone, person: UUID, **columns: Any) -> None:
    """Change a person's row: `is_private=True`, `settings={…}`."""
    async with database.transaction() as tx:
        await tx.execute(Statement(update(User).where(User.id == person).values(columns)))
