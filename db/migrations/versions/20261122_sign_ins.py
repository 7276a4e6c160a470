"""One session a sign-in: what tells those of one Keycloak session apart, and the end of one token."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "20261122_sign_ins"
down_revision = "20261122_threads"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _auth_sessions()
    _revocations()


def _auth_sessions() -> None:
    op.add_column("auth_sessions", sa.Column("family_hash", sa.Text()))
    op.add_column("auth_sessions", sa.Column("keycloak_token", sa.LargeBinary()))
    op.add_column(
        "auth_sessions",
        sa.Column("access_tokens", JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
    )
    op.create_index("idx_auth_family", "auth_sessions", ["family_hash"], unique=True)
    op.drop_index("idx_auth_previous_token", "auth_sessions")
    # refresh tokens given until now were Keycloak's own and are not taken any more
    op.execute("UPDATE auth_sessions SET ended_at = now(), previous_answer = NULL WHERE ended_at IS NULL")


def _revocations() -> None:
    op.add_column("revocations", sa.Column("token", sa.Text()))
    op.create_index(
        "idx_revocations_session", "revocations", ["session"], postgresql_where=sa.text("session IS NOT NULL")
    )
