"""Trends on the wire."""

from msgspec import Struct


class Trend(Struct, frozen=True):
    """A hashtag, without `#`, with how many different people used it lately, and in how many posts."""

    hashtag: str
    authors: int
    posts: int
