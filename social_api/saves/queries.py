"""What saved posts ask of the database."""

from sqlalchemy import Integer, Uuid, bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from db.audience import VIEWER, can_view, is_published
from db.engine import Statement
from db.models import Post, SavedPost

_POST = bindparam("post", type_=Uuid())

SAVE = Statement(
    insert(SavedPost)
    .from_select(["user_id", "post_id"], select(VIEWER, Post.id).where(Post.id == _POST, is_published(), can_view()))
    .on_conflict_do_nothing()
)
UNSAVE = Statement(delete(SavedPost).where(SavedPost.user_id == VIEWER, SavedPost.post_id == _POST))
LIST = Statement(
    select(SavedPost.id, SavedPost.post_id)
    .join(Post, Post.id == SavedPost.post_id)
    .where(SavedPost.user_id == VIEWER, SavedPost.id < bindparam("before", type_=Uuid()), can_view())
    .order_by(SavedPost.id.desc())
    .limit(bindparam("limit", type_=Integer()))
)
