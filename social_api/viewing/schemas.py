"""Views of posts on the wire."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct


class SeenPosts(Struct, frozen=True, forbid_unknown_fields=True):
    """The posts that were on the screen since the last report, in any order."""

    posts: Annotated[list[UUID], Meta(min_length=1, max_length=100)]
