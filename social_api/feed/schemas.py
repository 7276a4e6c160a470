"""The feed on the wire."""

from typing import Literal

from msgspec import Struct

from social_api.posts.schemas import PostView

Reason = Literal["own", "followed", "friend"]


class FeedOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """How to order the feed: `latest` is exact reverse time of publication."""

    sort: Literal["latest"] = "latest"


class FeedItem(Struct, frozen=True):
    """A post, and why it is here."""

    reason: Reason
    post: PostView
