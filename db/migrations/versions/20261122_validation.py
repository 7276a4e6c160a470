"""The rules that the migrations before this one added are checked against rows that were there already.

A migration of its own, since checking takes time and here holds up nobody, unlike adding a rule.
"""

from alembic import op

revision = "20261122_validation"
down_revision = "20261122_sign_ins"
branch_labels = None
depends_on = None

_ADDED = (
    ("users", "users_cover_id_fkey"),
    ("users", "users_avatar_id_fkey"),
    ("media_items", "media_items_is_picture_check"),
    ("posts", "posts_replies_check"),
    ("posts", "posts_audience_list_check"),
    ("posts", "posts_draft_check"),
    ("posts", "posts_repost_count_check"),
    ("posts", "posts_audience_list_id_fkey"),
    ("posts", "posts_repost_of_fkey"),
    ("media_items", "media_items_alt_text_check"),
    ("comments", "comments_pinned_at_check"),
    ("comments", "comments_text_check"),
    ("comments", "comments_like_count_check"),
    ("comments", "comments_reply_count_check"),
    ("comments", "comments_thread_id_fkey"),
)


def upgrade() -> None:
    for table, constraint in _ADDED:
        op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {constraint}")
