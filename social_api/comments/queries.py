"""What comments ask of the database: one by one, and what changes them. `listing` has the lists.

Whatever moves the counts of a post or a thread holds the row of the post first, so on one post comments come and go one
after another, and each sees what those before it did. What a statement before that lock read may be out of date.
"""

from sqlalchemy import Text, Uuid, and_, bindparam, case, delete, exists, func, null, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by, insert
from sqlalchemy.orm import aliased

from db.audience import VIEWER, can_view, can_view_comment, is_published, is_visible, may_reply
from db.engine import Statement
from db.live import hears
from db.models import Comment, CommentMention, Like, Post, User
from social_api.posts.write_queries import named
from social_api.profiles.queries import summary

MOST_PINNED = 3

POST = bindparam("post", type_=Uuid())
COMMENT = bindparam("comment", type_=Uuid())
_TEXT = bindparam("text", type_=Text())

# -- making -----------------------------------------------------------------------------------------------------------

LOCK_POST = Statement(
    select(Post.user_id.label("author"), may_reply().label("may_reply"))
    .where(Post.id == POST, is_published(), can_view())
    .with_for_update(key_share=True, of=Post)
)
PARENT = Statement(
    select(Comment.user_id.label("writer"), func.coalesce(Comment.thread_id, Comment.id).label("thread"))
    .join(Post, Post.id == Comment.post_id)
    .where(Comment.id == COMMENT, Comment.post_id == POST, can_view_comment())
)
_THREAD = bindparam("thread", type_=Uuid())
INSERT = Statement(
    insert(Comment)
    .values(
        post_id=POST, user_id=VIEWER, parent_comment_id=bindparam("parent", type_=Uuid()), thread_id=_THREAD, text=_TEXT
    )
    .returning(Comment.id)
    .add_cte(
        update(Post).where(Post.id == POST).values(comment_count=Post.comment_count + 1).cte("on_post"),
        update(Comment).where(Comment.id == _THREAD).values(reply_count=Comment.reply_count + 1).cte("in_thread"),
    )
)

# -- changing ---------------------------------------------------------------------------------------------------------

CHANGE = Statement(
    update(Comment)
    .where(Comment.id == COMMENT, Comment.user_id == VIEWER, Comment.deleted_at.is_(None), Comment.text != _TEXT)
    .values(text=_TEXT, edited_at=func.now())
)
LOCK_POST_OF = Statement(
    select(
        Post.id.label("post"),
        Comment.user_id.label("writer"),
        (Comment.user_id == VIEWER).label("is_writer"),
        (Post.user_id == VIEWER).label("is_author"),
    )
    .join(Comment, Comment.post_id == Post.id)
    .where(Comment.id == COMMENT, can_view(), can_view_comment())
    .with_for_update(key_share=True, of=Post)
)
_gone = (
    update(Comment)
    .where(or_(Comment.id == COMMENT, Comment.thread_id == COMMENT), Comment.deleted_at.is_(None))
    .values(deleted_at=func.now(), pinned_at=null(), reply_count=0)
    .returning(Comment.id, Comment.post_id, Comment.thread_id)
    .cte("gone")
)
_how_many = select(func.count()).select_from(_gone).scalar_subquery()
DELETE = Statement(
    select(_how_many).add_cte(
        update(Post)
        .where(Post.id.in_(select(_gone.c.post_id)))
        .values(comment_count=Post.comment_count - _how_many)
        .cte("on_post"),
        update(Comment)
        .where(Comment.id == select(_gone.c.thread_id).where(_gone.c.id == COMMENT).scalar_subquery())
        .values(reply_count=Comment.reply_count - 1)
        .cte("in_thread"),
    )
)

# -- moderating -------------------------------------------------------------------------------------------------------

