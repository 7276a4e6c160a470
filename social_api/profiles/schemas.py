"""What the API says about a person."""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

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
    """How the viewer and this person stand to each other.

    `requested` waits for a private account to approve it; `request` is a friend request; of `muted` nobody else knows.
    """

    following: bool
    requested: bool
    followed_by: bool
    friend: bool
    request: PendingRequest | None
    muted: bool


class ProfileCounts(Struct, frozen=True):
    """How much there is to see; posts counts those the viewer may see.

    People who are suspended or have deactivated their account do not count, save where there are more than a thousand.
    """

    followers: int
    following: int
    friends: int
    posts: int


class ProfileView(Struct, frozen=True):
    """A person's page. `relation` is null on one's own; links to pictures are good for some minutes."""

    id: UUID
    connect_id: str
    display_name: str
    bio: str | None
    profile_pic_url: str | None
    cover_url: str | None
    verified: bool
    is_private: bool
    created_at: Moment
    counts: ProfileCounts
    relation: Relation | None


class ContactCard(Struct, frozen=True):
    """What is needed to find a person again.

    `qr_payload` is what to show as a QR code: any camera opens it, and `GET /v1/cards` understands it.
    `matrix_user_id` is null for the moments until the chat account is made.
    """

    connect_id: str
    display_name: str
    profile_pic_url: str | None
    verified: bool
    matrix_user_id: str | None
    url: str
    qr_payload: str


class CardQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """What a QR code or a link held."""

    payload: Annotated[str, Meta(min_length=1, max_length=500, examples=["meton:alice@meton"])]
