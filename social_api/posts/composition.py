"""What a post of each type is made of."""

from collections.abc import Sequence
from http import HTTPStatus

from asyncpg import Record

from social_api.posts.schemas import NewPost
from social_api.problems import Invalid, Problem, Text

MICROBLOG_MAX = 500
REEL_SECONDS_MAX = 90

_EMPTY = Text("Write something, or add a photo or a video.", "कुछ लिखें, या फ़ोटो या वीडियो जोड़ें।")
_TEXT_NEEDED = Text("Write something.", "कुछ लिखें।")
_TOO_LONG = Text("At most 500 characters.", "अधिकतम 500 अक्षर।")
_NO_MEDIA = Text("A microblog has no media.", "माइक्रोब्लॉग में मीडिया नहीं होता।")
_PHOTOS = Text("A photo post has 1 to 10 images.", "फ़ोटो पोस्ट में 1 से 10 तस्वीरें होती हैं।")
_ONE_VIDEO = Text("This type of post has exactly one video.", "इस तरह की पोस्ट में ठीक एक वीडियो होता है।")
_TWICE = Text("Each file can be there once.", "हर फ़ाइल एक ही बार हो सकती है।")


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


def check_body(post: NewPost) -> None:
    """Check what can be known from the request alone; raises Invalid."""
    if len(set(post.media)) < len(post.media):
        raise Invalid(("/media", _TWICE))
    match post.type:
        case "microblog":
            if not post.caption:
                raise Invalid(("/caption", _TEXT_NEEDED))
            if len(post.caption) > MICROBLOG_MAX:
                raise Invalid(("/caption", _TOO_LONG))
            if post.media:
                raise Invalid(("/media", _NO_MEDIA))
        case "photo":
            if not post.media:
                raise Invalid(("/media", _PHOTOS))
        case "video" | "reel":
            if len(post.media) != 1:
                raise Invalid(("/media", _ONE_VIDEO))
        case "post":
            if not post.caption and not post.media:
                raise Invalid(("/caption", _EMPTY))


def check_media(post: NewPost, media: Sequence[Record]) -> None:
    """Check the locked rows of `post.media`; raises MediaNotUsable, MediaFailed, ReelTooLong or Invalid."""
    if len(media) != len(post.media):
        raise MediaNotUsable
    kinds = {item["kind"] for item in media}
    if post.type == "photo" and kinds != {"image"}:
        raise Invalid(("/media", _PHOTOS))
    if post.type in {"video", "reel"} and kinds != {"video"}:
        raise Invalid(("/media", _ONE_VIDEO))
    for item in media:
        if item["transcoding_status"] == "failed":
            raise MediaFailed(reason=item["failure"])
        # One that is still being prepared is measured by the worker, which then refuses to publish it.
        if post.type == "reel" and (item["duration_sec"] or 0) > REEL_SECONDS_MAX:
            raise ReelTooLong
