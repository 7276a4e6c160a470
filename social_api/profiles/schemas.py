"""What the API says about a person."""

from typing import Literal
from uuid import UUID

from msgspec import Struct

from social_api.moments import Moment


class PersonSummary(Struct, frozen=True):
    """Who someone is, as shown beside what they wrote or sent."""

    id: UUID
    connect_id: str
    display_name: str
    profile_pic_url: str | None
    verified: bool


class PendingRequest(Struct, frozen=True):
    """A friend request between the viewer and this person that nobody has settled yet."""

    id: UUID
    direction: Literal["incoming", "outgoing"]


class Relation(Struct, frozen=True):
    """How the viewer and this person stand to each other."""

    following: bool
    followed_by: bool
    friend: bool
    request: PendingRequest | None


class ProfileCounts(Struct, frozen=True):
    """How much there is to see; posts counts those the viewer may see."""

    followers: int
    following: int
    friends: int
    posts: int


class ProfileView(Struct, frozen=True):
    """A person's page. `relation` is null on one's own."""

    id: UUID
    connect_id: str
    display_name: str
    bio: str | None
    profile_pic_url: str | None
    verified: bool
    created_at: Moment
    counts: ProfileCounts
    relation: Relation | None
