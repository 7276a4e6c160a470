"""Posts with their media, and what people make of them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR

revision = "20261122_posts"
down_revision = "20261122_people"
branch_labels = None
depends_on = None


POSTS_TSV = """
CREATE FUNCTION posts_tsv_trigger() RETURNS trigger AS $$
begin
  new.caption_tsv := to_tsvector('english', coalesce(new.caption,''));
  return new;
end
$$ LANGUAGE plpgsql
"""
TSVECTOR_UPDATE = """
CREATE TRIGGER tsvectorupdate BEFORE INSERT OR UPDATE ON posts FOR EACH ROW EXECUTE FUNCTION posts_tsv_trigger()
"""
UPDATED_AT = "CREATE TRIGGER posts_set_updated BEFORE UPDATE ON posts FOR EACH ROW EXECUTE FUNCTION set_updated_at()"


def upgrade() -> None:
    _posts()
    op.execute(POSTS_TSV)
    op.execute(TSVECTOR_UPDATE)
    op.execute(UPDATED_AT)
    _media_items()
    _stories()
    _comments()
    _likes()
    _sounds()


def _posts() -> None:
    op.create_table(
        "posts",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.Text(), server_default="post", nullable=False),
        sa.Column("caption", sa.Text()),
        sa.Column("meta", JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("visibility", sa.Text(), server_default="public", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("like_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("comment_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("view_count", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("caption_tsv", TSVECTOR()),
        sa.Column("published_at", sa.DateTime(timezone=True)),
        sa.Column("removed_at", sa.DateTime(timezone=True)),
        sa.Column("deleted_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint(
            "char_length(caption) <= CASE type WHEN 'microblog' THEN 500 ELSE 5000 END",
            name=op.f("posts_caption_check"),
        ),
        sa.CheckConstraint(
            "type IN ('post', 'microblog', 'photo', 'video', 'reel', 'story')", name=op.f("posts_type_check")
        ),
        sa.CheckConstraint(
            "visibility IN ('public', 'friends', 'closefriends', 'custom')", name=op.f("posts_visibility_check")
        ),
        sa.CheckConstraint("comment_count >= 0", name=op.f("posts_comment_count_check")),
        sa.CheckConstraint("like_count >= 0", name=op.f("posts_like_count_check")),
        sa.CheckConstraint("view_count >= 0", name=op.f("posts_view_count_check")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="posts_user_id_fkey", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="posts_pkey"),
    )
    op.create_index("idx_posts_caption_tsv", "posts", ["caption_tsv"], postgresql_using="gin")
    op.create_index("idx_posts_created", "posts", [sa.text("created_at DESC")])
    op.create_index(
        "idx_posts_feed",
        "posts",
        ["user_id", sa.text("published_at DESC"), sa.text("id DESC")],
        postgresql_where=sa.text("published_at IS NOT NULL AND deleted_at IS NULL AND removed_at IS NULL"),
    )
    op.create_index("idx_posts_user_created", "posts", ["user_id", sa.text("created_at DESC")])


def _media_items() -> None:
    op.create_table(
        "media_items",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("post_id", sa.Uuid()),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("storage_key", sa.Text(), nullable=False),
        sa.Column("mime_type", sa.Text()),
        sa.Column("width", sa.Integer()),
        sa.Column("height", sa.Integer()),
        sa.Column("duration_sec", sa.Integer()),
        sa.Column("thumb_key", sa.Text()),
        sa.Column("transcoding_status", sa.Text(), server_default="pending", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("byte_size", sa.BigInteger()),
        sa.Column("position", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True)),
        sa.Column("lease_token", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("failure", sa.Text()),
        sa.Column("audio_key", sa.Text()),
        sa.Column("playlist_key", sa.Text()),
        sa.Column("uploaded_at", sa.DateTime(timezone=True)),
        sa.Column("completed_hint_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("kind IN ('image', 'video', 'audio')", name=op.f("media_items_kind_check")),
        sa.CheckConstraint(
            "transcoding_status IN ('pending', 'processing', 'done', 'failed')",
            name=op.f("media_items_transcoding_status_check"),
        ),
        sa.CheckConstraint("attempts >= 0", name=op.f("media_items_attempts_check")),
        sa.CheckConstraint("byte_size >= 0", name=op.f("media_items_byte_size_check")),
        sa.CheckConstraint("position >= 0", name=op.f("media_items_position_check")),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name="media_items_post_id_fkey", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="media_items_user_id_fkey", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="media_items_pkey"),
    )
    op.create_index("idx_media_post", "media_items", ["post_id"])
    op.create_index(
        "idx_media_unfinished",
        "media_items",
        ["created_at"],
        postgresql_where=sa.text("transcoding_status IN ('pending', 'processing')"),
    )
    op.create_index("idx_media_user", "media_items", ["user_id"])


def _stories() -> None:
    op.create_table(
        "stories",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("media_item_id", sa.Uuid(), nullable=False),
        sa.Column("visibility", sa.Text(), server_default="friends", nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "visibility IN ('public', 'friends', 'closefriends')", name=op.f("stories_visibility_check")
        ),
        sa.ForeignKeyConstraint(["media_item_id"], ["media_items.id"], name="stories_media_item_id_fkey"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="stories_user_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="stories_pkey"),
    )
    op.create_index("idx_stories_expires", "stories", ["expires_at"])
    op.create_index("idx_stories_media_item", "stories", ["media_item_id"])
    op.create_index("idx_stories_user", "stories", ["user_id"])


def _comments() -> None:
    op.create_table(
        "comments",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("parent_comment_id", sa.Uuid()),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_comment_id"], ["comments.id"], name="comments_parent_comment_id_fkey", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name="comments_post_id_fkey", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="comments_user_id_fkey", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="comments_pkey"),
    )
    op.create_index("idx_comments_parent", "comments", ["parent_comment_id"])
    op.create_index("idx_comments_post", "comments", ["post_id"])
    op.create_index("idx_comments_user", "comments", ["user_id"])


def _likes() -> None:
    op.create_table(
        "likes",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("target_type", sa.Text(), nullable=False),
        sa.Column("target_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("target_type IN ('post', 'comment')", name=op.f("likes_target_type_check")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="likes_user_id_fkey", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="likes_pkey"),
        sa.UniqueConstraint("user_id", "target_type", "target_id", name="likes_user_id_target_type_target_id_key"),
    )
    op.create_index("idx_likes_target", "likes", ["target_type", "target_id"])
    op.create_index("idx_likes_user", "likes", ["user_id"])


def _sounds() -> None:
    op.create_table(
        "sounds",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("uploader_id", sa.Uuid()),
        sa.Column("storage_key", sa.Text(), nullable=False),
        sa.Column("duration_sec", sa.Integer()),
        sa.Column("title", sa.Text()),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["uploader_id"], ["users.id"], name="sounds_uploader_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="sounds_pkey"),
    )
    op.create_index("idx_sounds_created", "sounds", [sa.text("created_at DESC")])
    op.create_index("idx_sounds_uploader", "sounds", ["uploader_id"])
