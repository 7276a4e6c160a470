"""Topic `account.opened`: whoever waits for the approval of an account that is no longer private follows it.

A batch at a time, each with an outbox row that asks for the next one: a hundred thousand may wait, and after a kill no
more than the batch it fell into is done again. Making the account private again ends it.
"""

from __future__ import annotations

from uuid import UUID

import msgspec
from sqlalchemy import Integer, Uuid, bindparam, delete, select
from sqlalchemy.dialects import postgresql

from db import live, opening
from db.engine import Statement
from db.models import Follow, FollowRequest, User
from event_worker.tasks import Task

BATCH = 500


class Opening(msgspec.Struct):
    """The payload of an outbox row of topic `account.opened`; see db.opening."""

    user_id: UUID


async def let_in(task: Task) -> None:
    """The effect of topic `account.opened`."""
    person, request_id = msgspec.convert(task.entry.payload, Opening).user_id, task.entry.request_id
    async with task.finishing() as tx:
        connect_id = await tx.value(_OPEN, person=person)
        if connect_id is None:
            return  # it is private again
        followers = [row["follower_id"] for row in await tx.rows(_LET_IN, person=person, limit=BATCH)]
        hearers = await live.hearers(tx, person, followers)
        await live.emit(tx, "follow.approved", hearers, {"connect_id": connect_id}, request_id=request_id)
        await opening.announce(tx, person, request_id)


_person = bindparam("person", type_=Uuid())

# Locked, so that whoever makes it private again has, from the answer on, let nobody in.
_OPEN = Statement(select(User.connect_id).where(User.id == _person, ~User.is_private).with_for_update(read=True))

# The request first, as everybody does who ends one: of two the second waits here and finds it gone. That stands for the
# locks of db.pairs, of which a transaction takes only one.
_oldest = (
    select(FollowRequest.id)
    .where(FollowRequest.followed_id == _person)
    .order_by(FollowRequest.id)
    .limit(bindparam("limit", type_=Integer()))
    .cte("oldest")
)
_asked = delete(FollowRequest).where(FollowRequest.id == _oldest.c.id).returning(FollowRequest.follower_id).cte("asked")
_LET_IN = Statement(
    postgresql.insert(Follow)
    .from_select(["follower_id", "followed_id"], select(_asked.c.follower_id, _person))
    .on_conflict_do_nothing()
    .returning(Follow.follower_id)
)
