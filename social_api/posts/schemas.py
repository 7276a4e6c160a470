"""Posts on the wire."""

from collections.abc import Sequence
from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from social_api.media.schemas import MediaView
from social_api.moments import Moment
from social_api.profiles.schemas import PersonSummary

PostType = Literal["post", "microblog", "photo", "video", "reel"]
Visibility = Literal["public", "friends", "closefriends", "custom"]
Replies = Literal["everyone", "followers", "friends", "mentioned", "nobody"]
PostState = Literal["published", "draft", "scheduled", "processing", "failed", "removed"]

Caption = Annotated[str, Meta(max_length=5000, pattern=r"^[^\u0000]*$", examples=["नमस्ते from the hills"])]
LanguageTag = Annotated[str, Meta(max_length=35, pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", examples=["hi"])]
MediaIds = Annotated[list[UUID], Meta(max_length=10)]
PlaceName = Annotated[str, Meta(min_length=1, max_length=100, pattern=r"^[^\u0000]*$", examples=["Shimla"])]
Answer = Annotated[str, Meta(min_length=1, max_length=100, pattern=r"^[^\u0000]*$", examples=["Tea"])]


class Location(Struct, frozen=True, forbid_unknown_fields=True):
    """Where a post is from, about: coordinates are kept to a hundredth of a degree, which is a kilometre."""

    name: PlaceName
    latitude: Annotated[float, Meta(ge=-90, le=90, examples=[31.1])]
    longitude: Annotated[float, Meta(ge=-180, le=180, examples=[77.17])]


class NewPoll(Struct, frozen=True, forbid_unknown_fields=True):
    """A question to ask with a post, which is its caption. `multiple`: people may choose more than one answer."""

    options: Annotated[list[Answer], Meta(min_length=2, max_length=10)]
    closes_at: Moment
    multiple: bool = False


class NewPost(Struct, frozen=True, forbid_unknown_fields=True):
    """A post to make. `media` are ids of one's own uploads, in the order to show them.

    A `draft` may be incomplete; with `publish_at` it appears by itself at that time. `repost_of` is the id of a post
    to pass on, with a caption or without. `visibility` and `replies` are as the settings say when left out; `custom`
    needs `audience_list_id`.
    """

    type: PostType = "post"
    caption: Caption | None = None
    visibility: Visibility | None = None
    audience_list_id: UUID | None = None
    language: LanguageTag | None = None
    media: MediaIds = []
    draft: bool = False
    publish_at: Moment | None = None
    repost_of: UUID | None = None
    replies: Replies | None = None
    location: Location | None = None
    poll: NewPoll | None = None


class PostChange(Struct, frozen=True, forbid_unknown_fields=True):
    """What to change; a field that is left out stays. `type`, `media` and `poll` can be changed in drafts only.

    The `caption` of a post with a poll stays once somebody has voted (409).
    With `revision`, the number that was read, a post that was edited since is left as it is (409).
    A `publish_at` schedules a draft or moves a scheduled post, null makes a scheduled post a draft again.
    """

    caption: Caption | UnsetType | None = UNSET
    language: LanguageTag | UnsetType | None = UNSET
    visibility: Visibility | UnsetType = UNSET
    audience_list_id: UUID | UnsetType | None = UNSET
    replies: Replies | UnsetType = UNSET
    location: Location | UnsetType | None = UNSET
    publish_at: Moment | UnsetType | None = UNSET
    type: PostType | UnsetType = UNSET
    media: MediaIds | UnsetType = UNSET
    poll: NewPoll | UnsetType | None = UNSET
    revision: int | UnsetType = UNSET


class Waiting(Struct, frozen=True, forbid_unknown_fields=True):
    """Which of one's posts that are not published to list."""

    state: Literal["draft", "scheduled", "processing"] = "draft"


class Mention(Struct, frozen=True):
    """Somebody named in a text."""

    id: UUID
    connect_id: str


class PostCounts(Struct, frozen=True):
    """What the post got so far."""

    likes: int
    comments: int
    views: int
    reposts: int


class ViewerState(Struct, frozen=True):
    """How the post stands to the one who looks."""

    author: bool
    liked: bool
    saved: bool
    may_reply: bool
    reposted: bool
    voted: bool


class PollOption(Struct, frozen=True):
    """An answer; its position in the list, from 0, is its name. `votes` is null until one may know."""

    text: str
    votes: int | None


class PollView(Struct, frozen=True):
    """A poll. How many chose what is known to its author, to who has voted, and to all once it is closed.

    `voted` are the positions the viewer chose.
    """

    options: list[PollOption]
    multiple: bool
    closes_at: Moment
    voters: int
    voted: list[int]


class OriginalView(Struct, frozen=True):
    """A post that somebody passed on; what it passes on itself is not repeated here."""

    id: UUID
    type: PostType
    state: PostState
    caption: str | None
    language: str | None
    hashtags: Sequence[str]
    mentions: list[Mention]
    visibility: Visibility
    audience_list_id: UUID | None
    replies: Replies
    location: Location | None
    draft: bool
    publish_at: Moment | None
    created_at: Moment
    published_at: Moment | None
    edited_at: Moment | None
    revision: int
    author: PersonSummary
    media: list[MediaView]
    poll: PollView | None
    counts: PostCounts
    viewer: ViewerState


class Repost(Struct, frozen=True):
    """That a post passes another one on. `original` is null when the viewer may not see it, or it is gone."""

    original: OriginalView | None


class PostView(OriginalView, frozen=True):
    """A post. `published_at` is null while it is a draft, scheduled, or its media are being prepared: its author alone
    sees it then.

    `audience_list_id` and `publish_at` are for its author, and so is a `visibility` by a list: to others such a post is
    one for `friends`, because nobody learns of being on a list. `revision` counts its edits. `repost` is null for a
    post that passes nothing on.
    """

    repost: Repost | None


class RevisionView(Struct, frozen=True):
    """What a post said at a time."""

    revision: int
    caption: str | None
    written_at: Moment
