"""Listing one's chats. What is said in them is between their members and Matrix."""

from datetime import UTC, datetime
from uuid import UUID

import msgspec
from asyncpg import Record

from db.engine import Transaction
from social_api.auth import Actor
from social_api.conversations import queries
from social_api.conversations.schemas import ConversationDetail, ConversationView, Participant
from social_api.pages import Listing, Page
from social_api.problems import NotFound
from social_api.profiles.schemas import PersonSummary

_BEGINNING = (datetime(9999, 12, 31, tzinfo=UTC), UUID(int=2**128 - 1))


async def listing(actor: Actor, tx: Transaction, page: Page) -> Listing[ConversationView]:
    """List one's conversations, the one with the latest message first.

    Those one was invited to are among them; those one has left are not.
    """
    before, before_id = page.after(tuple[datetime, UUID]) or _BEGINNING
    rows = await tx.rows(queries.LIST, viewer=actor.user_id, before=before, before_id=before_id, limit=page.fetch)
    return page.listing(rows, _view, lambda row: (row["active_at"], row["id"]))


async def show(actor: Actor, tx: Transaction, conversation_id: UUID) -> ConversationDetail:
    """Show one of one's conversations and who is in it."""
    row = await tx.row(queries.SHOW, viewer=actor.user_id, conversation=conversation_id)
    if row is None:
        raise NotFound
    participants = await tx.rows(queries.PARTICIPANTS, conversation=conversation_id)
    return ConversationDetail(conversation=_view(row), participants=[_participant(each) for each in participants])


def _view(row: Record) -> ConversationView:
    return ConversationView(
        id=row["id"],
        type=row["type"],
        title=row["title"],
        encrypted=row["encrypted"],
        room_id=row["room_id"],
        membership=row["membership"],
        others=msgspec.convert(row["others"], list[PersonSummary]),
        participant_count=row["participant_count"],
        unread=row["unread"],
        created_at=row["created_at"],
        last_message_at=row["last_message_at"],
    )


def _participant(row: Record) -> Participant:
    return Participant(
        person=msgspec.convert(row["person"], PersonSummary),
        role=row["role"],
        membership=row["membership"],
        joined_at=row["joined_at"],
    )
