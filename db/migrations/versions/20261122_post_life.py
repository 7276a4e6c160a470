"""What a post can be, and what hangs on it: revisions, hashtags, mentions, polls, views, who saved it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "20261122_post_life"
down_revision = "20261122_relations"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _posts_columns()
    _posts_rules()
    _posts_indexes()
    _post_revisions()
    _post_hashtags()
    _post_mentions()
    _saved_posts()
    _post_views()
    _trending_hashtags()
    _polls()
    _poll_options()
    _poll_votes()
    _media_items()


def _posts_columns() -> None:
    op.add_column("posts", sa.Column("draft", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("posts", sa.Column("publish_at", sa.DateTime(timezone=True)))
    op.add_column("posts", sa.Column("edited_at", sa.DateTime(timezone=True)))
    op.add_column("posts", sa.Column("revision", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.add_column("posts", sa.Column("replies", sa.Text(), server_default="everyone", nullable=False))
    op.add_column("posts", sa.Column("audience_list_id", sa.Uuid()))
    op.add_column("posts", sa.Column("repost_of", sa.Uuid()))
    op.add_column("posts", sa.Column("repost_count", sa.Integer(), server_default=sa.text("0"), nullable=False))


def _posts_rules() -> None:
    op.create_check_constraint(
        op.f("posts_replies_check"),
        "posts",
        "replies IN ('everyone', 'followers', 'friends', 'mentioned', 'nobody')",
        postgresql_not_valid=True,
    )
    op.create_check_constraint(
        op.f("posts_audience_list_check"),
        "posts",
        "visibility = 'custom' OR audience_list_id IS NULL",
        postgresql_not_valid=True,
    )
    op.create_check_constraint(
        op.f("posts_draft_check"), "posts", "published_at IS NULL OR NOT draft", postgresql_not_valid=True
    )
    op.create_check_constraint(
        op.f("posts_repost_count_check"), "posts", "repost_count >= 0", postgresql_not_valid=True
    )
    op.create_foreign_key(
        "posts_audience_list_id_fkey",
        "posts",
        "audience_lists",
        ["audience_list_id"],
        ["id"],
        ondelete="SET NULL",
        postgresql_not_valid=True,
    )
    op.create_foreign_key(
        "posts_repost_of_fkey", "posts", "posts", ["repost_of"], ["id"], ondelete="SET NULL", postgresql_not_valid=True
    )


def _posts_indexes() -> None:
    op.create_index(
        "idx_posts_audience_list",
        "posts",
        ["audience_list_id"],
        postgresql_where=sa.text("audience_list_id IS NOT NULL"),
    )
    op.create_index(
        "idx_posts_plain_repost",
        "posts",
        ["user_id", "repost_of"],
        unique=True,
        postgresql_where=sa.text("repost_of IS NOT NULL AND caption IS NULL AND deleted_at IS NULL"),
    )
    op.create_index(
        "idx_posts_public",
        "posts",
        [sa.text("published_at DESC"), sa.text("id DESC")],
        postgresql_where=sa.text(
            "visibility = 'public' AND published_at IS NOT NULL AND deleted_at IS NULL AND removed_at IS NULL"
        ),
    )
    op.create_index(
        "idx_posts_reposts",
        "posts",
        ["repost_of", sa.text("id DESC")],
        postgresql_where=sa.text("repost_of IS NOT NULL"),
    )
    op.create_index(
        "idx_posts_scheduled",
        "posts",
        ["publish_at"],
        postgresql_where=sa.text("publish_at IS NOT NULL AND published_at IS NULL AND deleted_at IS NULL"),
    )
    op.create_index(
        "idx_posts_waiting",
        "posts",
        ["user_id", sa.text("id DESC")],
        postgresql_where=sa.text("published_at IS NULL AND deleted_at IS NULL"),
    )


def _post_revisions() -> None:
    op.create_table(
        "post_revisions",
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("caption", sa.Text()),
        sa.Column("meta", JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name="post_revisions_post_id_fkey", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("post_id", "revision", name="post_revisions_pkey"),
    )


def _post_hashtags() -> None:
    op.create_table(
        "post_hashtags",
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("hashtag", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name="post_hashtags_post_id_fkey", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("post_id", "hashtag", name="post_hashtags_pkey"),
    )
    op.create_index("idx_post_hashtags_newest", "post_hashtags", ["hashtag", sa.text("post_id DESC")])


def _post_mentions() -> None:
    op.create_table(
        "post_mentions",
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name="post_mentions_post_id_fkey", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="post_mentions_user_id_fkey", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("post_id", "user_id", name="post_mentions_pkey"),
    )
    op.create_index("idx_post_mentions_user", "post_mentions", ["user_id", sa.text("post_id DESC")])


def _saved_posts() -> None:
    op.create_table(
        "saved_posts",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name="saved_posts_post_id_fkey", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="saved_posts_user_id_fkey", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="saved_posts_pkey"),
        sa.UniqueConstraint("user_id", "post_id", name="saved_posts_user_id_post_id_key"),
    )
    op.create_index("idx_saved_posts_newest", "saved_posts", ["user_id", sa.text("id DESC")])
    op.create_index("idx_saved_posts_post", "saved_posts", ["post_id"])


def _post_views() -> None:
    op.create_table(
        "post_views",
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("viewer_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), server_default=sa.text("(now() AT TIME ZONE 'UTC')::date"), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name="post_views_post_id_fkey", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["viewer_id"], ["users.id"], name="post_views_viewer_id_fkey", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("post_id", "viewer_id", "day", name="post_views_pkey"),
    )
    op.create_index("idx_post_views_viewer", "post_views", ["viewer_id"])


def _trending_hashtags() -> None:
    op.create_table(
        "trending_hashtags",
        sa.Column("hashtag", sa.Text(), nullable=False),
        sa.Column("authors", sa.Integer(), nullable=False),
        sa.Column("posts", sa.Integer(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("authors >= 0", name=op.f("trending_hashtags_authors_check")),
        sa.CheckConstraint("posts >= 0", name=op.f("trending_hashtags_posts_check")),
        sa.PrimaryKeyConstraint("hashtag", name="trending_hashtags_pkey"),
    )
    op.create_index("idx_trending_hashtags_score", "trending_hashtags", [sa.text("score DESC"), "hashtag"])


def _polls() -> None:
    op.create_table(
        "polls",
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("multiple", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("voter_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("voter_count >= 0", name=op.f("polls_voter_count_check")),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name="polls_post_id_fkey", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("post_id", name="polls_pkey"),
    )


def _poll_options() -> None:
    op.create_table(
        "poll_options",
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("vote_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("char_length(text) BETWEEN 1 AND 100", name=op.f("poll_options_text_check")),
        sa.CheckConstraint("position BETWEEN 0 AND 9", name=op.f("poll_options_position_check")),
        sa.CheckConstraint("vote_count >= 0", name=op.f("poll_options_vote_count_check")),
        sa.ForeignKeyConstraint(["post_id"], ["polls.post_id"], name="poll_options_post_id_fkey", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("post_id", "position", name="poll_options_pkey"),
    )


def _poll_votes() -> None:
    op.create_table(
        "poll_votes",
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["post_id", "position"],
            ["poll_options.post_id", "poll_options.position"],
            name="poll_votes_post_id_position_fkey",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="poll_votes_user_id_fkey", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("post_id", "user_id", "position", name="poll_votes_pkey"),
    )
    op.create_index("idx_poll_votes_option", "poll_votes", ["post_id", "position"])
    op.create_index("idx_poll_votes_user", "poll_votes", ["user_id"])


def _media_items() -> None:
    op.add_column("media_items", sa.Column("alt_text", sa.Text()))
    op.create_check_constraint(
        op.f("media_items_alt_text_check"), "media_items", "char_length(alt_text) <= 1500", postgresql_not_valid=True
    )
