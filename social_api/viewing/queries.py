"""What views of posts ask of the database."""

from sqlalchemy import Uuid, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert

from db.audience import VIEWER, can_view
from db.engine import Statement
from db.models import Post, PostView

_seen = (
    select(Post.id, VIEWER)
    .where(Post.id == func.any(bindparam("posts", type_=ARRAY(Uuid()))), Post.user_id != VIEWER, can_view())
    .order_by(Post.id)
)
_new = (
    insert(PostView)
    .from_select(["post_id", "viewer_id"], _seen)
    .on_conflict_do_nothing()
    .returning(PostView.post_id)
    .cte("new")
)
# In the order of ids, so that two people who see the same posts wait for each other and never for ever.
_locked = (
    select(Post.id)
    .join(_new, _new.c.post_id == Post.id)
    .order_by(Post.id)
    .with_for_update(key_share=True, of=Post)
    .cte("locked")
)
COUNT = Statement(update(Post).where(Post.id == _locked.c.id).values(view_count=Post.view_count + 1))
