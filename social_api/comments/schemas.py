"""Comments on the wire."""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from social_api.moments import Moment
from social_api.posts.schemas import Mention
from social_api.profiles.schemas import PersonSummary

CommentText = Annotated[str, Meta(min_length=1, max_length=2000, pattern=r"^[^\u0000]*$", examples=["बहुत सुंदर, @bob!"])]
Sort = Literal["top", "newest", "oldest"]


class NewComment(Struct, frozen=True, forbid_unknown_fields=True):
    """A comment to make. `parent_comment_id` is the comment on the same post that it answers."""

    text: CommentText
    parent_comment_id: UUID | None = None


class CommentChange(Struct, frozen=True, forbid_unknown_fields=True):
    """What the comment says from now on."""

    text: CommentText


class CommentOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """How to order comments: `top` is the most liked first, and of equals the newest."""

    sort: Sort = "top"


class CommentCounts(Struct, frozen=True):
    """What the comment got so far. `replies` counts all of a thread, and is 0 on an answer."""

    likes: int
    replies: int


class CommentViewer(Struct, frozen=True):
    """How the comment stands to the one who looks, and what they may do with it. `author` says that they wrote it."""

    author: bool
    liked: bool
    may_delete: bool
    may_hide: bool
    may_pin: bool


class CommentView(Struct, frozen=True):
    """A comment. `thread_id` is the comment at the head of its thread, null on that one; `parent_comment_id` is what it
    answers, null when that is not there for the viewer.

    A hidden comment is seen by its writer and the post's author alone.
    """

    id: UUID
    post_id: UUID
    parent_comment_id: UUID | None
    thread_id: UUID | None
    author: PersonSummary
    text: str
    mentions: list[Mention]
    created_at: Moment
    edited_at: Moment | None
    counts: CommentCounts
    pinned: bool
    hidden: bool
    viewer: CommentViewer


class ThreadView(CommentView, frozen=True):
    """A comment at the head of a thread, with the newest replies, oldest of them first."""

    latest_replies: list[CommentView]
