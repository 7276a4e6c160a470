"""Mutes on the wire."""

from msgspec import Struct

from social_api.moments import Moment
from social_api.profiles.schemas import PersonSummary


class MuteTime(Struct, frozen=True, forbid_unknown_fields=True):
    """How long: until `expires_at`, at most a year from now, or, where it is null, for good."""

    expires_at: Moment | None = None


class MuteView(Struct, frozen=True):
    """Somebody whom the viewer has muted."""

    person: PersonSummary
    expires_at: Moment | None
    created_at: Moment


class MutedWordView(Struct, frozen=True):
    """A word or phrase that the viewer has muted, as it is compared: folded to lower case and plain characters."""

    word: str
    expires_at: Moment | None
    created_at: Moment
