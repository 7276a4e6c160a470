"""From `users` rows to what a viewer gets: pictures of people are keys of objects until a viewer is known."""

from typing import Any

import msgspec

from social_api.media.links import LinkSigner
from social_api.profiles.schemas import PersonSummary


def person(document: Any, links: LinkSigner) -> PersonSummary:
    """The summary of what `queries.summary()` gives. Only for a viewer who may see the person."""
    found = msgspec.convert(document, PersonSummary)
    return msgspec.structs.replace(found, profile_pic_url=picture(found.profile_pic_url, links))


def picture(key: str | None, links: LinkSigner) -> str | None:
    """The link to a picture of a person, whose key starts with the id of the file it was made of."""
    return None if key is None else links.link_now(key)
