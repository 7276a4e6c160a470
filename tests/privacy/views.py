"""What is right to be shown of a thing, and the same read from an answer: all that may differ between viewers."""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from typing import Any
from uuid import UUID

from tests.privacy.model import Comment, Mark, Post, Rules, World

View = dict[str, Any]


class Views(Rules):
    """The views of a world."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._likes = Counter(like.target for like in [*world.post_likes, *world.comment_likes])
        self._liked = {(like.person, like.target) for like in [*world.post_likes, *world.comment_likes]}
        self._saved = {(mark.person, mark.target) for mark in world.saved}
        self._requests = {(link.one, link.other) for link in world.follow_requests}

    @cached_property
    def _reposts(self) -> Counter[UUID | None]:
        return Counter(post.repost_of for post in self.world.posts if not post.deleted)

    def post(self, viewer: UUID, post: Post) -> View:
        """A `PostView`."""
        view = self._original(viewer, post)
        if post.repost_of is not None:
            original = self.posts[post.repost_of]
            view["original"] = self._original(viewer, original) if self.may_view(viewer, original) else None
        return view

    def _original(self, viewer: UUID, post: Post) -> View:
        is_author = viewer == post.author
        voted = [place for voter, place in post.poll.votes if voter == viewer] if post.poll else []
        return {
            "id": str(post.id),
            "author": str(post.author),
            "state": self._state(post),
            "visibility": post.visibility if is_author else _told(post),
            "audience_list": str(post.audience_list) if is_author and post.audience_list else None,
            "mentions": sorted(str(who) for who in post.mentions if self.is_there(who, viewer)),
            "media": [str(post.media.id)] if post.media else [],
            "votes": _votes(post) if is_author or voted else None,
            "voted": voted,
            "counts": self._counts(post),
            "liked": (viewer, post.id) in self._liked,
            "saved": (viewer, post.id) in self._saved,
            "reposted": any(
                each.author == viewer and each.repost_of == post.id and each.caption is None and not each.deleted
                for each in self.world.posts
            ),
            "may_reply": self.may_reply(viewer, post),
        }

    def newest(self) -> list[Post]:
        """All posts that are out, last published first."""
        out = [post for post in self.world.posts if self.is_out(post)]
        return sorted(out, key=lambda post: (post.published_at, post.id), reverse=True)

    def _counts(self, post: Post) -> tuple[int, int, int]:
        comments = sum(self.counts(comment) for comment in self.comments_of[post.id])
        return self._likes[post.id], comments, self._reposts[post.id]

    def engagement(self, post: Post) -> int:
        """What a post got: a comment counts as two likes, passing it on as three."""
        likes, comments, reposts = self._counts(post)
        return likes + 2 * comments + 3 * reposts

    def _state(self, post: Post) -> str:
        if post.state == "published" and post.removed:
            return "removed"
        return post.media.state if post.state == "processing" and post.media else post.state

    def standing(self, viewer: UUID, person: UUID) -> View | None:
        """How `viewer` stands to `person`; None to themselves."""
        if viewer == person:
            return None
        return {
            "following": (viewer, person) in self.followed,
            "requested": (viewer, person) in self._requests,
            "followed_by": (person, viewer) in self.followed,
            "friend": self.are_friends(viewer, person),
        }

    def comment(self, viewer: UUID, comment: Comment) -> View:
        """A `CommentView`."""
        writes, owns = comment.writer == viewer, self.posts[comment.post].author == viewer
        parent = self.comments[comment.parent] if comment.parent else None
        return {
            "id": str(comment.id),
            "post_id": str(comment.post),
            "thread_id": str(comment.thread) if comment.thread else None,
            "parent_comment_id": str(parent.id) if parent and self.may_view_comment(viewer, parent) else None,
            "author": str(comment.writer),
            "mentions": sorted(str(who) for who in comment.mentions if self.is_there(who, viewer)),
            "counts": {
                "likes": self._likes[comment.id],
                "replies": sum(each.thread == comment.id and not each.deleted for each in self.world.comments),
            },
            "pinned": comment.pinned,
            "hidden": comment.hidden,
            "viewer": {
                "author": writes,
                "liked": (viewer, comment.id) in self._liked,
                "may_delete": writes or owns,
                "may_hide": owns,
                "may_pin": owns and comment.thread is None and not comment.hidden,
            },
        }

    def thread(self, viewer: UUID, head: Comment) -> View:
        """A `ThreadView`: with the newest two replies, the older one first."""
        replies = [self.comment(viewer, each) for each in self.replies(viewer, head)]
        return {**self.comment(viewer, head), "latest_replies": replies[-2:]}

    def replies(self, viewer: UUID, comment: Comment) -> list[Comment]:
        """All of a thread for its head, for another comment what answers it; oldest first."""
        return [
            each
            for each in self.comments_of[comment.post]
            if comment.id == (each.parent if comment.thread else each.thread) and self.may_view_comment(viewer, each)
        ]

    def likers(self, viewer: UUID, likes: list[Mark], target: UUID) -> list[str]:
        """Who likes something, last first, of those who are there for the viewer."""
        return [
            str(like.person) for like in reversed(likes) if like.target == target and self.is_there(like.person, viewer)
        ]


def _told(post: Post) -> str:
    """Whom a post is for, as others learn it: that they are on one of the author's lists they never do."""
    return "public" if post.visibility == "public" else "friends"


def _votes(post: Post) -> list[int] | None:
    if post.poll is None:
        return None
    return [sum(chosen == place for _, chosen in post.poll.votes) for place in range(post.poll.options)]


def read_post(body: Any) -> View:
    """The same from a `PostView`."""
    view = _read_original(body)
    if body["repost"] is not None:
        original = body["repost"]["original"]
        view["original"] = None if original is None else _read_original(original)
    return view


def _read_original(body: Any) -> View:
    poll, counts, viewer = body["poll"], body["counts"], body["viewer"]
    votes = None if poll is None else [option["votes"] for option in poll["options"]]
    return {
        "id": body["id"],
        "author": body["author"]["id"],
        "state": body["state"],
        "visibility": body["visibility"],
        "audience_list": body["audience_list_id"],
        "mentions": sorted(who["id"] for who in body["mentions"]),
        "media": [item["id"] for item in body["media"]],
        "votes": None if votes is None or None in votes else votes,
        "voted": [] if poll is None else poll["voted"],
        "counts": (counts["likes"], counts["comments"], counts["reposts"]),
        **{flag: viewer[flag] for flag in ("liked", "saved", "reposted", "may_reply")},
    }


def read_comment(body: Any) -> View:
    """The same from a `CommentView`."""
    same = ("id", "post_id", "thread_id", "parent_comment_id", "counts", "pinned", "hidden", "viewer")
    return {
        **{name: body[name] for name in same},
        "author": body["author"]["id"],
        "mentions": sorted(who["id"] for who in body["mentions"]),
    }


def read_thread(body: Any) -> View:
    """The same from a `ThreadView`."""
    return {**read_comment(body), "latest_replies": [read_comment(each) for each in body["latest_replies"]]}


def read_around(body: Any) -> tuple[str, View | None]:
    """A `PersonAround`: who it is, and how one stands to them."""
    return body["person"]["id"], body["relation"]


def read_id(body: Any) -> str:
    """Which thing or person it is."""
    return str(body["id"])
