"""What only passes on a post that was deleted goes with it: also where the post was deleted before this was so."""

from alembic import op

revision = "20261123_reposts"
down_revision = "20261123_aadhaar"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # as db.withdrawal says it for one post; event_worker does the rest
    op.execute("""
        INSERT INTO outbox (destination, topic, payload, key)
        SELECT 'event_worker', 'post.deleted', jsonb_build_object('post_id', id), 'post.deleted ' || id
        FROM posts original
        WHERE deleted_at IS NOT NULL AND EXISTS (
          SELECT FROM posts WHERE repost_of = original.id AND caption IS NULL AND deleted_at IS NULL
        )
    """)
