"""Comments in threads, with likes and who is named in them."""

import sqlalchemy as sa
from alembic import op

revision = "20261122_threads"
down_revision = "20261122_post_life"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _comments_columns()
    _comments_rules()
    _comments_indexes()
    _comment_mentions()
    _likes()


def _comments_columns() -> None:
    op.add_column("comments", sa.Column("thread_id", sa.Uuid()))
    op.add_column("comments", sa.Column("like_count", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.add_column("comments", sa.Column("reply_count", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.add_column("comments", sa.Column("pinned_at", sa.DateTime(timezone=True)))
    op.add_column("comments", sa.Column("hidden_at", sa.DateTime(timezone=True)))
    op.add_column("comments", sa.Column("edited_at", sa.DateTime(timezone=True)))
    op.add_column("comments", sa.Column("deleted_at", sa.DateTime(timezone=True)))


def _comments_rules() -> None:
    op.create_check_constraint(
        op.f("comments_pinned_at_check"),
        "comments",
        "(thread_id IS NULL) OR (pinned_at IS NULL)",
        postgresql_not_valid=True,
    )
    op.create_check_constraint(
        op.f("comments_text_check"), "comments", "char_length(text) BETWEEN 1 AND 2000", postgresql_not_valid=True
    )
    op.create_check_constraint(
        op.f("comments_like_count_check"), "comments", "like_count >= 0", postgresql_not_valid=True
    )
    op.create_check_constraint(
        op.f("comments_reply_count_check"), "comments", "reply_count >= 0", postgresql_not_valid=True
    )
    op.create_foreign_key(
        "comments_thread_id_fkey",
        "comments",
        "comments",
        ["thread_id"],
        ["id"],
        ondelete="CASCADE",
        postgresql_not_valid=True,
    )


def _comments_indexes() -> None:
    op.create_index(
        "idx_comments_newest",
        "comments",
        ["post_id", sa.text("id DESC")],
        postgresql_where=sa.text("thread_id IS NULL AND deleted_at IS NULL"),
    )
    op.create_index(
        "idx_comments_pinned",
        "comments",
        ["post_id"],
        postgresql_where=sa.text("pinned_at IS NOT NULL AND deleted_at IS NULL"),
    )
    op.create_index(
        "idx_comments_thread", "comments", ["thread_id", "id"], postgresql_where=sa.text("deleted_at IS NULL")
    )
    op.create_index(
        "idx_comments_top",
        "comments",
        ["post_id", sa.text("like_count DESC"), sa.text("id DESC")],
        postgresql_where=sa.text("thread_id IS NULL AND deleted_at IS NULL"),
    )


def _comment_mentions() -> None:
    op.create_table(
        "comment_mentions",
        sa.Column("comment_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comments.id"], name="comment_mentions_comment_id_fkey", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="comment_mentions_user_id_fkey", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("comment_id", "user_id", name="comment_mentions_pkey"),
    )
    op.create_index("idx_comment_mentions_user", "comment_mentions", ["user_id"])


def _likes() -> None:
    op.drop_index("idx_likes_target", table_name="likes")
    op.create_index("idx_likes_target_newest", "likes", ["target_type", "target_id", sa.text("id DESC")])
