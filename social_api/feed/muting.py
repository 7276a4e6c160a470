"""What somebody does not want to read: it hides from feeds, and from nothing else."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, func, literal, or_, select, true
from sqlalchemy.orm import aliased

from db.audience import VIEWER, has_muted
from db.models import MutedWord, Post
from social_api.mutes.words import EDGE

# Found once for a statement, not for each post; of most people there are none, and then no caption is read. One
# expression for all of them: PostgreSQL keeps no more than 32 compiled ones, and compiled each of 40 for each post.
_WORDS = (
    select(literal(f"{EDGE}(?:").concat(func.string_agg(MutedWord.pattern, "|")).concat(f"){EDGE}"))
    .where(MutedWord.user_id == VIEWER, or_(MutedWord.expires_at.is_(None), MutedWord.expires_at > func.now()))
    .scalar_subquery()
)


def says_nothing_muted(post: Any = Post) -> ColumnElement[bool]:
    """Whether neither `post` nor what it passes on has a word in it that the viewer muted, and what it passes on is not
    by somebody they muted. Whether its own author is, the caller asks once for each author.
    """
    original = aliased(Post)
    hidden = (
        select(1)
        .where(original.id == post.repost_of, or_(has_muted(VIEWER, original.user_id), ~_has_no_word(original)))
        .correlate_except(original)
        .exists()
    )
    return and_(_has_no_word(post), or_(post.repost_of.is_(None), ~hidden))


def _has_no_word(post: Any) -> ColumnElement[bool]:
    # NULL without a caption, and without any muted word
    return func.coalesce(post.caption.op("!~*", is_comparison=True)(_WORDS), true())