_is_meant = (Comment.id == COMMENT, Comment.deleted_at.is_(None))
_pinned = aliased(Comment)
_places_left = (
    select(func.count() < MOST_PINNED)
    .where(_pinned.post_id == Comment.post_id, _pinned.pinned_at.is_not(None), _pinned.deleted_at.is_(None))
    .correlate(Comment)
    .scalar_subquery()
)
PIN = Statement(
    update(Comment)
    .where(*_is_meant, Comment.thread_id.is_(None), Comment.hidden_at.is_(None), Comment.pinned_at.is_(None))
    .where(_places_left)
    .values(pinned_at=func.now())
)
PINNING = Statement(
    select(
        Comment.pinned_at.is_not(None).label("pinned"),
        and_(Comment.thread_id.is_(None), Comment.hidden_at.is_(None)).label("may_be"),
    ).where(*_is_meant)
)
UNPIN = Statement(update(Comment).where(*_is_meant, Comment.pinned_at.is_not(None)).values(pinned_at=null()))
# What most people do not see cannot stand above everything.
HIDE = Statement(
    update(Comment).where(*_is_meant, Comment.hidden_at.is_(None)).values(hidden_at=func.now(), pinned_at=null())
)
UNHIDE = Statement(update(Comment).where(*_is_meant, Comment.hidden_at.is_not(None)).values(hidden_at=null()))

# -- who is named, who is told ----------------------------------------------------------------------------------------

_people = named(bindparam("names", type_=ARRAY(Text())))
MENTION = Statement(
    insert(CommentMention)
    .from_select(["comment_id", "user_id"], _people.with_only_columns(COMMENT, User.id))
    .on_conflict_do_nothing()
    .returning(CommentMention.user_id)
)
UNMENTION = Statement(
    delete(CommentMention).where(CommentMention.comment_id == COMMENT, CommentMention.user_id.not_in(_people))
)
PEOPLE = bindparam("people", type_=ARRAY(Uuid()))
HEARERS = Statement(
    select(User.id, Comment.post_id)
    .join(Comment, Comment.id == COMMENT)
    .join(Post, Post.id == Comment.post_id)
    .where(User.id == func.any(PEOPLE), hears(User.id, VIEWER), can_view(User.id), can_view_comment(User.id))
)

# -- showing ----------------------------------------------------------------------------------------------------------

IS_VISIBLE = Statement(
    select(exists().where(Comment.id == COMMENT, Post.id == Comment.post_id, can_view(), can_view_comment()))
)

_writer, _named, _answered = aliased(User), aliased(User), aliased(Comment)
_mentions = (
    select(
        func.jsonb_agg(
            aggregate_order_by(func.jsonb_build_object("id", _named.id, "connect_id", _named.connect_id), _named.id)
        )
    )
    .join(CommentMention, CommentMention.user_id == _named.id)
    .where(CommentMention.comment_id == Comment.id, or_(_named.id == VIEWER, is_visible(_named.id)))
    .correlate(Comment)
    .scalar_subquery()
)
SHOW = Statement(
    select(
        Comment.id,
        Comment.post_id,
        case(
            (
                exists().where(_answered.id == Comment.parent_comment_id, can_view_comment(comment=_answered)),
                Comment.parent_comment_id,
            )
        ).label("parent_comment_id"),
        Comment.thread_id,
        summary(_writer).label("author"),
        Comment.text,
        func.coalesce(_mentions, func.jsonb_build_array()).label("mentions"),
        Comment.created_at,
        Comment.edited_at,
        Comment.like_count,
        Comment.reply_count,
        Comment.pinned_at.is_not(None).label("pinned"),
        Comment.hidden_at.is_not(None).label("hidden"),
        (Comment.user_id == VIEWER).label("is_writer"),
        (Post.user_id == VIEWER).label("is_author"),
        exists()
        .where(Like.user_id == VIEWER, Like.target_type == "comment", Like.target_id == Comment.id)
        .label("liked"),
    )
    .join(Post, Post.id == Comment.post_id)
    .join(_writer, _writer.id == Comment.user_id)
    .where(Comment.id == func.any(bindparam("comments", type_=ARRAY(Uuid()))), can_view(), can_view_comment())
)
