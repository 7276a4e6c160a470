"""Muted words without what may stand beside them: that is now said once, around all words of a person."""

import sqlalchemy as sa
from alembic import op

revision = "20261123_muted_words"
down_revision = "20261122_validation"
branch_labels = None
depends_on = None

# As they were written; in the words themselves such characters are escaped.
_PART_OF_WORD = "[[:alnum:]_\u0300-\u036f\u0900-\u0963\u0966-\u0dff\u200c\u200d]"
_BEFORE = f"(?<!{_PART_OF_WORD})"
_AFTER = f"(?!{_PART_OF_WORD})"


def upgrade() -> None:
    words = sa.table("muted_words", sa.column("pattern", sa.Text))
    bare = sa.func.replace(sa.func.replace(words.c.pattern, _BEFORE, ""), _AFTER, "")
    op.execute(sa.update(words).values(pattern=bare).where(words.c.pattern != bare))
