"""The first suggestions, for whoever has room for some."""

from collections.abc import Sequence
from uuid import UUID

from asyncpg import Record

from db.engine import Transaction
from social_api.auth import Actor
from social_api.media.links import LinkSigner
from social_api.profiles.views import person
from social_api.suggestions import queries
from social_api.suggestions.schemas import Reason, Suggestion

Place = tuple[int, int, UUID]
"""Where a suggestion stands: kind, count (the greater the sooner), person."""

START: Place = (0, 0, UUID(int=0))


async def first(tx: Transaction, actor: Actor, links: LinkSigner, limit: int = 5) -> list[Suggestion]:
    """The best few suggestions, in one statement."""
    return [view(row, links) for row in await load(tx, actor, limit)]


async def load(tx: Transaction, actor: Actor, limit: int, after: Place = START) -> Sequence[Record]:
    """The rows of the suggestions that follow `after`, for `view`."""
    place, fewness, last = after
    return await tx.rows(queries.LIST, viewer=actor.user_id, place=place, fewness=fewness, after=last, limit=limit)


def view(row: Record, links: LinkSigner) -> Suggestion:
    """The suggestion of one row."""
    reason = Reason(kind=row["kind"], count=row["count"], people=[person(each, links) for each in row["people"]])
    return Suggestion(person=person(row["person"], links), reason=reason)
