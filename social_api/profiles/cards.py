"""Contact cards: what a QR code or a link holds, and whose card it is."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import unquote, urlsplit

from asyncpg import Record

from db import handles
from db.engine import Transaction
from social_api.auth import Actor
from social_api.media.links import LinkSigner
from social_api.problems import Invalid, NotFound, Problem, Text
from social_api.profiles import queries
from social_api.profiles.schemas import CardQuery, ContactCard
from social_api.profiles.views import picture
from social_api.settings import Settings

_SCHEME = "meton:"
_NOT_UNDERSTOOD = Text("This is not a contact of Meton.", "यह Meton का संपर्क नहीं है।")


class ForeignCard(Problem):
    """A contact of somebody who is not here."""

    name = "foreign-card"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = Text("Not from this Meton", "इस Meton का नहीं")
    detail = Text(
        "This contact belongs to {host}: open it there.",
        "यह संपर्क {host} का है: इसे वहीं खोलें।",
    )


async def show_card(
    actor: Actor, tx: Transaction, connect_id: str, settings: Settings, link_signer: LinkSigner
) -> ContactCard:
    """Show a person's contact card.

    A handle that they had before leads to it too.
    """
    row = await tx.row(queries.CARD, connect_id=connect_id, viewer=actor.user_id)
    if row is None:
        raise NotFound
    return _card(row, settings, link_signer)


async def resolve_card(
    actor: Actor, tx: Transaction, query: CardQuery, settings: Settings, link_signer: LinkSigner
) -> ContactCard:
    """Show whose contact a QR code or a link holds.

    Understands links to people here, `meton:` and plain handles, with `@meton` or without.
    """
    return await show_card(actor, tx, connect_id_in(query.payload, settings.public_url), settings, link_signer)


def connect_id_in(payload: str, public_url: str) -> str:
    """The handle that a contact names; raises ForeignCard for one of elsewhere, and Invalid for what is none."""
    text = payload.strip()
    if text.lower().startswith(("http://", "https://")):
        text = _path_of(text, public_url)
    elif text.lower().startswith(_SCHEME):
        text = text[len(_SCHEME) :].removeprefix("//")
    name, at, domain = unquote(text).removeprefix("@").lower().partition("@")
    if at and domain != handles.DOMAIN:
        raise ForeignCard(host=domain) if domain else Invalid(("payload", _NOT_UNDERSTOOD))
    if not name or not name.isprintable() or any(c in name for c in "/?#: "):
        raise Invalid(("payload", _NOT_UNDERSTOOD))
    return handles.connect_id_of(name)


def _path_of(url: str, public_url: str) -> str:
    """What stands after the host, which has to be ours."""
    try:
        found = urlsplit(url)
        host = found.hostname or ""
    except ValueError:
        raise Invalid(("payload", _NOT_UNDERSTOOD)) from None
    if found.netloc.rpartition("@")[2].lower() != urlsplit(public_url).netloc.lower():
        raise ForeignCard(host=host)
    if not found.path.startswith("/@"):
        raise Invalid(("payload", _NOT_UNDERSTOOD))
    return found.path.removeprefix("/").removesuffix("/")


def _card(row: Record, settings: Settings, links: LinkSigner) -> ContactCard:
    url = f"{settings.public_url}/@{row['connect_id'].partition('@')[0]}"
    return ContactCard(
        connect_id=row["connect_id"],
        display_name=row["display_name"],
        profile_pic_url=picture(row["profile_pic_url"], links),
        verified=row["verified"],
        matrix_user_id=row["mxid"],
        url=url,
        qr_payload=url,
    )
