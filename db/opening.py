"""What must follow when a private account is opened: whoever waits for its approval is let in, a batch at a time."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Text, Uuid, bindparam, func, insert, literal, select

from db.engine import Statement, Transaction
from db.models import FollowRequest
from db.models.outbox import Outbox

TOPIC = "account.opened"


async def announce(tx: Transaction, person: UUID, request_id: str | None = None) -> None:
    """Ask event_worker to let in who waits for the account of `person`, if anybody does: in the transaction that opened
    it, and in that of each batch.
    """
    await tx.execute(_ANNOUNCE, person=person, request_id=request_id)


_person = bindparam("person", type_=Uuid())
_ANNOUNCE = Statement(
    insert(Outbox).from_select(
        ["destination", "topic", "payload", "key", "request_id"],
        select(
            literal("event_worker"),
            literal(TOPIC),
            func.jsonb_build_object("user_id", _person),
            func.concat(f"{TOPIC} ", _person),  # one batch after another
            bindparam("request_id", type_=Text()),
        ).where(select(FollowRequest.id).where(FollowRequest.followed_id == _person).exists()),
    )
)
