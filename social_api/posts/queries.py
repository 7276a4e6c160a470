"""What posts ask of the database."""

from sqlalchemy import Boolean, Integer, Text, Uuid, bindparam, case, exists, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, aggregate_order_by, insert
from sqlalchemy.orm import aliased

from db.audience import VIEWER, can_view
from db.engine import Statement
from db.models import Like, MediaItem, Post, User
from social_api.media.queries import stored
from social_api.profiles.queries import summary

_POST = bindparam("post", type_=Uuid())
_POSTS = bindparam("posts", type_=ARRAY(Uuid()))
_MEDIA = bindparam("media", type_=ARRAY(Uuid()))

# In the order of ids, so that two posts that want the same files wait for each other and never for ever.
LOCK_MEDIA = Statement(
    select(
        MediaItem.id,
        MediaItem.kind,
        MediaItem.transcoding_status,
        MediaItem.failure,
        MediaItem.duration_sec,
    )
    .where(MediaItem.id == func.any(_MEDIA), MediaItem.user_id == VIEWER, MediaItem.post_id.is_(None))
    .order_by(MediaItem.id)
    .with_for_update()
)
INSERT = Statement(
    insert(Post)
    .values(
        user_id=VIEWER,
        type=bindparam("type", type_=Text()),
        caption=bindparam("caption", type_=Text()),
        visibility=bindparam("visibility", type_=Text()),
        meta=bindparam("meta", type_=JSONB()),
        published_at=case((bindparam("publish", type_=Boolean()), func.now())),
    )
    .returning(Post.id)
)
_order = func.unnest(_MEDIA).table_valued("id", with_ordinality="place", name="chosen").render_derived()
ATTACH = Statement(
    update(MediaItem).where(MediaItem.id == _order.c.id).values(post_id=_POST, position=_order.c.place.cast(Integer))
)
DELETE = Statement(
    update(Post)
    .where(Post.id == _POST, Post.user_id == VIEWER, Post.deleted_at.is_(None))
    .values(deleted_at=func.now())
)
IS_VISIBLE = Statement(select(exists().where(Post.id == _POST, can_view())))

_author = aliased(User)
_media = (
    select(func.jsonb_agg(aggregate_order_by(stored(), MediaItem.position)))
    .where(MediaItem.post_id == Post.id)
    .scalar_subquery()
)
SHOW = Statement(
    select(
        Post.id,
        Post.type,
        Post.caption,
        Post.meta["language"].astext.label("language"),
        Post.visibility,
        Post.created_at,
        Post.published_at,
        Post.like_count,
        Post.comment_count,
        Post.view_count,
        summary(_author).label("author"),
        func.coalesce(_media, func.jsonb_build_array()).label("media"),
        (Post.user_id == VIEWER).label("is_author"),
        exists().where(Like.user_id == VIEWER, Like.target_type == "post", Like.target_id == Post.id).label("liked"),
    )
    .join(_author, _author.id == Post.user_id)
    .where(Post.id == func.any(_POSTS), can_view())
)
