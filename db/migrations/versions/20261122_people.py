"""People, their sessions, and how they stand to each other."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "20261122_people"
down_revision = None
branch_labels = None
depends_on = None


SET_UPDATED_AT = """
CREATE FUNCTION set_updated_at() RETURNS trigger AS $$
BEGIN
  NEW.updated_at = now();
  RETURN NEW;
END;
$$ LANGUAGE plpgsql
"""

# Aadhaar numbers: twelve digits, perhaps spaced or dashed, of which the last is a Verhoeff check digit. Digits next to
# a-f are part of a hash. Every position is tried, since longer runs of spaced digits may hold a number anywhere.
HOLDS_AADHAAR = r"""
CREATE FUNCTION holds_aadhaar(document jsonb) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog AS $$
DECLARE
  pattern CONSTANT text := '(?<![0-9a-f])[0-9](?:[ -]*[0-9]){11}(?![0-9a-f])';
  product CONSTANT integer[][] := ARRAY[
    [0,1,2,3,4,5,6,7,8,9], [1,2,3,4,0,6,7,8,9,5], [2,3,4,0,1,7,8,9,5,6], [3,4,0,1,2,8,9,5,6,7], [4,0,1,2,3,9,5,6,7,8],
    [5,9,8,7,6,0,4,3,2,1], [6,5,9,8,7,1,0,4,3,2], [7,6,5,9,8,2,1,0,4,3], [8,7,6,5,9,3,2,1,0,4], [9,8,7,6,5,4,3,2,1,0]];
  permutation CONSTANT integer[][] := ARRAY[
    [0,1,2,3,4,5,6,7,8,9], [1,5,7,6,2,8,3,0,9,4], [5,8,0,3,7,9,6,1,4,2], [8,9,1,6,0,4,3,5,2,7],
    [9,4,5,3,1,2,6,8,7,0], [4,2,8,6,5,7,3,9,0,1], [2,7,9,3,8,0,6,4,1,5], [7,0,4,6,9,1,3,2,5,8]];
  content CONSTANT text := translate(lower(document::text), '०१२३४५६७८९', '0123456789');
  place integer := 0;
  digits text;
  checksum integer;
BEGIN
  LOOP
    place := regexp_instr(content, pattern, place + 1);
    EXIT WHEN place = 0;
    digits := reverse(regexp_replace(regexp_substr(content, pattern, place), '[ -]', '', 'g'));
    checksum := 0;
    FOR i IN 0..11 LOOP
      checksum := product[checksum + 1][permutation[i % 8 + 1][substr(digits, i + 1, 1)::integer + 1] + 1];
    END LOOP;
    IF checksum = 0 THEN
      RETURN true;
    END IF;
  END LOOP;
  RETURN false;
