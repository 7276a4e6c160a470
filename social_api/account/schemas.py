"""What a person reads and changes about themselves."""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from db import names
from social_api.moments import Moment

# No controls and nothing that turns the direction of writing, which make one name look like another.
_NAME = r"^[^\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]*$"

DisplayName = Annotated[str, Meta(min_length=1, max_length=names.LONGEST, pattern=_NAME, examples=["आलिया शर्मा"])]
Bio = Annotated[str, Meta(max_length=500, pattern=r"^[^\u0000]*$", examples=["Tea, trains and typography."])]
Language = Literal["en", "hi"]


class MatrixAccount(Struct, frozen=True):
    """Where the person chats: log in to `homeserver` by single sign-on and be `user_id`."""

    user_id: str
    homeserver: str


class Me(Struct, frozen=True):
    """The signed-in person. `matrix` is null for the moments until the chat account is made."""

    id: UUID
    connect_id: str
    display_name: str
    email: str | None
    bio: str | None
    profile_pic_url: str | None
    cover_url: str | None
    language: str
    verified_status: str
    is_private: bool
    created_at: Moment
    matrix: MatrixAccount | None


class MeChange(Struct, frozen=True, forbid_unknown_fields=True):
    """What to change; a field that is left out stays, a null `bio` is removed."""

    display_name: DisplayName | UnsetType = UNSET
    bio: Bio | UnsetType | None = UNSET
    language: Language | UnsetType = UNSET


class NewHandle(Struct, frozen=True, forbid_unknown_fields=True):
    """The part of the handle before `@meton`: 3 to 30 letters and digits, with single `.`, `_` or `-` between them."""

    handle: Annotated[str, Meta(min_length=3, max_length=30, pattern=r"^[A-Za-z0-9._-]+$", examples=["alice.writes"])]


class Picture(Struct, frozen=True, forbid_unknown_fields=True):
    """An image of one's own that is ready and in no post."""

    media_id: UUID


class Privacy(Struct, frozen=True, forbid_unknown_fields=True):
    """Whether followers need approval, and only they and friends see what is shown to everyone."""

    is_private: bool


Audience = Literal["public", "friends", "closefriends"]
Replies = Literal["everyone", "followers", "friends", "mentioned", "nobody"]
RequestsFrom = Literal["everyone", "friends_of_friends", "nobody"]
MentionsFrom = Literal["everyone", "followed", "nobody"]


class AccountSettings(Struct, frozen=True):
    """What the person wants: to be suggested to others, who may ask and mention them, and how new posts begin."""

    discoverable: bool = True
    friend_requests_from: RequestsFrom = "everyone"
    mentions_from: MentionsFrom = "everyone"
    default_visibility: Audience = "public"
    default_replies: Replies = "everyone"


class SettingsChange(Struct, frozen=True, forbid_unknown_fields=True):
    """What to change; a field that is left out stays."""

    discoverable: bool | UnsetType = UNSET
    friend_requests_from: RequestsFrom | UnsetType = UNSET
    mentions_from: MentionsFrom | UnsetType = UNSET
    default_visibility: Audience | UnsetType = UNSET
    default_replies: Replies | UnsetType = UNSET
