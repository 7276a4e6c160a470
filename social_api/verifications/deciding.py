"""What administrators and moderators decide about verification."""

from datetime import UTC, datetime
from uuid import UUID

import msgspec
from asyncpg import Record

from db import audit, live
from db.engine import Transaction
from social_api.auth import Actor
from social_api.client import Client
from social_api.media.links import LinkSigner
from social_api.pages import Listing, Page
from social_api.problems import Conflict, Forbidden, Invalid, NotFound, Text
from social_api.profiles.views import person
from social_api.verifications import queries
from social_api.verifications.handlers import refuse_aadhaar, view
from social_api.verifications.schemas import Decision, VerificationCase, VerificationView

_REASON_NEEDED = Text("Say why; the person is told.", "कारण बताएँ; व्यक्ति को यह बताया जाएगा।")
_FIRST = UUID(int=0)


class DecidedBefore(Conflict):
    """Somebody decided already."""

    name = "verification-decided"
    title = Text("Already decided", "पहले ही तय हो चुका है")
    detail = Text("Somebody has decided about this request.", "इस अनुरोध पर फ़ैसला हो चुका है।")


async def listing(tx: Transaction, page: Page, link_signer: LinkSigner) -> Listing[VerificationCase]:
    """List who waits to be verified, the oldest account first."""
    after = page.after(tuple[UUID])
    rows = await tx.rows(queries.PENDING, after=after[0] if after else _FIRST, limit=page.fetch)

    def case(row: Record) -> VerificationCase:
        shown = {**row["meta"], "user_id": row["id"], "person": person(row["person"], link_signer)}
        return msgspec.convert(shown, VerificationCase)

    return page.listing(rows, case, lambda row: (row["id"],))


async def decide(
    actor: Actor, tx: Transaction, user_id: UUID, body: Decision, client: Client, *, request_id: str
) -> VerificationView:
    """Decide whether somebody is verified.

    Final: after a refusal the person has to ask again. Nobody decides about themselves.
    """
    reason = (body.reason or "").strip()
    refuse_aadhaar(body)
    row = await tx.row(queries.LOCK, person=user_id)
    if row is None or row["verification_meta"] is None:
        raise NotFound
    if user_id == actor.user_id:
        raise Forbidden
    if not body.approved and not reason:
        raise Invalid(("/reason", _REASON_NEEDED))
    if row["verified_status"] != "pending":
        raise DecidedBefore
    status = "verified" if body.approved else "none"
    meta = _decided(row["verification_meta"], reason, approved=body.approved)
    await tx.execute(queries.SET, person=user_id, status_=status, meta=meta)
    await live.emit(tx, "verification.decided", [user_id], {"approved": body.approved}, request_id=request_id)
    about = {"person": str(user_id), "reason": reason or None}
    action = "verification.approved" if body.approved else "verification.refused"
    await audit.record(tx, action, actor.user_id, about, ip=client.address, user_agent=client.user_agent)
    return view(status, meta)


def _decided(meta: dict[str, str], reason: str, *, approved: bool) -> dict[str, str]:
    """What is kept afterwards: of a request that was refused only that and why."""
    decided = {"decided_at": datetime.now(UTC).isoformat()}
    return {**meta, **decided} if approved else {"requested_at": meta["requested_at"], "reason": reason, **decided}
