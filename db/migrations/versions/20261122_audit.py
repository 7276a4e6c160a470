"""The audit log: appended to, chained by hash, never changed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import INET, JSONB

revision = "20261122_audit"
down_revision = "20261122_queues"
branch_labels = None
depends_on = None


# What a row's hash covers: the hash before it and all of its own content.
AUDIT_HASH = """
CREATE FUNCTION audit_hash(entry audit_logs) RETURNS bytea
LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
  SELECT sha256(entry.prev_hash || convert_to(jsonb_build_array(
    entry.position, entry.id, entry.user_id, entry.action, entry.ip, entry.user_agent, entry.meta,
    extract(epoch FROM entry.created_at)
  )::text, 'UTF8'))
$$
"""

# Runs with the owner's rights, since those who append may not read. The lock is held until the transaction ends: the
# next row must know this one's hash.
CHAIN_AUDIT_LOG = """
CREATE FUNCTION chain_audit_log() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
  last audit_logs;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('audit_logs', 0));
  SELECT * INTO last FROM audit_logs ORDER BY position DESC LIMIT 1;
  NEW.position := coalesce(last.position, 0) + 1;
  NEW.prev_hash := coalesce(last.hash, sha256(''));
  NEW.hash := audit_hash(NEW);
  RETURN NEW;
END;
$$
"""
AUDIT_LOGS_CHAIN = """
CREATE TRIGGER audit_logs_chain BEFORE INSERT ON audit_logs
FOR EACH ROW EXECUTE FUNCTION chain_audit_log()
"""

REFUSE_CHANGE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END;
$$
"""
AUDIT_LOGS_APPEND_ONLY = """
CREATE TRIGGER audit_logs_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_logs
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
"""


def upgrade() -> None:
    _audit_logs()
    op.execute(AUDIT_HASH)
    op.execute(CHAIN_AUDIT_LOG)
    op.execute(AUDIT_LOGS_CHAIN)
    op.execute(REFUSE_CHANGE)
    op.execute(AUDIT_LOGS_APPEND_ONLY)


def _audit_logs() -> None:
    op.create_table(
        "audit_logs",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("user_id", sa.Uuid()),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("ip", INET()),
        sa.Column("user_agent", sa.Text()),
        sa.Column("meta", JSONB()),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("prev_hash", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="audit_logs_user_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="audit_logs_pkey"),
        sa.UniqueConstraint("position", name="audit_logs_position_key"),
    )
    op.create_index("idx_audit_user", "audit_logs", ["user_id"])
