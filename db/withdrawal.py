"""What must follow when a post is deleted: what only passes it on goes too, a batch at a time."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Text, Uuid, bindparam, func, insert, literal, select

from db.engine import Statement, Transaction
from db.models import Post
from db.models.outbox import Outbox

TOPIC = "post.deleted"


async def announce(tx: Transaction, post: UUID, request_id: str | None = None) -> None:
    """Ask event_worker to delete what only passes on `post`, if anything does: in the transaction that deleted it, when
    it has, and in that of each batch.
    """
    await tx.execute(_ANNOUNCE, post=post, request_id=request_id)


_post = bindparam("post", type_=Uuid())
IS_PLAIN_REPOST = (Post.repost_of == _post, Post.caption.is_(None), Post.deleted_at.is_(None))
"""Of the post that the parameter `post` names."""
_ANNOUNCE = Statement(
    insert(Outbox).from_select(
        ["destination", "topic", "payload", "key", "request_id"],
        select(
            literal("event_worker"),
            literal(TOPIC),
            func.jsonb_build_object("post_id", _post),
            func.concat(f"{TOPIC} ", _post),  # one batch after another
            bindparam("request_id", type_=Text()),
        ).where(select(Post.id).where(*IS_PLAIN_REPOST).exists()),
    )
)
