"""Conversations and messages as metadata, and where they are in Matrix."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "20261122_chat"
down_revision = "20261122_posts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _conversations()
    _messages()
    _conversation_participants()
    _matrix_accounts()
    _matrix_rooms()
    _direct_pairs()


def _conversations() -> None:
    op.create_table(
        "conversations",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("last_message_at", sa.DateTime(timezone=True)),
        sa.Column("title", sa.Text()),
        sa.Column("encrypted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint("type IN ('dm', 'group', 'channel')", name=op.f("conversations_type_check")),
        sa.PrimaryKeyConstraint("id", name="conversations_pkey"),
    )


def _messages() -> None:
    op.create_table(
        "messages",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("sender_id", sa.Uuid(), nullable=False),
        sa.Column("payload_pointer", sa.Text(), nullable=False),
        sa.Column("mime_type", sa.Text()),
        sa.Column("msg_type", sa.Text(), server_default="text"),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("delivered", JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False),
        sa.Column("read", JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False),
        sa.Column("event_type", sa.Text()),
        sa.Column("relates_to", sa.Text()),
        sa.Column("redacted_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("jsonb_typeof(delivered) = 'array'", name=op.f("messages_delivered_check")),
        sa.CheckConstraint("jsonb_typeof(read) = 'array'", name=op.f("messages_read_check")),
        sa.CheckConstraint("msg_type IN ('text', 'media', 'system')", name=op.f("messages_msg_type_check")),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name="messages_conversation_id_fkey", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["sender_id"], ["users.id"], name="messages_sender_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="messages_pkey"),
        sa.UniqueConstraint("conversation_id", "payload_pointer", name="messages_conversation_id_payload_pointer_key"),
    )
    op.create_index("idx_messages_conv_created", "messages", ["conversation_id", sa.text("created_at DESC")])
    op.create_index("idx_messages_sender", "messages", ["sender_id"])


def _conversation_participants() -> None:
    op.create_table(
        "conversation_participants",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), server_default="member", nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("read_event_id", sa.Text()),
        sa.Column("read_at", sa.DateTime(timezone=True)),
        sa.Column("last_read_message_id", sa.Uuid()),
        sa.Column("left_at", sa.DateTime(timezone=True)),
        sa.Column("membership", sa.Text(), server_default="join", nullable=False),
        sa.CheckConstraint(
            "membership IN ('join', 'invite', 'knock', 'leave', 'ban')",
            name=op.f("conversation_participants_membership_check"),
        ),
        sa.CheckConstraint(
            "role IN ('member', 'moderator', 'admin', 'owner')", name=op.f("conversation_participants_role_check")
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name="conversation_participants_conversation_id_fkey",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["last_read_message_id"],
            ["messages.id"],
            name="conversation_participants_last_read_message_id_fkey",
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="conversation_participants_user_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="conversation_participants_pkey"),
        sa.UniqueConstraint("conversation_id", "user_id", name="conversation_participants_conversation_id_user_id_key"),
    )
    op.create_index(
        "idx_conversation_participants_read",
        "conversation_participants",
        ["last_read_message_id"],
        postgresql_where=sa.text("last_read_message_id IS NOT NULL"),
    )
    op.create_index("idx_conversation_participants_user", "conversation_participants", ["user_id"])


def _matrix_accounts() -> None:
    op.create_table(
        "matrix_accounts",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("mxid", sa.Text(), nullable=False),
        sa.Column("provisioned_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="matrix_accounts_user_id_fkey", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", name="matrix_accounts_pkey"),
        sa.UniqueConstraint("mxid", name="matrix_accounts_mxid_key"),
    )


def _matrix_rooms() -> None:
    op.create_table(
        "matrix_rooms",
        sa.Column("room_id", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("current", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("encrypted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("tombstoned_at", sa.DateTime(timezone=True)),
        sa.Column("reconciled_to", sa.Text()),
        sa.Column("reconciled_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name="matrix_rooms_conversation_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("room_id", name="matrix_rooms_pkey"),
    )
    op.create_index("idx_matrix_rooms_conversation", "matrix_rooms", ["conversation_id"])
    op.create_index(
        "idx_matrix_rooms_current",
        "matrix_rooms",
        ["conversation_id"],
        unique=True,
        postgresql_where=sa.text("current"),
    )


def _direct_pairs() -> None:
    op.create_table(
        "direct_pairs",
        sa.Column("user_low", sa.Uuid(), nullable=False),
        sa.Column("user_high", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("user_low < user_high", name=op.f("direct_pairs_order_check")),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name="direct_pairs_conversation_id_fkey", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_high"], ["users.id"], name="direct_pairs_user_high_fkey", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_low"], ["users.id"], name="direct_pairs_user_low_fkey", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_low", "user_high", name="direct_pairs_pkey"),
        sa.UniqueConstraint("conversation_id", name="direct_pairs_conversation_id_key"),
    )
    op.create_index("idx_direct_pairs_high", "direct_pairs", ["user_high"])
