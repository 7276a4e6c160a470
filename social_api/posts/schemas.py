"""Posts on the wire."""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from social_api.media.schemas import MediaView
from social_api.moments import Moment
from social_api.profiles.schemas import PersonSummary

PostType = Literal["post", "microblog", "photo", "video", "reel"]
Visibility = Literal["public", "friends"]

Caption = Annotated[str, Meta(max_length=5000, pattern=r"^[^\u0000]*$", examples=["नमस्ते from the hills"])]
LanguageTag = Annotated[str, Meta(max_length=35, pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", examples=["hi"])]
MediaIds = Annotated[list[UUID], Meta(max_length=10)]


class NewPost(Struct, frozen=True, forbid_unknown_fields=True):
    """A post to make. `media` are ids of one's own uploads, in the order to show them."""

    type: PostType = "post"
    caption: Caption | None = None
    visibility: Visibility = "public"
    language: LanguageTag | None = None
    media: MediaIds = []


class PostCounts(Struct, frozen=True):
    """What the post got so far."""

    likes: int
    comments: int
    views: int


class ViewerState(Struct, frozen=True):
    """How the post stands to the one who looks."""

    author: bool
    liked: bool


class PostView(Struct, frozen=True):
    """A post. `published_at` is null while its media are being prepared, when only its author sees it."""

    id: UUID
    type: PostType
    caption: str | None
    language: str | None
    visibility: str
    state: Literal["published", "processing", "failed"]
    created_at: Moment
    published_at: Moment | None
    author: PersonSummary
    media: list[MediaView]
    counts: PostCounts
    viewer: ViewerState
