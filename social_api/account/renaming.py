"""Changing one's handle. The old one stays one's own for ever, and leads on."""

from datetime import UTC, datetime, timedelta

from asyncpg import Record

from db import audit, handles
from db.engine import Transaction
from social_api.account import queries
from social_api.account.handlers import show
from social_api.account.schemas import Me, NewHandle
from social_api.auth import Actor
from social_api.client import Client
from social_api.media.links import LinkSigner
from social_api.problems import Conflict, Invalid, Text
from social_api.settings import Settings
from social_api.verifications import ending as verification

AT_MOST_EVERY = timedelta(days=30)

_NOT_GOOD = Text(
    "Begin and end with a letter or digit; a dot, dash or underscore stands alone.",
    "शुरुआत और अंत अक्षर या अंक से हों; बिंदु, डैश या अंडरस्कोर लगातार दो बार न आएँ।",
)
_RESERVED = Text("Nobody can have this handle.", "यह हैंडल किसी को नहीं मिल सकता।")


class HandleTaken(Conflict):
    """Somebody else has the handle, or had it."""

    name = "handle-taken"
    title = Text("This handle is taken", "यह हैंडल किसी और का है")
    detail = Text("Choose another handle.", "कोई दूसरा हैंडल चुनें।")


class HandleChangedLately(Conflict):
    """People have to be able to learn a new handle before the next."""

    name = "handle-changed-lately"
    title = Text("Not yet", "अभी नहीं")
    detail = Text(
        "You changed your handle not long ago. You can change it again after {until}.",
        "आपने हाल ही में अपना हैंडल बदला है। आप {until} के बाद इसे फिर बदल सकते हैं।",
    )


async def change_handle(
    actor: Actor, tx: Transaction, body: NewHandle, client: Client, *, settings: Settings, link_signer: LinkSigner
) -> Me:
    """Change the signed-in person's handle, at most once in 30 days.

    Nobody else ever gets the old one: links to it lead to the new one, and its person can take it back.
    A new handle ends a verification, which was of the one before: `verified_status` says so.
    """
    name = body.handle.lower()
    if not handles.is_good(name):
        raise Invalid(("/handle", _NOT_GOOD))
    if handles.is_reserved(name):
        raise Invalid(("/handle", _RESERVED))
    me = await tx.row(queries.LOCK_HANDLE, me=actor.user_id)
    wanted = handles.connect_id_of(name)
    if me is not None and me["connect_id"] != wanted:
        await _rename(tx, actor, me, wanted, client)
    return await show(actor, tx, settings, link_signer)


async def _rename(tx: Transaction, actor: Actor, me: Record, wanted: str, client: Client) -> None:
    last: datetime | None = me["handle_changed_at"]
    if last is not None and last + AT_MOST_EVERY > datetime.now(UTC):
        raise HandleChangedLately(until=f"{last + AT_MOST_EVERY:%Y-%m-%dT%H:%M:%SZ}")
    await handles.hold(tx, me["connect_id"], wanted)
    if await handles.is_taken(tx, wanted, by_other_than=actor.user_id):
        raise HandleTaken
    await tx.execute(queries.RENAME, me=actor.user_id, handle=wanted)
    await tx.execute(queries.TAKE_BACK, me=actor.user_id, handle=wanted)
    await tx.execute(queries.GIVE_UP, me=actor.user_id, handle=me["connect_id"])
    await verification.end(tx, actor, client, "handle")
    about = {"from": me["connect_id"], "to": wanted}
    await audit.record(tx, "person.renamed", actor.user_id, about, ip=client.address, user_agent=client.user_agent)
