"""What a person reads and changes about themselves."""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from social_api.moments import Moment

# No control characters and no direction overrides, which make one name look like another; something visible in it.
_NAME = r"^[^\u0000-\u001f\u007f\u202a-\u202e\u2066-\u2069]*$"

DisplayName = Annotated[str, Meta(min_length=1, max_length=80, pattern=_NAME, examples=["आलिया शर्मा"])]
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
    language: str
    verified_status: str
    created_at: Moment
    matrix: MatrixAccount | None


class MeChange(Struct, frozen=True, forbid_unknown_fields=True):
    """What to change; a field that is left out stays, a null `bio` is removed."""

    display_name: DisplayName | UnsetType = UNSET
    bio: Bio | UnsetType | None = UNSET
    language: Language | UnsetType = UNSET
