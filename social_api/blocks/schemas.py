"""Blocks on the wire."""

from msgspec import Struct

from social_api.moments import Moment
from social_api.profiles.schemas import PersonSummary


class BlockView(Struct, frozen=True):
    """Somebody whom the viewer has blocked."""

    person: PersonSummary
    created_at: Moment
