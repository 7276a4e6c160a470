"""Posts, what they were before, and what hangs on them: hashtags, mentions, polls, views, who saved them."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, Count, Created, Id, JsonObject, UserId, not_negative, one_of


class Post(Base):
    """`published_at` is NULL while the post waits: for its media, for `publish_at`, or as a `draft` for its author.
    Feeds are ordered by (published_at, id), newest first. `deleted_at` is of the author, `removed_at` of moderation.

    Writer: social_api.
    Also: media_worker updates `published_at`, as the last media item becomes ready; event_worker updates it, when the
    time of a scheduled post has come, and deletes what only passes on a post that was deleted.
    """

    __tablename__ = "posts"
    __table_args__ = (
        one_of("type", "post", "microblog", "photo", "video", "reel", "story"),
        one_of("visibility", "public", "friends", "closefriends", "custom"),
        CheckConstraint("char_length(caption) <= CASE type WHEN 'microblog' THEN 500 ELSE 5000 END", name="caption"),
        one_of("replies", "everyone", "followers", "friends", "mentioned", "nobody"),
        CheckConstraint("visibility = 'custom' OR audience_list_id IS NULL", name="audience_list"),
        CheckConstraint("published_at IS NULL OR NOT draft", name="draft"),
        not_negative("repost_count"),
        not_negative("like_count"),
        not_negative("comment_count"),
        not_negative("view_count"),
        Index("idx_posts_user_created", "user_id", text("created_at DESC")),
        Index("idx_posts_created", text("created_at DESC")),
        Index("idx_posts_caption_tsv", "caption_tsv", postgresql_using="gin"),
        Index(
            "idx_posts_feed",
            "user_id",
            text("published_at DESC"),
            text("id DESC"),
            postgresql_where=text("published_at IS NOT NULL AND deleted_at IS NULL AND removed_at IS NULL"),
        ),
        Index(
            "idx_posts_public",
            text("published_at DESC"),
            text("id DESC"),
            postgresql_where=text(
                "visibility = 'public' AND published_at IS NOT NULL AND deleted_at IS NULL AND removed_at IS NULL"
            ),
        ),
        Index(
            "idx_posts_scheduled",
            "publish_at",
            postgresql_where=text("publish_at IS NOT NULL AND published_at IS NULL AND deleted_at IS NULL"),
        ),
        Index(
            "idx_posts_waiting",
            "user_id",
            text("id DESC"),
            postgresql_where=text("published_at IS NULL AND deleted_at IS NULL"),
        ),
        Index("idx_posts_reposts", "repost_of", text("id DESC"), postgresql_where=text("repost_of IS NOT NULL")),
        Index(
            "idx_posts_plain_repost",
            "user_id",
            "repost_of",
            unique=True,
            postgresql_where=text("repost_of IS NOT NULL AND caption IS NULL AND deleted_at IS NULL"),
        ),
        Index("idx_posts_audience_list", "audience_list_id", postgresql_where=text("audience_list_id IS NOT NULL")),
    )

    id: Mapped[Id]
    user_id: Mapped[UserId]
    type: Mapped[str] = mapped_column(server_default="post")
    caption: Mapped[str | None]
    meta: Mapped[JsonObject]
    visibility: Mapped[str] = mapped_column(server_default="public")
    created_at: Mapped[Created]
    updated_at: Mapped[Created]
    like_count: Mapped[Count]
    comment_count: Mapped[Count]
    view_count: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    caption_tsv: Mapped[str | None] = mapped_column(TSVECTOR)
    published_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    draft: Mapped[bool] = mapped_column(server_default=text("false"))
    publish_at: Mapped[datetime | None]
    edited_at: Mapped[datetime | None]
    revision: Mapped[Count]
    replies: Mapped[str] = mapped_column(server_default="everyone")
    audience_list_id: Mapped[UUID | None] = mapped_column(ForeignKey("audience_lists.id", ondelete="SET NULL"))
    repost_of: Mapped[UUID | None] = mapped_column(ForeignKey("posts.id", ondelete="SET NULL"))
    repost_count: Mapped[Count]


class PostRevision(Base):
    """What a post said before an edit; `revision` counts from 0, the first words.

    Writer: social_api.
    """

    __tablename__ = "post_revisions"

    post_id: Mapped[UUID] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)
    caption: Mapped[str | None]
    meta: Mapped[JsonObject]
    written_at: Mapped[datetime]


class PostHashtag(Base):
    """A hashtag in a post's caption, folded: without `#`, in compatibility form and lower case.

    Writer: social_api.
    """

    __tablename__ = "post_hashtags"
    __table_args__ = (Index("idx_post_hashtags_newest", "hashtag", text("post_id DESC")),)

    post_id: Mapped[UUID] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True)
    hashtag: Mapped[str] = mapped_column(primary_key=True)


class PostMention(Base):
    """Somebody named in a post's caption.

    Writer: social_api.
    """

    __tablename__ = "post_mentions"
    __table_args__ = (Index("idx_post_mentions_user", "user_id", text("post_id DESC")),)

    post_id: Mapped[UUID] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)


class SavedPost(Base):
    """A post that somebody keeps for themselves; nobody else learns of it.

    Writer: social_api.
    """

    __tablename__ = "saved_posts"
    __table_args__ = (
        UniqueConstraint("user_id", "post_id"),
        Index("idx_saved_posts_newest", "user_id", text("id DESC")),
        Index("idx_saved_posts_post", "post_id"),
    )

    id: Mapped[Id]
    user_id: Mapped[UserId]
    post_id: Mapped[UUID] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"))
    created_at: Mapped[Created]


class PostView(Base):
    """Somebody saw a post on a day (UTC): what `posts.view_count` counts.

    Writer: social_api.
    """

    __tablename__ = "post_views"
    __table_args__ = (Index("idx_post_views_viewer", "viewer_id"),)

    post_id: Mapped[UUID] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True)
    viewer_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True, server_default=text("(now() AT TIME ZONE 'UTC')::date"))


class TrendingHashtag(Base):
    """What many different people write about, counted anew each minute.

    Writer: event_worker.
    """

    __tablename__ = "trending_hashtags"
    __table_args__ = (
        not_negative("authors"),
        not_negative("posts"),
        Index("idx_trending_hashtags_score", text("score DESC"), "hashtag"),
    )

    hashtag: Mapped[str] = mapped_column(primary_key=True)
    authors: Mapped[int]
    posts: Mapped[int]
    score: Mapped[float]
    counted_at: Mapped[Created]
