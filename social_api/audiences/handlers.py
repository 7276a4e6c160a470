"""Close friends, and lists of one's own making: whom one shows some posts only."""

import unicodedata
from uuid import UUID

import asyncpg
from asyncpg import Record
from msgspec import UNSET

from db.engine import Transaction
from social_api.audiences import membership, queries
from social_api.audiences.schemas import AudienceListChange, AudienceListView, NewAudienceList
from social_api.auth import Actor
from social_api.media.links import LinkSigner
from social_api.pages import Listing, Page
from social_api.problems import Conflict, Invalid, NotFound, Text
from social_api.profiles.people import find_for_change
from social_api.profiles.schemas import PersonSummary
from social_api.profiles.views import person

MOST_LISTS = 50
_NEWEST = UUID(int=2**128 - 1)
_BLANK = Text("Write something that can be seen.", "ऐसा कुछ लिखें जो दिखाई दे।")


class TooManyLists(Conflict):
    """One has as many lists as one can have."""

    name = "too-many-lists"
    title = Text("No more lists", "और सूचियाँ नहीं")
    detail = Text("You can have at most {limit} lists.", "आपकी अधिकतम {limit} सूचियाँ हो सकती हैं।")


class ListNameTaken(Conflict):
    """One's lists have different names, in any case."""

    name = "list-name-taken"
    title = Text("You have a list of that name", "इस नाम की सूची आपके पास है")
    detail = Text("Give each of your lists a name of its own.", "अपनी हर सूची को अलग नाम दें।")


async def listing(actor: Actor, tx: Transaction, page: Page) -> Listing[AudienceListView]:
    """List one's lists, newest first.

    Nobody else can see them, and nobody learns that they are on one.
    """
    rows = await tx.rows(queries.LIST, viewer=actor.user_id, before=_before(page), limit=page.fetch)
    return page.listing(rows, _view, lambda row: (row["id"],))


async def create(actor: Actor, tx: Transaction, body: NewAudienceList) -> AudienceListView:
    """Make a list of friends.

    One has at most 50; their names differ by more than upper and lower case.
    """
    name = _clean(body.name)
    await tx.execute(queries.LOCK_OWNER, viewer=actor.user_id)
    if await tx.value(queries.COUNT, viewer=actor.user_id) >= MOST_LISTS:
        raise TooManyLists(limit=MOST_LISTS)
    made: UUID | None = await tx.value(queries.INSERT, viewer=actor.user_id, name=name)
    if made is None:
        raise ListNameTaken
    return await show(actor, tx, made)


async def show(actor: Actor, tx: Transaction, list_id: UUID) -> AudienceListView:
    """Show one of one's lists."""
    row = await tx.row(queries.SHOW, audience_list=list_id, viewer=actor.user_id)
    if row is None:
        raise NotFound
    return _view(row)


async def change(actor: Actor, tx: Transaction, list_id: UUID, body: AudienceListChange) -> AudienceListView:
    """Rename a list."""
    if body.name is not UNSET:
        try:
            await tx.execute(queries.RENAME, audience_list=list_id, viewer=actor.user_id, name=_clean(body.name))
        except asyncpg.UniqueViolationError:
            raise ListNameTaken from None
    return await show(actor, tx, list_id)


async def delete(actor: Actor, tx: Transaction, list_id: UUID) -> None:
    """Delete a list.

    Posts that were for the people on it are one's own alone from then on.
    """
    if not await tx.execute(queries.DELETE, audience_list=list_id, viewer=actor.user_id):
        raise NotFound


async def members(
    actor: Actor, tx: Transaction, list_id: UUID, page: Page, link_signer: LinkSigner
) -> Listing[PersonSummary]:
    """List who is on a list, the last one added first."""
    before = _before(page)
    if await tx.value(queries.FIND, audience_list=list_id, viewer=actor.user_id) is None:
        raise NotFound
    rows = await tx.rows(queries.MEMBERS, audience_list=list_id, viewer=actor.user_id, before=before, limit=page.fetch)
    return page.listing(rows, lambda row: person(row["person"], link_signer), lambda row: (row["id"],))


async def add_member(actor: Actor, tx: Transaction, list_id: UUID, connect_id: str) -> None:
    """Put a friend on a list.

    They do not learn of it. A list has at most 500 people. Doing it again changes nothing.
    """
    friend = await find_for_change(tx, actor, connect_id)
    if await tx.value(queries.LOCK, audience_list=list_id, viewer=actor.user_id) is None:
        raise NotFound
    await membership.add(tx, actor, list_id, friend)


async def remove_member(actor: Actor, tx: Transaction, list_id: UUID, connect_id: str) -> None:
    """Take somebody off a list.

    They do not learn of it. Doing it again changes nothing.
    """
    friend = await find_for_change(tx, actor, connect_id)
    if await tx.value(queries.FIND, audience_list=list_id, viewer=actor.user_id) is None:
        raise NotFound
    await tx.execute(queries.REMOVE, audience_list=list_id, member=friend)


async def close_friends(actor: Actor, tx: Transaction, page: Page, link_signer: LinkSigner) -> Listing[PersonSummary]:
    """List one's close friends, the last one added first.

    Nobody else can see them, and nobody learns that they are one.
    """
    before = _before(page)
    own: UUID | None = await tx.value(queries.FIND_CLOSE_FRIENDS, viewer=actor.user_id)
    rows = await tx.rows(queries.MEMBERS, audience_list=own, viewer=actor.user_id, before=before, limit=page.fetch)
    return page.listing(rows, lambda row: person(row["person"], link_signer), lambda row: (row["id"],))


async def add_close_friend(actor: Actor, tx: Transaction, connect_id: str) -> None:
    """Make a friend a close friend.

    They do not learn of it. One has at most 500. Doing it again changes nothing.
    """
    friend = await find_for_change(tx, actor, connect_id)
    await tx.execute(queries.MAKE_CLOSE_FRIENDS, viewer=actor.user_id)
    await membership.add(tx, actor, await tx.value(queries.LOCK_CLOSE_FRIENDS, viewer=actor.user_id), friend)


async def remove_close_friend(actor: Actor, tx: Transaction, connect_id: str) -> None:
    """Make a close friend a friend like others.

    They do not learn of it. Doing it again changes nothing.
    """
    friend = await find_for_change(tx, actor, connect_id)
    own: UUID | None = await tx.value(queries.FIND_CLOSE_FRIENDS, viewer=actor.user_id)
    await tx.execute(queries.REMOVE, audience_list=own, member=friend)


def _before(page: Page) -> UUID:
    after = page.after(tuple[UUID])
    return after[0] if after else _NEWEST


def _clean(name: str) -> str:
    """The name as it is kept; raises Invalid when nothing of it can be seen."""
    if all(unicodedata.category(sign)[0] in "CZ" for sign in name):
        raise Invalid(("/name", _BLANK))
    return unicodedata.normalize("NFC", " ".join(name.split()))


def _view(row: Record) -> AudienceListView:
    return AudienceListView(
        id=row["id"], name=row["name"], member_count=row["member_count"], created_at=row["created_at"]
    )
