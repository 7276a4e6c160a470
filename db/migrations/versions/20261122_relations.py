"""How people stand to each other: requests to follow, blocks, mutes, lists of friends; former handles, pictures."""

import sqlalchemy as sa
from alembic import op

revision = "20261122_relations"
down_revision = "20261122_audit"
branch_labels = None
depends_on = None

# What a service remembers of a person for a while (handle, language, status) it forgets when this says so.
NOTIFY_PERSON = """
CREATE FUNCTION notify_person() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('people', NEW.id::text);
  RETURN NULL;
END;
$$
"""
PERSON_NOTIFY = """
CREATE TRIGGER users_notify AFTER UPDATE OF connect_id, language, status ON users FOR EACH ROW
WHEN ((OLD.connect_id, OLD.language, OLD.status) IS DISTINCT FROM (NEW.connect_id, NEW.language, NEW.status))
EXECUTE FUNCTION notify_person()
"""


def upgrade() -> None:
    _follow_requests()
    _follows()
    _friend_requests()
    _blocks()
    _mutes()
    _muted_words()
    _audience_lists()
    _audience_members()
    _former_handles()
    _users()
    _media_items()
    op.execute(NOTIFY_PERSON)
    op.execute(PERSON_NOTIFY)


def _follow_requests() -> None:
    op.create_table(
        "follow_requests",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("follower_id", sa.Uuid(), nullable=False),
        sa.Column("followed_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("follower_id <> followed_id", name=op.f("follow_requests_not_oneself_check")),
        sa.ForeignKeyConstraint(
            ["followed_id"], ["users.id"], name="follow_requests_followed_id_fkey", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["follower_id"], ["users.id"], name="follow_requests_follower_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="follow_requests_pkey"),
        sa.UniqueConstraint("follower_id", "followed_id", name="follow_requests_follower_id_followed_id_key"),
    )
    op.create_index("idx_follow_requests_followed_newest", "follow_requests", ["followed_id", sa.text("id DESC")])


def _follows() -> None:
    op.create_index("idx_follows_follower_newest", "follows", ["follower_id", sa.text("id DESC")])


def _friend_requests() -> None:
    op.create_index(
        "idx_friend_req_friends_asked",
        "friend_requests",
        ["requester_id", sa.text("id DESC")],
        postgresql_where=sa.text("status = 'accepted'"),
    )
    op.create_index(
        "idx_friend_req_friends_asking",
        "friend_requests",
        ["receiver_id", sa.text("id DESC")],
        postgresql_where=sa.text("status = 'accepted'"),
    )


def _blocks() -> None:
    op.create_table(
        "blocks",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("blocker_id", sa.Uuid(), nullable=False),
        sa.Column("blocked_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("blocker_id <> blocked_id", name=op.f("blocks_not_oneself_check")),
        sa.ForeignKeyConstraint(["blocked_id"], ["users.id"], name="blocks_blocked_id_fkey", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["blocker_id"], ["users.id"], name="blocks_blocker_id_fkey", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="blocks_pkey"),
        sa.UniqueConstraint("blocker_id", "blocked_id", name="blocks_blocker_id_blocked_id_key"),
    )
    op.create_index("idx_blocks_blocked", "blocks", ["blocked_id", "blocker_id"])
    op.create_index("idx_blocks_blocker_newest", "blocks", ["blocker_id", sa.text("id DESC")])


def _mutes() -> None:
    op.create_table(
        "mutes",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("muter_id", sa.Uuid(), nullable=False),
        sa.Column("muted_id", sa.Uuid(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True)),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("muter_id <> muted_id", name=op.f("mutes_not_oneself_check")),
        sa.ForeignKeyConstraint(["muted_id"], ["users.id"], name="mutes_muted_id_fkey", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["muter_id"], ["users.id"], name="mutes_muter_id_fkey", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="mutes_pkey"),
        sa.UniqueConstraint("muter_id", "muted_id", name="mutes_muter_id_muted_id_key"),
    )
    op.create_index("idx_mutes_muted", "mutes", ["muted_id"])
    op.create_index("idx_mutes_muter_newest", "mutes", ["muter_id", sa.text("id DESC")])


def _muted_words() -> None:
    op.create_table(
        "muted_words",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("pattern", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True)),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("char_length(word) BETWEEN 1 AND 50", name=op.f("muted_words_word_check")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="muted_words_user_id_fkey", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "word", name="muted_words_pkey"),
    )


def _audience_lists() -> None:
    op.create_table(
        "audience_lists",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text()),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("(kind = 'custom') = (name IS NOT NULL)", name=op.f("audience_lists_name_check")),
        sa.CheckConstraint("kind IN ('closefriends', 'custom')", name=op.f("audience_lists_kind_check")),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name="audience_lists_owner_id_fkey", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="audience_lists_pkey"),
    )
    op.create_index(
        "idx_audience_lists_closefriends",
        "audience_lists",
        ["owner_id"],
        unique=True,
        postgresql_where=sa.text("kind = 'closefriends'"),
    )
    op.create_index("idx_audience_lists_name", "audience_lists", ["owner_id", sa.text("lower(name)")], unique=True)
    op.create_index("idx_audience_lists_owner", "audience_lists", ["owner_id", sa.text("id DESC")])


def _audience_members() -> None:
    op.create_table(
        "audience_members",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("list_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["list_id"], ["audience_lists.id"], name="audience_members_list_id_fkey", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["users.id"], name="audience_members_member_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="audience_members_pkey"),
        sa.UniqueConstraint("list_id", "member_id", name="audience_members_list_id_member_id_key"),
    )
    op.create_index("idx_audience_members_member", "audience_members", ["member_id"])
    op.create_index("idx_audience_members_newest", "audience_members", ["list_id", sa.text("id DESC")])


def _former_handles() -> None:
    op.create_table(
        "former_handles",
        sa.Column("connect_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "connect_id = lower(connect_id) AND connect_id <> ''", name=op.f("former_handles_connect_id_check")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="former_handles_user_id_fkey", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("connect_id", name="former_handles_pkey"),
    )
    op.create_index("idx_former_handles_user", "former_handles", ["user_id"])


def _users() -> None:
    op.add_column("users", sa.Column("avatar_id", sa.Uuid()))
    op.add_column("users", sa.Column("cover_id", sa.Uuid()))
    op.add_column("users", sa.Column("cover_url", sa.Text()))
    op.add_column("users", sa.Column("handle_changed_at", sa.DateTime(timezone=True)))
    op.add_column("users", sa.Column("deactivated_at", sa.DateTime(timezone=True)))
    op.create_index("idx_users_avatar", "users", ["avatar_id"], postgresql_where=sa.text("avatar_id IS NOT NULL"))
    op.create_index("idx_users_cover", "users", ["cover_id"], postgresql_where=sa.text("cover_id IS NOT NULL"))
    op.create_index("idx_users_unverified", "users", ["id"], postgresql_where=sa.text("verified_status = 'pending'"))
    op.create_foreign_key(
        "users_cover_id_fkey",
        "users",
        "media_items",
        ["cover_id"],
        ["id"],
        ondelete="SET NULL",
        postgresql_not_valid=True,
    )
    op.create_foreign_key(
        "users_avatar_id_fkey",
        "users",
        "media_items",
        ["avatar_id"],
        ["id"],
        ondelete="SET NULL",
        postgresql_not_valid=True,
    )


def _media_items() -> None:
    op.add_column("media_items", sa.Column("is_picture", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.create_check_constraint(
        op.f("media_items_is_picture_check"),
        "media_items",
        "NOT (is_picture AND post_id IS NOT NULL)",
        postgresql_not_valid=True,
    )
