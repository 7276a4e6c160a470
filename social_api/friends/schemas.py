"""Friend requests on the wire."""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from social_api.moments import Moment
from social_api.profiles.schemas import PersonSummary

Status = Literal["pending", "accepted", "rejected", "withdrawn"]


class NewFriendRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """Whom to ask. If they have asked already, this accepts."""

    connect_id: Annotated[str, Meta(min_length=1, max_length=255, examples=["bob@meton"])]


class FriendRequestFilter(Struct, frozen=True, forbid_unknown_fields=True):
    """Which requests to list; `status=accepted` lists friends."""

    status: Status = "pending"
    direction: Literal["incoming", "outgoing", "any"] = "any"


class FriendRequestView(Struct, frozen=True):
    """One request as seen by one of its two people; `person` is the other."""

    id: UUID
    status: Status
    direction: Literal["incoming", "outgoing"]
    person: PersonSummary
    created_at: Moment
    updated_at: Moment
