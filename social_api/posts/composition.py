"""What a post of each type is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any, NamedTuple
from uuid import UUID

from asyncpg import Record

from social_api.posts.schemas import Location, NewPoll
from social_api.problems import Invalid, Problem, Text

MICROBLOG_MAX = 500
REEL_SECONDS_MAX = 90
LONGEST_AHEAD = timedelta(days=365)
"""How far ahead a post can be scheduled, and how long a poll can be open."""

_EMPTY = Text("Write something, or add a photo or a video.", "कुछ लिखें, या फ़ोटो या वीडियो जोड़ें।")
_TEXT_NEEDED = Text("Write something.", "कुछ लिखें।")
_TOO_LONG = Text("At most 500 characters.", "अधिकतम 500 अक्षर।")
_NO_MEDIA = Text("A microblog has no media.", "माइक्रोब्लॉग में मीडिया नहीं होता।")
_PHOTOS = Text("A photo post has 1 to 10 images.", "फ़ोटो पोस्ट में 1 से 10 तस्वीरें होती हैं।")
_ONE_VIDEO = Text("This type of post has exactly one video.", "इस तरह की पोस्ट में ठीक एक वीडियो होता है।")
_UPRIGHT = Text("A reel is an upright video.", "रील एक खड़ा वीडियो होता है।")
_TWICE = Text("Each file can be there once.", "हर फ़ाइल एक ही बार हो सकती है।")
_POLL_ALONE = Text("A poll goes with words and without files.", "मतदान शब्दों के साथ होता है, फ़ाइलों के साथ नहीं।")
_SAME_ANSWERS = Text("The answers must differ.", "जवाब अलग-अलग होने चाहिए।")
_BLANK = Text("This cannot be empty.", "यह ख़ाली नहीं हो सकता।")
_POLL_TIME = Text("After the post appears, within a year.", "पोस्ट दिखने के बाद, एक साल के भीतर।")
_POST_TIME = Text("This must be within the coming year.", "यह आने वाले एक साल के भीतर होना चाहिए।")
_NEEDS_LIST = Text("Choose one of your lists.", "अपनी कोई सूची चुनें।")
_NO_LIST = Text("A list goes with the visibility `custom`.", "सूची केवल `custom` दृश्यता के साथ होती है।")


class MediaNotUsable(Problem):
    """Files that are not one's own, not there, or part of another post: which of these is not said."""

    name = "media-not-usable"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = Text("These files cannot be used", "इन फ़ाइलों का इस्तेमाल नहीं हो सकता")
    detail = Text("Use your own uploads, each in one post only.", "अपने ही अपलोड इस्तेमाल करें, हर एक केवल एक पोस्ट में।")


class MediaFailed(Problem):
    """A file that could not be made playable; `reason` says why."""

    name = "media-failed"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = Text("A file could not be processed", "एक फ़ाइल तैयार नहीं हो सकी")
    detail = Text("It cannot be shown: {reason}", "इसे दिखाया नहीं जा सकता: {reason}")


class ReelTooLong(Problem):
    """A reel is short."""

    name = "reel-too-long"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = Text("Too long for a reel", "रील के लिए बहुत लंबा")
    detail = Text(
        "A reel has at most 90 seconds: post it as a video.",
        "रील अधिकतम 90 सेकंड की होती है: इसे वीडियो के रूप में पोस्ट करें।",
    )


@dataclass(frozen=True, slots=True)
class Content:
    """What a post consists of, as far as the rules of its type ask."""

    type: str
    caption: str | None
    media: int
    has_poll: bool


class Placed(NamedTuple):
    """Whom a post is for: `list_id` goes with `custom`. None where the author's settings decide."""

    visibility: str | None
    list_id: UUID | None


def check_limits(content: Content) -> None:
    """Check what not even a draft may break; raises Invalid."""
    if content.type == "microblog" and len(content.caption or "") > MICROBLOG_MAX:
        raise Invalid(("/caption", _TOO_LONG))


def check_complete(content: Content) -> None:
    """Check what a post must have to appear; raises Invalid."""
    check_limits(content)
    if content.has_poll and content.media:
        raise Invalid(("/poll", _POLL_ALONE))
    match content.type:
        case "microblog":
            if not content.caption:
                raise Invalid(("/caption", _TEXT_NEEDED))
            if content.media:
                raise Invalid(("/media", _NO_MEDIA))
        case "photo":
            if not content.media:
                raise Invalid(("/media", _PHOTOS))
        case "video" | "reel":
            if content.media != 1:
                raise Invalid(("/media", _ONE_VIDEO))
        case _:
            if not content.caption and (content.has_poll or not content.media):
                raise Invalid(("/caption", _EMPTY))


def check_media_ids(media: Sequence[UUID]) -> None:
    """Raises Invalid when a file is named twice."""
    if len(set(media)) < len(media):
        raise Invalid(("/media", _TWICE))


def check_media(type_: str, media: Sequence[Record]) -> None:
    """Check what is known of a post's files; raises MediaFailed, ReelTooLong or Invalid."""
    kinds = {item["kind"] for item in media}
    if type_ == "photo" and kinds != {"image"}:
        raise Invalid(("/media", _PHOTOS))
    if type_ in {"video", "reel"} and kinds != {"video"}:
        raise Invalid(("/media", _ONE_VIDEO))
    for item in media:
        if item["transcoding_status"] == "failed":
            raise MediaFailed(reason=item["failure"])
        # One that is still being prepared is measured by the worker, which then refuses to publish it.
        if type_ == "reel":
            if (item["duration_sec"] or 0) > REEL_SECONDS_MAX:
                raise ReelTooLong
            if item["transcoding_status"] == "done" and (item["width"] or 0) > (item["height"] or 0):
                raise Invalid(("/media", _UPRIGHT))


def check_poll(poll: NewPoll, appears_at: datetime | None) -> None:
    """Check a poll of a post that appears then, or now; raises Invalid."""
    if any(not option.strip() for option in poll.options):
        raise Invalid(("/poll/options", _BLANK))
    if len({option.strip() for option in poll.options}) < len(poll.options):
        raise Invalid(("/poll/options", _SAME_ANSWERS))
    check_closing(poll.closes_at, appears_at)


def check_closing(closes_at: datetime, appears_at: datetime | None) -> None:
    """Check that a poll is open for a while; raises Invalid."""
    start = appears_at or datetime.now(UTC)
    if not start < closes_at <= start + LONGEST_AHEAD:
        raise Invalid(("/poll/closes_at", _POLL_TIME))


def check_time(publish_at: datetime) -> None:
    """Check that a post can be scheduled for then; raises Invalid."""
    now = datetime.now(UTC)
    if not now < publish_at <= now + LONGEST_AHEAD:
        raise Invalid(("/publish_at", _POST_TIME))


def check_placed(placed: Placed) -> None:
    """Check that a list is named if and only if the post is for one; raises Invalid."""
    if placed.visibility == "custom" and placed.list_id is None:
        raise Invalid(("/audience_list_id", _NEEDS_LIST))
    if placed.visibility != "custom" and placed.list_id is not None:
        raise Invalid(("/audience_list_id", _NO_LIST))


def trimmed(caption: str | None) -> str | None:
    """A caption without space around it; None for one that says nothing."""
    return (caption or "").strip() or None


def kept(location: Location | None) -> dict[str, Any] | None:
    """A location as it is stored: coarse, so that it tells nobody's door."""
    if location is None:
        return None
    return {
        "name": location.name.strip(),
        "latitude": round(location.latitude, 2),
        "longitude": round(location.longitude, 2),
    }
