"""The life of a friend request: pending, then accepted, rejected or withdrawn; and what may follow.

Two people have one row. Whoever was rejected waits before asking again; the one who rejected may ask at any time,
and after a withdrawal, or the end of a friendship, both may. The two are held meanwhile (`people.hold`), so what is
read of them is still so when it is changed.
"""

from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from typing import Literal
from uuid import UUID

from asyncpg import Record

from db import live, outbox
from db.engine import Transaction
from social_api.auth import Actor
from social_api.friends import queries
from social_api.friends.schemas import FriendRequestView, Status
from social_api.media.links import LinkSigner
from social_api.problems import Conflict, Forbidden, NotFound, Text
from social_api.profiles.people import hold
from social_api.profiles.views import person

COOL_DOWN = timedelta(days=30)

Settled = Literal["accepted", "rejected", "withdrawn"]


class AskedTooSoon(Conflict):
    """The person said no not long ago."""

    name = "asked-too-soon"
    title = Text("Not yet", "अभी नहीं")
    detail = Text(
        "They declined your last request. You can ask again after {until}.",
        "उन्होंने आपका पिछला अनुरोध अस्वीकार किया था। आप {until} के बाद फिर पूछ सकते हैं।",
    )


class RequestSettled(Conflict):
    """Somebody settled the request before."""

    name = "friend-request-settled"
    title = Text("Already settled", "पहले ही तय हो चुका है")
    detail = Text("This friend request is {state}.", "यह मित्र अनुरोध पहले ही तय हो चुका है ({state})।")


class RequestRefused(Forbidden):
    """The person does not want to be asked by just anyone, or by nobody."""

    name = "friend-request-refused"
    title = Text("They cannot be asked", "उनसे पूछा नहीं जा सकता")
    detail = Text("This person does not take friend requests from you.", "यह व्यक्ति आपसे मित्र अनुरोध स्वीकार नहीं करता।")


class Step(Enum):
    """What asking means when the two have a request already."""

    KEEP = auto()
    ACCEPT = auto()
    ASK_AGAIN = auto()
    REFUSE = auto()


def next_step(status: Status, *, asked_by_actor: bool, age: timedelta) -> Step:
    """What the actor's asking does to an existing request that has had its status for `age`."""
    match status:
        case "pending":
            return Step.KEEP if asked_by_actor else Step.ACCEPT
        case "accepted":
            return Step.KEEP
        case "rejected" if asked_by_actor and age < COOL_DOWN:
            return Step.REFUSE
        case _:
            return Step.ASK_AGAIN


async def ask(tx: Transaction, actor: Actor, other: UUID, request_id: str, *, links: LinkSigner) -> FriendRequestView:
    """Make, renew, accept or find the request between the two, who are held; raises AskedTooSoon and RequestRefused."""
    people = {"actor": actor.user_id, "person": other}
    existing = await tx.row(queries.BETWEEN, **people)
    if existing is not None:
        asked_by_actor = existing["requester_id"] == actor.user_id
        age = datetime.now(UTC) - existing["updated_at"]
        match next_step(existing["status"], asked_by_actor=asked_by_actor, age=age):
            case Step.KEEP:
                return await show(tx, actor, existing["id"], links)
            case Step.ACCEPT:
                return await _settle(tx, actor, existing["id"], "accepted", request_id, links=links)
            case Step.REFUSE:
                raise AskedTooSoon(until=(existing["updated_at"] + COOL_DOWN).date().isoformat())
    if not await tx.value(queries.MAY_ASK, **people):
        raise RequestRefused
    view = await show(tx, actor, await tx.value(queries.ASK, **people), links)
    await _tell(tx, "friend.requested", view, actor, request_id)
    return view


async def settle(
    tx: Transaction, actor: Actor, friend_request: UUID, to: Settled, request_id: str, *, links: LinkSigner
) -> FriendRequestView:
    """Settle a pending request: its receiver accepts or rejects, its requester withdraws.

    Doing it again changes nothing. Raises NotFound, Forbidden for the other of the two, or RequestSettled.
    """
    other: UUID | None = await tx.value(queries.WHOSE, friend_request=friend_request, actor=actor.user_id)
    if other is None:
        raise NotFound
    await hold(tx, actor, other)
    return await _settle(tx, actor, friend_request, to, request_id, links=links)


async def _settle(
    tx: Transaction, actor: Actor, friend_request: UUID, to: Settled, request_id: str, *, links: LinkSigner
) -> FriendRequestView:
    direction = "outgoing" if to == "withdrawn" else "incoming"
    statement = queries.SETTLE_OUTGOING if to == "withdrawn" else queries.SETTLE_INCOMING
    settled = await tx.execute(statement, friend_request=friend_request, actor=actor.user_id, status=to)
    view = await show(tx, actor, friend_request, links)
    if view.direction != direction:
        raise Forbidden
    if view.status != to:
        raise RequestSettled(state=view.status)
    if settled and to == "accepted":
        low, high = sorted((actor.user_id, view.person.id))
        payload = {"user_a": low, "user_b": high}
        await outbox.emit(tx, "appservice", "friendship.accepted", payload, key=f"{low}:{high}", request_id=request_id)
        await _tell(tx, "friend.accepted", view, actor, request_id)
    return view


async def end(tx: Transaction, actor: Actor, other: UUID) -> None:
    """End the friendship of the two, who are held: as if it had been asked for and taken back. So both may ask anew.

    What hangs on it goes with it: neither stays on a list of friends of the other.
    """
    await tx.execute(queries.UNFRIEND, actor=actor.user_id, person=other)
    await tx.execute(queries.LEAVE_LISTS, actor=actor.user_id, person=other)


async def show(tx: Transaction, actor: Actor, friend_request: UUID, links: LinkSigner) -> FriendRequestView:
    """A request of the actor's; raises NotFound."""
    row = await tx.row(queries.SHOW, friend_request=friend_request, actor=actor.user_id)
    if row is None:
        raise NotFound
    return view_of(row, links)


def view_of(row: Record, links: LinkSigner) -> FriendRequestView:
    """The view of a row of `queries.SHOW` or `queries.LIST`."""
    return FriendRequestView(
        id=row["id"],
        status=row["status"],
        direction=row["direction"],
        person=person(row["person"], links),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


async def _tell(
    tx: Transaction,
    event: Literal["friend.requested", "friend.accepted"],
    view: FriendRequestView,
    actor: Actor,
    request_id: str,
) -> None:
    payload = {"friend_request_id": view.id, "connect_id": actor.connect_id}
    hearers = await live.hearers(tx, actor.user_id, [view.person.id])
    await live.emit(tx, event, hearers, payload, request_id=request_id)
