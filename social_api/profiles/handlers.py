"""Looking at people."""

import msgspec
from asyncpg import Record

from db.engine import Transaction
from social_api.auth import Actor
from social_api.media.links import LinkSigner
from social_api.problems import NotFound
from social_api.profiles import queries
from social_api.profiles.schemas import PendingRequest, ProfileCounts, ProfileView, Relation
from social_api.profiles.views import picture


async def show(actor: Actor, tx: Transaction, connect_id: str, link_signer: LinkSigner) -> ProfileView:
    """Show a person.

    Handles are the same in upper and lower case. Suspended and erased people are not there.
    """
    row = await tx.row(queries.SHOW, connect_id=connect_id, viewer=actor.user_id)
    if row is None:
        raise NotFound
    return ProfileView(
        id=row["id"],
        connect_id=row["connect_id"],
        display_name=row["display_name"],
        bio=row["bio"],
        profile_pic_url=picture(row["profile_pic_url"], link_signer),
        verified=row["verified"],
        created_at=row["created_at"],
        counts=ProfileCounts(
            followers=row["followers"], following=row["following"], friends=row["friends"], posts=row["posts"]
        ),
        relation=None if row["id"] == actor.user_id else _relation(row),
    )


def _relation(row: Record) -> Relation:
    return Relation(
        following=row["follows"],
        followed_by=row["followed_by"],
        friend=row["friend"],
        request=msgspec.convert(row["request"], PendingRequest | None),
    )
