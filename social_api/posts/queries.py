"""What posts ask of the database."""

from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Integer,
    Text,
    Uuid,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import aliased

from db.audience import VIEWER, can_view, is_published, is_visible, may_reply
from db.engine import Statement
from db.models import Like, MediaItem, Poll, PollOption, PollVote, Post, PostMention, PostRevision, SavedPost, User
from social_api.media.queries import stored

_POST = bindparam("post", type_=Uuid())
_POSTS = bindparam("posts", type_=ARRAY(Uuid()))

IS_VISIBLE = Statement(select(exists().where(Post.id == _POST, can_view())))
IS_OUT = Statement(select(exists().where(Post.id == _POST, is_published(), can_view())))


def _array(select_: Any) -> ColumnElement[Any]:
    """All that a sub-select finds; of rows, tuples: cheaper to make and to read than JSON."""
    return func.array(select_.scalar_subquery())


_author, _named, _passed_on, _own_repost = aliased(User), aliased(User), aliased(Post), aliased(Post)
# A page and the posts that it passes on, each once: PostgreSQL sorts what it looks for in an index.
_wanted = func.array_cat(
    _POSTS,
    _array(
        select(_passed_on.repost_of).where(_passed_on.id == func.any(_POSTS), _passed_on.repost_of.is_not(None)),
    ),
)
_media = _array(select(stored()).where(MediaItem.post_id == Post.id))
_mentions = _array(
    select(func.row(_named.id, _named.connect_id))
    .join(PostMention, PostMention.user_id == _named.id)
    .where(PostMention.post_id == Post.id, or_(_named.id == VIEWER, is_visible(_named.id)))
)
# JSON, because asyncpg reads no arrays within rows that have no type of their own.
_options = (
    select(func.jsonb_agg(func.jsonb_build_array(PollOption.position, PollOption.text, PollOption.vote_count)))
    .where(PollOption.post_id == Poll.post_id)
    .scalar_subquery()
)
_choices = _array(select(PollVote.position).where(PollVote.post_id == Poll.post_id, PollVote.user_id == VIEWER))
_poll = (
    select(
        func.jsonb_build_array(
            Poll.multiple,
            Poll.closes_at,
            Poll.closes_at <= func.now(),
            Poll.voter_count,
            _options,
            func.to_jsonb(_choices),
        )
    )
    .where(Poll.post_id == Post.id)
    .scalar_subquery()
)
_liked = exists().where(Like.user_id == VIEWER, Like.target_type == "post", Like.target_id == Post.id)
_saved = exists().where(SavedPost.user_id == VIEWER, SavedPost.post_id == Post.id)
_reposted = exists().where(
    _own_repost.user_id == VIEWER,
    _own_repost.repost_of == Post.id,
    _own_repost.caption.is_(None),
    _own_repost.deleted_at.is_(None),
)


def told(post: Any = Post, author: Any = _author) -> tuple[ColumnElement[Any], ...]:
    """What a view tells of a post's own row and its author's."""
    return (
        post.id,
        post.user_id,
        post.type,
        post.caption,
        post.meta["language"].astext.label("language"),
        post.meta["location"].label("location"),
        post.visibility,
        post.audience_list_id,
        post.replies,
        post.draft,
        post.publish_at,
        post.created_at,
        post.published_at,
        is_published(post).label("is_out"),
        post.edited_at,
        post.revision,
        post.like_count,
        post.comment_count,
        post.view_count,
        post.repost_count,
        post.repost_of,
        author.connect_id,
        author.display_name,
        author.profile_pic_url,
        (author.verified_status == "verified").label("verified"),
    )


SHOW = Statement(
    select(
        *told(),
        _media.label("media"),
        case((func.strpos(Post.caption, "@") > 0, _mentions)).label("mentions"),
        _poll.label("poll"),
        _liked.label("liked"),
        _saved.label("saved"),
        _reposted.label("reposted"),
        may_reply().label("may_reply"),
    )
    .join(_author, _author.id == Post.user_id)
    .where(Post.id == func.any(_wanted), can_view())
)

# -- lists of ids, newest first ---------------------------------------------------------------------------------------

_LIMIT = bindparam("limit", type_=Integer())
_BEFORE_ID = bindparam("before_id", type_=Uuid())


def _newest(*conditions: ColumnElement[bool]) -> Statement:
    return Statement(select(Post.id).where(*conditions, Post.id < _BEFORE_ID).order_by(Post.id.desc()).limit(_LIMIT))


_PERSON: ColumnElement[UUID] = bindparam("person", type_=Uuid())
BY_PERSON = Statement(
    select(Post.id, Post.published_at)
    .where(
        Post.user_id == _PERSON,
        is_published(),
        can_view(author=_PERSON),
        tuple_(Post.published_at, Post.id) < tuple_(bindparam("before", type_=DateTime(timezone=True)), _BEFORE_ID),
    )
    .order_by(Post.published_at.desc(), Post.id.desc())
    .limit(_LIMIT)
)
_STATE = bindparam("state", type_=Text())
WAITING = _newest(
    Post.user_id == VIEWER,
    Post.published_at.is_(None),
    Post.deleted_at.is_(None),
    case((Post.draft, "draft"), (Post.publish_at.is_not(None), "scheduled"), else_="processing") == _STATE,
)
REPOSTS = _newest(Post.repost_of == _POST, is_published(), can_view())
MENTIONING = Statement(
    select(PostMention.post_id.label("id"))
    .join(Post, Post.id == PostMention.post_id)
    .where(PostMention.user_id == VIEWER, PostMention.post_id < _BEFORE_ID, is_published(), can_view())
    .order_by(PostMention.post_id.desc())
    .limit(_LIMIT)
)
_BELOW = bindparam("below", type_=Integer())


def whom_for() -> ColumnElement[Any]:
    """Whom a post is for, as its revisions remember it."""
    return func.jsonb_build_object("for", Post.visibility, "list", Post.audience_list_id, type_=JSONB())


_versions = union_all(
    select(
        Post.id,
        Post.revision,
        Post.caption,
        func.coalesce(Post.edited_at, Post.published_at, Post.created_at).label("written_at"),
        whom_for().label("whom_for"),
    ),
    select(
        PostRevision.post_id, PostRevision.revision, PostRevision.caption, PostRevision.written_at, PostRevision.meta
    ),
).subquery("versions")
_version = _versions.c
# What was said to some people is not for those to whom the post was opened later.
_was_for_viewer = or_(
    Post.user_id == VIEWER, _version.whom_for["for"].astext == "public", _version.whom_for.contains(whom_for())
)
REVISIONS = Statement(
    select(_version.revision, _version.caption, _version.written_at)
    .join(Post, Post.id == _version.id)
    .where(Post.id == _POST, can_view(), _was_for_viewer, _version.revision < _BELOW)
    .order_by(_version.revision.desc())
    .limit(_LIMIT)
)
