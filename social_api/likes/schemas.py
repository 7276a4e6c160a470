"""Likes on the wire."""

from msgspec import Struct


class LikeState(Struct, frozen=True):
    """Whether one likes something, and how many do."""

    liked: bool
    likes: int