END;
$$
"""

UPDATED_AT = (
    "CREATE TRIGGER {table}_set_updated BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION set_updated_at()"
)


def upgrade() -> None:
    op.execute(SET_UPDATED_AT)
    op.execute(HOLDS_AADHAAR)
    _users()
    _auth_sessions()
    _follows()
    _friend_requests()
    _groups()
    _group_members()
    op.execute(UPDATED_AT.format(table="users"))
    op.execute(UPDATED_AT.format(table="friend_requests"))


def _users() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("connect_id", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text()),
        sa.Column("password_hash", sa.Text()),
        sa.Column("profile_pic_url", sa.Text()),
        sa.Column("bio", sa.Text()),
        sa.Column("language", sa.Text(), server_default="en", nullable=False),
        sa.Column("verified_status", sa.Text(), server_default="none", nullable=False),
        sa.Column("verification_meta", JSONB()),
        sa.Column("settings", JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="active", nullable=False),
        sa.Column("is_private", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint("connect_id = lower(connect_id) AND connect_id <> ''", name=op.f("users_connect_id_check")),
        sa.CheckConstraint(
            "status IN ('active', 'suspended', 'deactivated', 'erased')", name=op.f("users_status_check")
        ),
        sa.CheckConstraint(
            "verified_status IN ('none', 'pending', 'verified')", name=op.f("users_verified_status_check")
        ),
        sa.CheckConstraint("NOT holds_aadhaar(verification_meta)", name=op.f("users_verification_meta_check")),
        sa.CheckConstraint("email = lower(email)", name=op.f("users_email_check")),
        sa.PrimaryKeyConstraint("id", name="users_pkey"),
        sa.UniqueConstraint("connect_id", name="users_connect_id_key"),
        sa.UniqueConstraint("email", name="users_email_key"),
        sa.UniqueConstraint("subject", name="users_subject_key"),
    )
    op.create_index("idx_users_connect_id_lower", "users", [sa.text("lower(connect_id)")])
    op.create_index("idx_users_email_lower", "users", [sa.text("lower(email)")])


def _auth_sessions() -> None:
    op.create_table(
        "auth_sessions",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("refresh_token_hash", sa.Text(), nullable=False),
        sa.Column("device_info", JSONB()),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("keycloak_session", sa.Text()),
        sa.Column("refreshed_at", sa.DateTime(timezone=True)),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("previous_token_hash", sa.Text()),
        sa.Column("previous_answer", sa.LargeBinary()),
        sa.Column("previous_until", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="auth_sessions_user_id_fkey", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="auth_sessions_pkey"),
    )
    op.create_index(
        "idx_auth_keycloak_session",
        "auth_sessions",
        ["keycloak_session"],
        postgresql_where=sa.text("keycloak_session IS NOT NULL"),
    )
    op.create_index(
        "idx_auth_previous_token",
        "auth_sessions",
        ["previous_token_hash"],
        postgresql_where=sa.text("previous_token_hash IS NOT NULL"),
    )
    op.create_index("idx_auth_refresh_token", "auth_sessions", ["refresh_token_hash"], unique=True)
    op.create_index("idx_auth_user_id", "auth_sessions", ["user_id"])


def _follows() -> None:
    op.create_table(
        "follows",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("follower_id", sa.Uuid(), nullable=False),
        sa.Column("followed_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("follower_id <> followed_id", name=op.f("follows_not_oneself_check")),
        sa.ForeignKeyConstraint(["followed_id"], ["users.id"], name="follows_followed_id_fkey", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["follower_id"], ["users.id"], name="follows_follower_id_fkey", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="follows_pkey"),
        sa.UniqueConstraint("follower_id", "followed_id", name="follows_follower_id_followed_id_key"),
    )
    op.create_index("idx_follows_followed", "follows", ["followed_id"])
    op.create_index("idx_follows_followed_newest", "follows", ["followed_id", sa.text("id DESC")])
    op.create_index("idx_follows_follower", "follows", ["follower_id"])


def _friend_requests() -> None:
    op.create_table(
        "friend_requests",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("requester_id", sa.Uuid(), nullable=False),
        sa.Column("receiver_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), server_default="pending", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "status IN ('pending', 'accepted', 'rejected', 'withdrawn')", name=op.f("friend_requests_status_check")
        ),
        sa.CheckConstraint("requester_id <> receiver_id", name=op.f("friend_requests_not_oneself_check")),
        sa.ForeignKeyConstraint(
            ["receiver_id"], ["users.id"], name="friend_requests_receiver_id_fkey", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["requester_id"], ["users.id"], name="friend_requests_requester_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="friend_requests_pkey"),
        sa.UniqueConstraint("requester_id", "receiver_id", name="friend_requests_requester_id_receiver_id_key"),
    )
    op.create_index(
        "idx_friend_req_pair",
        "friend_requests",
        [sa.text("LEAST(requester_id, receiver_id)"), sa.text("GREATEST(requester_id, receiver_id)")],
        unique=True,
    )
    op.create_index("idx_friend_req_receiver", "friend_requests", ["receiver_id"])


def _groups() -> None:
    op.create_table(
        "groups",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("handle", sa.Text()),
        sa.Column("description", sa.Text()),
        sa.Column("type", sa.Text(), server_default="group", nullable=False),
        sa.Column("visibility", sa.Text(), server_default="public", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("type IN ('group', 'channel')", name=op.f("groups_type_check")),
        sa.CheckConstraint("visibility IN ('public', 'private', 'invite')", name=op.f("groups_visibility_check")),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name="groups_owner_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="groups_pkey"),
        sa.UniqueConstraint("handle", name="groups_handle_key"),
    )
    op.create_index("idx_groups_owner", "groups", ["owner_id"])


def _group_members() -> None:
    op.create_table(
        "group_members",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), server_default="member", nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("role IN ('member', 'moderator', 'admin', 'owner')", name=op.f("group_members_role_check")),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name="group_members_group_id_fkey", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="group_members_user_id_fkey", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="group_members_pkey"),
        sa.UniqueConstraint("group_id", "user_id", name="group_members_group_id_user_id_key"),
    )
    op.create_index("idx_group_members_group", "group_members", ["group_id"])
    op.create_index("idx_group_members_user", "group_members", ["user_id"])
