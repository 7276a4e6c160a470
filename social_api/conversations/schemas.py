"""Conversations on the wire."""

from typing import Literal
from uuid import UUID

from msgspec import Struct

from social_api.moments import Moment
from social_api.profiles.schemas import PersonSummary


class ConversationView(Struct, frozen=True):
    """One of the viewer's conversations.

    `room_id` is the Matrix room to open; `others` are the first of the other participants; `unread` stops counting
    at 100; `title` is null for two people, who see each other's names.
    """

    id: UUID
    type: Literal["dm", "group", "channel"]
    title: str | None
    encrypted: bool
    room_id: str | None
    membership: Literal["join", "invite"]
    others: list[PersonSummary]
    participant_count: int
    unread: int
    created_at: Moment
    last_message_at: Moment | None


class Participant(Struct, frozen=True):
    """Someone in a conversation."""

    person: PersonSummary
    role: str
    membership: Literal["join", "invite"]
    joined_at: Moment


class ConversationDetail(Struct, frozen=True):
    """A conversation with the people in it, longest there first; at most 200 of them are listed."""

    conversation: ConversationView
    participants: list[Participant]
