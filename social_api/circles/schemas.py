"""People around a person, on the wire."""

from msgspec import Struct

from social_api.profiles.schemas import PersonSummary


class Standing(Struct, frozen=True):
    """How the viewer stands to somebody; `requested` waits for a private account's approval."""

    following: bool
    requested: bool
    followed_by: bool
    friend: bool


class PersonAround(Struct, frozen=True):
    """Somebody in a list of people. `relation` is null for oneself."""

    person: PersonSummary
    relation: Standing | None
