"""Reading and changing what one says about oneself, and what one wants."""

import msgspec
from msgspec import UNSET

from db import names, opening
from db.engine import Transaction
from social_api.account import queries
from social_api.account.schemas import AccountSettings, MatrixAccount, Me, MeChange, Privacy, SettingsChange
from social_api.auth import Actor
from social_api.client import Client
from social_api.media.links import LinkSigner
from social_api.problems import Invalid, NotFound, Text
from social_api.profiles.views import picture
from social_api.settings import Settings
from social_api.verifications import ending as verification

_BLANK = Text("Write something that can be seen.", "ऐसा कुछ लिखें जो दिखाई दे।")


async def show(actor: Actor, tx: Transaction, settings: Settings, link_signer: LinkSigner) -> Me:
    """Show the signed-in person.

    `matrix` says where to chat; it is null for the moments between signing up and the chat account being made.
    """
    row = await tx.row(queries.SHOW, me=actor.user_id)
    if row is None:
        raise NotFound
    return Me(
        id=row["id"],
        connect_id=row["connect_id"],
        display_name=row["display_name"],
        email=row["email"],
        bio=row["bio"],
        profile_pic_url=picture(row["profile_pic_url"], link_signer),
        cover_url=picture(row["cover_url"], link_signer),
        language=row["language"],
        verified_status=row["verified_status"],
        is_private=row["is_private"],
        created_at=row["created_at"],
        matrix=None if row["mxid"] is None else MatrixAccount(user_id=row["mxid"], homeserver=settings.public_url),
    )


async def change(
    actor: Actor, tx: Transaction, body: MeChange, client: Client, *, settings: Settings, link_signer: LinkSigner
) -> Me:
    """Change the signed-in person's display name, bio or language.

    What is left out stays as it is. A name is kept without what nobody can see of it. Another name ends a verification,
    which was of the one before: `verified_status` says so.
    """
    name = None if body.display_name is UNSET else names.tidy(body.display_name)
    if name == "":
        raise Invalid(("/display_name", _BLANK))
    bio = None if body.bio is UNSET else (body.bio or "").strip() or None
    before = await tx.value(queries.LOCK_NAME, me=actor.user_id)
    await tx.execute(
        queries.CHANGE,
        me=actor.user_id,
        display_name=name,
        language=None if body.language is UNSET else body.language,
        changes_bio=body.bio is not UNSET,
        bio=bio,
    )
    if name not in {None, before}:
        await verification.end(tx, actor, client, "display_name")
    return await show(actor, tx, settings, link_signer)


async def show_settings(actor: Actor, tx: Transaction) -> AccountSettings:
    """Show what the signed-in person wants."""
    return msgspec.convert(await tx.value(queries.SETTINGS, me=actor.user_id), AccountSettings)


async def change_settings(actor: Actor, tx: Transaction, body: SettingsChange) -> AccountSettings:
    """Change what the signed-in person wants.

    What is left out stays as it is.
    """
    change = msgspec.to_builtins(body)
    return msgspec.convert(await tx.value(queries.CHANGE_SETTINGS, me=actor.user_id, change=change), AccountSettings)


async def change_privacy(
    actor: Actor, tx: Transaction, body: Privacy, settings: Settings, *, link_signer: LinkSigner, request_id: str
) -> Me:
    """Make the account private, or open it.

    Who follows already goes on following. Opening it lets everybody in who was waiting for approval: soon after the
    answer, since they may be many, and for as long as it stays open.
    """
    await tx.execute(queries.SET_PRIVACY, me=actor.user_id, is_private_=body.is_private)
    if not body.is_private:
        await opening.announce(tx, actor.user_id, request_id)
    return await show(actor, tx, settings, link_signer)
