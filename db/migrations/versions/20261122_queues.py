"""What goes on between the services: queues, live events, revocations, kept answers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "20261122_queues"
down_revision = "20261122_chat"
branch_labels = None
depends_on = None


# Listeners are woken when the transaction commits, and once for equal payloads.
NOTIFY_OUTBOX = """
CREATE FUNCTION notify_outbox() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('outbox', NEW.destination);
  RETURN NULL;
END;
$$
"""
OUTBOX_NOTIFY = "CREATE TRIGGER outbox_notify AFTER INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION notify_outbox()"

NOTIFY_TABLE = """
CREATE FUNCTION notify_table() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify(TG_TABLE_NAME, '');
  RETURN NULL;
END;
$$
"""
TABLE_NOTIFY = (
    "CREATE TRIGGER {table}_notify AFTER INSERT ON {table} FOR EACH STATEMENT EXECUTE FUNCTION notify_table()"
)


def upgrade() -> None:
    _outbox()
    _inbox()
    _live_events()
    _live_cursors()
    _revocations()
    _identity_cursor()
    _idempotency_keys()
    op.execute(NOTIFY_OUTBOX)
    op.execute(OUTBOX_NOTIFY)
    op.execute(NOTIFY_TABLE)
    op.execute(TABLE_NOTIFY.format(table="inbox"))
    op.execute(TABLE_NOTIFY.format(table="revocations"))
    op.execute("INSERT INTO identity_cursor DEFAULT VALUES")


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("destination", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("key", sa.Text()),
        sa.Column("payload", JSONB(), nullable=False),
        sa.Column("request_id", sa.Text()),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("available_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True)),
        sa.Column("failed_at", sa.DateTime(timezone=True)),
        sa.Column("error", sa.Text()),
        sa.CheckConstraint(
            "destination IN ('event_worker', 'media_worker', 'appservice')", name=op.f("outbox_destination_check")
        ),
        sa.PrimaryKeyConstraint("id", name="outbox_pkey"),
    )
    op.create_index("idx_outbox_dead", "outbox", ["failed_at"], postgresql_where=sa.text("failed_at IS NOT NULL"))
    op.create_index(
        "idx_outbox_key",
        "outbox",
        ["destination", "key", "id"],
        postgresql_where=sa.text("key IS NOT NULL AND done_at IS NULL AND failed_at IS NULL"),
    )
    op.create_index(
        "idx_outbox_ready",
        "outbox",
        ["destination", "id"],
        postgresql_where=sa.text("done_at IS NULL AND failed_at IS NULL"),
    )


def _inbox() -> None:
    op.create_table(
        "inbox",
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("room_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("event", JSONB(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("available_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True)),
        sa.Column("parked_at", sa.DateTime(timezone=True)),
        sa.Column("reason", sa.Text()),
        sa.CheckConstraint("kind IN ('event', 'receipt')", name=op.f("inbox_kind_check")),
        sa.PrimaryKeyConstraint("event_id", name="inbox_pkey"),
    )
    op.create_index(
        "idx_inbox_room",
        "inbox",
        ["room_id", "position"],
        postgresql_where=sa.text("done_at IS NULL AND parked_at IS NULL"),
    )
    op.create_index(
        "idx_inbox_state",
        "inbox",
        ["room_id", sa.text("(event ->> 'type')")],
        postgresql_where=sa.text("event ? 'state_key'"),
    )
    op.create_index(
        "idx_inbox_waiting", "inbox", ["position"], postgresql_where=sa.text("done_at IS NULL AND parked_at IS NULL")
    )


def _live_events() -> None:
    op.create_table(
        "live_events",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("outbox_id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("payload", JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="live_events_user_id_fkey", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "seq", name="live_events_pkey"),
        sa.UniqueConstraint("user_id", "outbox_id", name="live_events_user_id_outbox_id_key"),
    )


def _live_cursors() -> None:
    op.create_table(
        "live_cursors",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="live_cursors_user_id_fkey", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", name="live_cursors_pkey"),
    )


def _revocations() -> None:
    op.create_table(
        "revocations",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("subject", sa.Text()),
        sa.Column("session", sa.Text()),
        sa.Column("not_before", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("subject IS NOT NULL OR session IS NOT NULL", name=op.f("revocations_target_check")),
        sa.PrimaryKeyConstraint("id", name="revocations_pkey"),
    )
    op.create_index("idx_revocations_created", "revocations", ["created_at"])


def _identity_cursor() -> None:
    op.create_table(
        "identity_cursor",
        sa.Column("one_row", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("last_event_time", sa.DateTime(timezone=True)),
        sa.Column("swept_at", sa.DateTime(timezone=True)),
        sa.Column("polled_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("one_row", name=op.f("identity_cursor_one_row_check")),
        sa.PrimaryKeyConstraint("one_row", name="identity_cursor_pkey"),
    )


def _idempotency_keys() -> None:
    op.create_table(
        "idempotency_keys",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("body_hash", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Integer()),
        sa.Column("answer", JSONB()),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="idempotency_keys_user_id_fkey", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "key", name="idempotency_keys_pkey"),
    )
    op.create_index("idx_idempotency_keys_created", "idempotency_keys", ["created_at"])
