"""Lists of friends on the wire; only their owner ever gets one."""

from typing import Annotated
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from social_api.moments import Moment

# No control characters and no direction overrides, which make one name look like another.
_PATTERN = r"^[^\u0000-\u001f\u007f\u202a-\u202e\u2066-\u2069]*$"

ListName = Annotated[str, Meta(min_length=1, max_length=50, pattern=_PATTERN, examples=["परिवार"])]


class NewAudienceList(Struct, frozen=True, forbid_unknown_fields=True):
    """A list to make."""

    name: ListName


class AudienceListChange(Struct, frozen=True, forbid_unknown_fields=True):
    """What to change; a field that is left out stays."""

    name: ListName | UnsetType = UNSET


class AudienceListView(Struct, frozen=True):
    """One of the viewer's own lists; `member_count` is how many people its pages show."""

    id: UUID
    name: str
    member_count: int
    created_at: Moment
