"""Looking at people."""

from http import HTTPStatus
from urllib.parse import quote

import msgspec
from asyncpg import Record

from db.engine import Transaction
from social_api.auth import Actor
from social_api.media.links import LinkSigner
from social_api.problems import NotFound, Problem, Text
from social_api.profiles import queries
from social_api.profiles.schemas import PendingRequest, ProfileCounts, ProfileView, Relation
from social_api.profiles.views import picture


class Renamed(Problem):
    """The person has another handle now: `Location` leads to them, and `connect_id` names it."""

    name = "renamed"
    status = HTTPStatus.PERMANENT_REDIRECT
    title = Text("They have another handle now", "अब इनका हैंडल दूसरा है")
    detail = Text("This person is now {connect_id}.", "यह व्यक्ति अब {connect_id} है।")

    def headers(self) -> dict[str, str]:
        """RFC 9110 15.4.9."""
        return {"Location": f"/api/v1/profiles/{quote(str(self.members['connect_id']), safe='@')}"}


async def show(actor: Actor, tx: Transaction, connect_id: str, link_signer: LinkSigner) -> ProfileView:
    """Show a person.

    Handles are the same in upper and lower case; one that the person gave up leads on to the new one. Suspended,
    deactivated and erased people are not there, nor is anyone with a block between you.
    """
    row = await tx.row(queries.SHOW, connect_id=connect_id, viewer=actor.user_id)
    if row is None:
        now_called = await tx.value(queries.NOW_CALLED, connect_id=connect_id, viewer=actor.user_id)
        raise NotFound if now_called is None else Renamed(connect_id=now_called)
    return ProfileView(
        id=row["id"],
        connect_id=row["connect_id"],
        display_name=row["display_name"],
        bio=row["bio"],
        profile_pic_url=picture(row["profile_pic_url"], link_signer),
        cover_url=picture(row["cover_url"], link_signer),
        verified=row["verified"],
        is_private=row["is_private"],
        created_at=row["created_at"],
        counts=ProfileCounts(
            followers=row["followers"], following=row["following"], friends=row["friends"], posts=row["posts"]
        ),
        relation=None if row["id"] == actor.user_id else _relation(row),
    )


def _relation(row: Record) -> Relation:
    return Relation(
        following=row["follows"],
        requested=row["requested"],
        followed_by=row["followed_by"],
        friend=row["friend"],
        request=msgspec.convert(row["request"], PendingRequest | None),
        muted=row["muted"],
    )
