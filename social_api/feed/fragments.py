"""Posts as JSON, kept as long as nothing of them has changed.

Most posts of a page look the same to everybody but for three words about the viewer: who liked, saved or passed it on.
The statement that finds a page tells the version (PostgreSQL's xmin) of every row such a post is shown from, and has
decided who may see it. A fragment of the same versions is the post as it is now, and nothing need be read or encoded.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import cast
from uuid import UUID

import msgspec
from asyncpg import Record

from social_api.posts.schemas import PostView, ViewerState

CAPACITY = 20_000
"""Of about a kilobyte each."""

Stamp = tuple[int, int, tuple[int, ...], int]
"""Versions of the post, its author, its files; and when the links in it expire."""

Moment = float
"""Seconds on the clock of this process."""

_encoder = msgspec.json.Encoder()
_VIEWER = b'"viewer":'


@dataclass(frozen=True, slots=True)
class Fragment:
    """A post up to and after what it says about the viewer, which had been read at `read_at`."""

    stamp: Stamp
    read_at: Moment
    before: bytes
    after: bytes

    def seen_by(self, row: Record) -> PostView:
        """The post as the viewer of a row of the page sees it, encoded already."""
        state = _STATES[row["reason"] == "own", row["liked"], row["saved"], row["reposted"]]
        return cast("PostView", msgspec.Raw(b"".join((self.before, state, self.after))))


class Fragments:
    """The fragments of this process; the least recently used goes first."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._kept: OrderedDict[tuple[UUID, bool], Fragment] = OrderedDict()

    def find(self, row: Record, expiry: int, asked_at: Moment) -> Fragment | None:
        """The fragment of exactly the versions that a row of the page names. Its author sees more of a post.

        `asked_at` is when the page was asked for. A fragment may hold what came after the versions it is kept under,
        since it was read by a later statement; a page asked for after that, which still has these versions, says no.
        """
        key = row["id"], row["reason"] == "own"
        fragment = self._kept.get(key)
        if fragment is None or fragment.read_at > asked_at or fragment.stamp != _stamp(row, expiry):
            return None
        self._kept.move_to_end(key)
        return fragment

    def keep(self, row: Record, expiry: int, post: PostView) -> None:
        """Keep a post that was read because there was no fragment of it, if it is one that all see alike."""
        if not _is_plain(post):
            return
        before, word, rest = _encoder.encode(post).partition(_VIEWER)
        after = rest.removeprefix(_encoder.encode(post.viewer))
        self._kept[post.id, post.viewer.author] = Fragment(_stamp(row, expiry), now(), before + word, after)
        if len(self._kept) > self._capacity:
            self._kept.popitem(last=False)


def now() -> Moment:
    """This moment."""
    return time.monotonic()


def _stamp(row: Record, expiry: int) -> Stamp:
    return row["version"], row["author_version"], tuple(row["file_versions"]), expiry


def _is_plain(post: PostView) -> bool:
    """Whether nothing of it depends on who looks, but for what they did to it themselves, or on rows without a version
    here: whom it names, what it passes on, and how a poll stands.
    """
    return (
        post.state == "published"
        and (post.replies == "everyone" or post.viewer.author)
        and post.repost is None
        and post.poll is None
        and "@" not in (post.caption or "")
    )


_BOTH = (False, True)
_STATES = {
    (author, liked, saved, reposted): _encoder.encode(
        ViewerState(author=author, liked=liked, saved=saved, may_reply=True, reposted=reposted, voted=False)
    )
    for author in _BOTH
    for liked in _BOTH
    for saved in _BOTH
    for reposted in _BOTH
}
