"""Listing one's chats. What is said in them is between their members and Matrix."""

from datetime import UTC, datetime
from uuid import UUID

from asyncpg import Record

from db.engine import Transaction
from social_api.auth import Actor
from social_api.conversations import queries
from social_api.conversations.schemas import ConversationDetail, ConversationView, Participant
from social_api.media.links import LinkSigner
from social_api.pages import Listing, Page
from social_api.problems import NotFound
from social_api.profiles.views import person

_BEGINNING = (datetime(9999, 12, 31, tzinfo=UTC), UUID(int=2**128 - 1))


async def listing(actor: Actor, tx: Transaction, page: Page, link_signer: LinkSigner) -> Listing[ConversationView]:
    """List one's conversations, the one with the latest message first.

    Those one was invited to are among them; those one has left are not.
    """
    before, before_id = page.after(tuple[datetime, UUID]) or _BEGINNING
    rows = await tx.rows(queries.LIST, viewer=actor.user_id, before=before, before_id=before_id, limit=page.fetch)
    return page.listing(rows, lambda row: _view(row, link_signer), lambda row: (row["active_at"], row["id"]))


async def show(actor: Actor, tx: Transaction, conversation_id: UUID, link_signer: LinkSigner) -> ConversationDetail:
    """Show one of one's conversations and who is in it.

    Those who are not there for one, after a block, are left out.
    """
    row = await tx.row(queries.SHOW, viewer=actor.user_id, conversation=conversation_id)
    if row is None:
        raise NotFound
    participants = await tx.rows(queries.PARTICIPANTS, viewer=actor.user_id, conversation=conversation_id)
    return ConversationDetail(
        conversation=_view(row, link_signer), participants=[_participant(each, link_signer) for each in participants]
    )


def _view(row: Record, links: LinkSigner) -> ConversationView:
    return ConversationView(
        id=row["id"],
        type=row["type"],
        title=row["title"],
        encrypted=row["encrypted"],
        room_id=row["room_id"],
        membership=row["membership"],
        others=[person(each, links) for each in row["others"]],
        participant_count=row["participant_count"],
        unread=row["unread"],
        created_at=row["created_at"],
        last_message_at=row["last_message_at"],
    )


def _participant(row: Record, links: LinkSigner) -> Participant:
    return Participant(
        person=person(row["person"], links),
        role=row["role"],
        membership=row["membership"],
        joined_at=row["joined_at"],
    )
