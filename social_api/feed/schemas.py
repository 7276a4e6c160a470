"""The feed on the wire."""

from typing import Literal

from msgspec import Struct

from social_api.pages import Listing
from social_api.posts.schemas import PostView
from social_api.suggestions.schemas import Suggestion

Reason = Literal["own", "followed", "friend", "popular", "new"]


class FeedOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """How to order the feed: `latest` is exact reverse time of publication, `ranked` weighs what posts got against how
    new they are, with at most two in a row by one author while there are others.
    """

    sort: Literal["latest", "ranked"] = "latest"


class FeedItem(Struct, frozen=True):
    """A post, and why it is here: it is one's own, by a friend, by somebody one follows, or among what people who are
    neither wrote, `popular` or just `new`.
    """

    reason: Reason
    post: PostView


class FeedPage(Listing[FeedItem]):
    """One page of the home feed. While it is empty, `suggestions` are people to begin with."""

    suggestions: list[Suggestion]
