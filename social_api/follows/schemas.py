"""Following on the wire."""

from typing import Literal
from uuid import UUID

from msgspec import Struct

from social_api.moments import Moment
from social_api.profiles.schemas import PersonSummary


class FollowState(Struct, frozen=True):
    """What came of following: a private account has to approve it first."""

    state: Literal["following", "requested"]


class FollowRequestView(Struct, frozen=True):
    """Somebody would like to follow the viewer, whose account is private."""

    id: UUID
    person: PersonSummary
    created_at: Moment
