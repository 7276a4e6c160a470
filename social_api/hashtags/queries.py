"""What hashtags ask of the database."""

from sqlalchemy import Integer, Text, Uuid, bindparam, select

from db.audience import can_view, is_published
from db.engine import Statement
from db.models import Post, PostHashtag

POSTS = Statement(
    select(PostHashtag.post_id.label("id"))
    .join(Post, Post.id == PostHashtag.post_id)
    .where(
        PostHashtag.hashtag == bindparam("hashtag", type_=Text()),
        PostHashtag.post_id < bindparam("before_id", type_=Uuid()),
        is_published(),
        can_view(),
    )
    .order_by(PostHashtag.post_id.desc())
    .limit(bindparam("limit", type_=Integer()))
)
