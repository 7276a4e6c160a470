"""What likes ask of the database.

A like and its count change in one statement: the unique row settles every race, and only who made it or took it away
moves the count. So it is exact whatever happens at once.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Integer, Select, Uuid, bindparam, delete, exists, literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from db.audience import VIEWER, can_view, can_view_comment, is_published, is_visible
from db.engine import Statement
from db.models import Comment, Like, Post, User
from social_api.profiles.queries import summary

_TARGET = bindparam("target", type_=Uuid())
_LIKER = aliased(User)


@dataclass(frozen=True, slots=True)
class Likes:
    """The statements about the likes of one kind of thing. All but `listing` give no row for what the viewer may not
    see, and those about one's own like none for what is not out.
    """

    is_visible: Statement
    add: Statement
    remove: Statement
    state: Statement
    listing: Statement


def _likes_of(kind: str, liked: type[Post] | type[Comment], seen: Select[UUID]) -> Likes:
    """`seen` selects from `liked` the one that is meant, if the viewer may see it."""
    out = seen.where(is_published())
    added = (
        insert(Like)
        .from_select(["user_id", "target_type", "target_id"], out.with_only_columns(VIEWER, literal(kind), liked.id))
        .on_conflict_do_nothing()
        .returning(Like.target_id)
        .cte("added")
    )
    of_target = (Like.target_type == kind, Like.target_id == _TARGET)
    removed = (
        delete(Like)
        .where(Like.user_id == VIEWER, *of_target, out.with_only_columns(liked.id).exists())
        .returning(Like.target_id)
        .cte("removed")
    )
    count = liked.like_count
    return Likes(
        is_visible=Statement(select(seen.exists())),
        add=Statement(
            update(liked)
            .where(liked.id == added.c.target_id)
            .values(like_count=count + 1)
            .returning(liked.user_id.label("author"), count.label("likes"))
        ),
        remove=Statement(
            update(liked).where(liked.id == removed.c.target_id).values(like_count=count - 1).returning(count)
        ),
        state=Statement(
            out.with_only_columns(
                count.label("likes"), exists().where(Like.user_id == VIEWER, *of_target).label("liked")
            )
        ),
        listing=Statement(
            select(Like.id, summary(_LIKER).label("person"))
            .join(_LIKER, _LIKER.id == Like.user_id)
            .where(*of_target, is_visible(Like.user_id), Like.id < bindparam("before", type_=Uuid()))
            .order_by(Like.id.desc())
            .limit(bindparam("limit", type_=Integer()))
        ),
    )


POST = _likes_of("post", Post, select(Post.id).where(Post.id == _TARGET, can_view()))
COMMENT = _likes_of(
    "comment",
    Comment,
    select(Comment.id)
    .join(Post, Post.id == Comment.post_id)
    .where(Comment.id == _TARGET, can_view(), can_view_comment()),
)
