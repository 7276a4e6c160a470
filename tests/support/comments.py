"""Comments as steps of a test, and whether their counts are those of the rows."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from db.engine import Statement
from db.models import Comment, Post
from tests.support.api import Api
from tests.support.clones import Clone

_reply = aliased(Comment)
_on_post = (
    select(func.count())
    .where(Comment.post_id == Post.id, Comment.deleted_at.is_(None))
    .correlate(Post)
    .scalar_subquery()
)
_in_thread = (
    select(func.count())
    .where(_reply.thread_id == Comment.id, _reply.deleted_at.is_(None))
    .correlate(Comment)
    .scalar_subquery()
)
_POSTS = Statement(select(func.count()).select_from(Post).where(Post.comment_count != _on_post))
_THREADS = Statement(select(func.count()).select_from(Comment).where(Comment.reply_count != _in_thread))


async def write(author: Api, **fields: Any) -> str:
    """The id of a new post."""
    return str((await author.post("/v1/posts", {"caption": "x", **fields}))["id"])


async def comment(person: Api, post: str, text: str = "x", parent: str | None = None) -> str:
    """The id of a new comment."""
    body = {"text": text, "parent_comment_id": parent}
    return str((await person.post(f"/v1/posts/{post}/comments", body))["id"])


async def texts(person: Api, path: str) -> list[str]:
    """What the comments of a list say, `path` with its query."""
    return [each["text"] for each in (await person.get(path))["items"]]


async def are_exact(database: Clone) -> bool:
    """Whether each post and each thread counts the comments that are there."""
    async with database.reading() as tx:
        return bool(await tx.value(_POSTS) == await tx.value(_THREADS) == 0)
