"""Asking to be verified, and taking that back."""

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

import msgspec

from db import audit
from db.engine import Transaction
from social_api.auth import Actor
from social_api.client import Client
from social_api.problems import Conflict, NotFound, Problem, Text
from social_api.verifications import queries
from social_api.verifications.aadhaar import holds_aadhaar
from social_api.verifications.hashing import salted
from social_api.verifications.schemas import NewVerification, VerificationView

COOL_DOWN = timedelta(days=7)


class AadhaarRefused(Problem):
    """A field holds an Aadhaar number, which Meton neither needs nor keeps; `field` says which."""

    name = "aadhaar-refused"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = Text("Do not send your Aadhaar number", "अपना आधार नंबर न भेजें")
    detail = Text(
        "`{field}` holds an Aadhaar number. Meton never keeps one: send only what the identity provider gave you.",
        "`{field}` में आधार नंबर है। Meton उसे कभी नहीं रखता: केवल वही भेजें जो पहचान प्रदाता ने आपको दिया है।",
    )


class AlreadyAsked(Conflict):
    """The request waits for a decision, or was granted; `state` says which."""

    name = "verification-already-asked"
    title = Text("You have asked already", "आप पहले ही अनुरोध कर चुके हैं")
    detail = Text("Your verification is {state}.", "आपके सत्यापन की स्थिति: {state}।")


class RefusedLately(Conflict):
    """A request was refused not long ago."""

    name = "verification-refused-lately"
    title = Text("Not yet", "अभी नहीं")
    detail = Text(
        "Your last request was refused. You can ask again after {until}.",
        "आपका पिछला अनुरोध अस्वीकार हुआ था। आप {until} के बाद फिर अनुरोध कर सकते हैं।",
    )


async def show(actor: Actor, tx: Transaction) -> VerificationView:
    """Show how far one's own verification is."""
    row = await tx.row(queries.SHOW, person=actor.user_id)
    if row is None:
        raise NotFound
    return view(row["verified_status"], row["verification_meta"])


async def create(actor: Actor, tx: Transaction, body: NewVerification, client: Client) -> VerificationView:
    """Ask to be verified.

    Kept are the provider's name, its token's id and a salted hash of the document token, nothing else. An Aadhaar
    number is refused wherever it stands. Whoever was refused can ask again after 7 days.
    """
    refuse_aadhaar(body)
    row = await tx.row(queries.LOCK, person=actor.user_id)
    if row is None:
        raise NotFound
    if row["verified_status"] != "none":
        raise AlreadyAsked(state=row["verified_status"])
    before = view("none", row["verification_meta"])
    now = datetime.now(UTC)
    if before.decided_at is not None and before.decided_at + COOL_DOWN > now:
        raise RefusedLately(until=f"{before.decided_at + COOL_DOWN:%Y-%m-%dT%H:%M:%SZ}")
    meta = {
        "provider": body.provider,
        "token_id": body.token_id,
        "document_hash": await salted(body.document_token),
        "requested_at": now.isoformat(),
    }
    await tx.execute(queries.SET, person=actor.user_id, status_="pending", meta=meta)
    about = {"provider": body.provider}
    await audit.record(
        tx, "verification.requested", actor.user_id, about, ip=client.address, user_agent=client.user_agent
    )
    return view("pending", meta)


async def withdraw(actor: Actor, tx: Transaction, client: Client) -> None:
    """Take back a request that waits for a decision.

    What was kept for it is gone. Doing it again changes nothing.
    """
    if await tx.execute(queries.WITHDRAW, person=actor.user_id):
        await audit.record(tx, "verification.withdrawn", actor.user_id, ip=client.address, user_agent=client.user_agent)


def view(status: str, meta: Any) -> VerificationView:
    """What the person may know of the row."""
    return msgspec.convert({**(meta or {}), "status": status}, VerificationView)


def refuse_aadhaar(body: msgspec.Struct) -> None:
    """Refuse an Aadhaar number in any text of `body`; raises AadhaarRefused."""
    for name, value in msgspec.structs.asdict(body).items():
        if isinstance(value, str) and holds_aadhaar(value):
            raise AadhaarRefused(field=name)
