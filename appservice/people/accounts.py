"""The one Matrix account of each person: found, or made with the first free name."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import count
from uuid import UUID
from weakref import WeakValueDictionary

import asyncpg

from appservice.homeserver import AUTH_PROVIDER, Homeserver, Json
from appservice.people import queries
from db import people
from db.engine import Database, Transaction

# The actor cannot act for these (synapse-config/registrations/actor.yaml), so nobody's account may be called so.
RESERVED = "boot-"
_turns: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()


async def ensure_account(database: Database, homeserver: Homeserver, user_id: UUID) -> str:
    """The person's MXID, made when missing; repeatable after a kill at any point. LookupError for an unknown id.

    One at a time for a person: Synapse makes an account first and binds it a moment later, when another command of the
    same person would take it for somebody else's. One process is enough to ask, as Synapse has one appservice.
    """
    async with _turns.setdefault(user_id, asyncio.Lock()):
        return await _ensure_account(database, homeserver, user_id)


async def _ensure_account(database: Database, homeserver: Homeserver, user_id: UUID) -> str:
    async with database.reading() as tx:
        person = await tx.row(queries.PERSON, user_id=user_id)
    if person is None:
        raise LookupError("no such person")
    if person["provisioned_at"] is not None:
        return str(person["mxid"])
    mxid = await homeserver.account_of(person["subject"]) or await _make_account(database, homeserver, user_id, person)
    async with database.transaction() as tx:
        await _choose(tx, user_id, mxid)
        await tx.execute(queries.CONFIRM_NAME, user_id=user_id)
    return mxid


async def _make_account(database: Database, homeserver: Homeserver, user_id: UUID, person: asyncpg.Record) -> str:
    """Make an account under the first name that is free.

    The choice is written down first: an account that exists without an owner is ours, left half-made by a kill, only
    if we had chosen its name; any other may be a service's and is never taken over.
    """
    for mxid in _names(person["connect_id"], homeserver.server_name):
        existing = await homeserver.account(mxid)
        if existing is not None and (existing["external_ids"] or mxid != person["mxid"]):
            continue
        async with database.transaction() as tx:
            chosen = await _choose(tx, user_id, mxid)
        if not chosen:
            continue
        # Refused when somebody takes the name, or the person signs in to Synapse, in this moment: then the command is
        # repeated, and finds what has become of it.
        await homeserver.make_account(mxid, person["subject"], person["display_name"])
        return mxid
    raise AssertionError("there is always another number")


async def _choose(tx: Transaction, user_id: UUID, mxid: str) -> bool:
    """Write down that this person is to have this name; False when another person has it."""
    await tx.execute(queries.GIVE_UP_OTHER_NAMES, user_id=user_id, mxid=mxid)
    await tx.execute(queries.CHOOSE_NAME, user_id=user_id, mxid=mxid)
    return bool(await tx.value(queries.HOLDER, mxid=mxid) == user_id)


def _names(connect_id: str, server_name: str) -> Iterator[str]:
    username = connect_id.partition("@")[0]
    if username.startswith(RESERVED):
        username = f"x{username}"
    yield f"@{username}:{server_name}"
    yield from (f"@{username}{number}:{server_name}" for number in count(1))


async def meet(database: Database, homeserver: Homeserver, mxid: str) -> UUID | None:
    """The person behind an account first seen in a room; None for one that is no person's (a service, an admin)."""
    account = await homeserver.account(mxid)
    subject = _subject(account)
    if account is None or subject is None:
        return None
    localpart = mxid[1:].partition(":")[0]
    emails = (each["address"] for each in account["threepids"] if each["medium"] == "email")
    async with database.transaction() as tx:
        user_id = await people.register(
            tx, subject, localpart, account["displayname"] or localpart, next(emails, None), language=None
        )
        await _choose(tx, user_id, mxid)
        await tx.execute(queries.CONFIRM_NAME, user_id=user_id)
    return user_id


def _subject(account: Json | None) -> str | None:
    bound = account["external_ids"] if account else []
    return next((each["external_id"] for each in bound if each["auth_provider"] == AUTH_PROVIDER), None)
