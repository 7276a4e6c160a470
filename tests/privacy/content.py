"""The oracle's entries about what people make: posts, media, comments, likes."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from tests.privacy.asking import MISSING, Question
from tests.privacy.entries import NOBODYS_ID, entry, listed, missing
from tests.privacy.views import View, Views, read_comment, read_id, read_post, read_thread


@entry("/v1/posts/{post_id}")
def post(views: Views, viewer: UUID) -> Iterator[Question]:
    route = "/v1/posts/{post_id}"
    for each in views.world.posts:
        right = views.post(viewer, each) if views.may_view(viewer, each) else MISSING
        yield Question(route, right, read_post, {"post_id": str(each.id)})
    for row in (NOBODYS_ID, str(views.world.people[0].id)):
        yield missing(route, post_id=row)


@entry("/v1/media/{media_id}")
def media(views: Views, viewer: UUID) -> Iterator[Question]:
    route = "/v1/media/{media_id}"
    loose = [(each, False) for each in views.world.loose_media]
    attached = [(each.media, views.may_view(viewer, each)) for each in views.world.posts if each.media]
    for item, seen in [*loose, *attached]:
        right = str(item.id) if seen or item.owner == viewer else MISSING
        yield Question(route, right, read_id, {"media_id": str(item.id)})
    yield missing(route, media_id=NOBODYS_ID)


@entry("/v1/posts/{post_id}/likes")
def post_likes(views: Views, viewer: UUID) -> Iterator[Question]:
    route = "/v1/posts/{post_id}/likes"
    for each in views.world.posts:
        right = views.likers(viewer, views.world.post_likes, each.id) if views.may_view(viewer, each) else None
        yield listed(route, right, read_id, {"post_id": str(each.id)})
    yield missing(route, post_id=NOBODYS_ID)


@entry("/v1/comments/{comment_id}/likes")
def comment_likes(views: Views, viewer: UUID) -> Iterator[Question]:
    route = "/v1/comments/{comment_id}/likes"
    for each in views.world.comments:
        seen = views.may_view_comment(viewer, each)
        right = views.likers(viewer, views.world.comment_likes, each.id) if seen else None
        yield listed(route, right, read_id, {"comment_id": str(each.id)})
    yield missing(route, comment_id=NOBODYS_ID)


@entry("/v1/comments/{comment_id}")
def comment(views: Views, viewer: UUID) -> Iterator[Question]:
    route = "/v1/comments/{comment_id}"
    for each in views.world.comments:
        right = views.comment(viewer, each) if views.may_view_comment(viewer, each) else MISSING
        yield Question(route, right, read_comment, {"comment_id": str(each.id)})
    yield missing(route, comment_id=NOBODYS_ID)


@entry("/v1/comments/{comment_id}/replies")
def replies(views: Views, viewer: UUID) -> Iterator[Question]:
    route = "/v1/comments/{comment_id}/replies"
    for each in views.world.comments:
        right = None
        if views.may_view_comment(viewer, each):
            right = [views.comment(viewer, reply) for reply in views.replies(viewer, each)]
        yield listed(route, right, read_comment, {"comment_id": str(each.id)})
    yield missing(route, comment_id=NOBODYS_ID)


@entry("/v1/posts/{post_id}/comments")
def comments(views: Views, viewer: UUID) -> Iterator[Question]:
    route = "/v1/posts/{post_id}/comments"
    for each in views.world.posts:
        heads = [head for head in views.comments_of[each.id] if head.thread is None]
        shown = [views.thread(viewer, head) for head in heads if views.may_view_comment(viewer, head)]
        for sort in ("top", "newest", "oldest"):
            right = _sorted(shown, sort) if views.may_view(viewer, each) else None
            yield listed(route, right, read_thread, {"post_id": str(each.id)}, f"sort={sort}")
    yield missing(route, post_id=NOBODYS_ID)


def _sorted(threads: list[View], sort: str) -> list[View]:
    """What is pinned first, and the rest as asked for; `threads` are in the order of their making."""
    ordered = threads if sort == "oldest" else threads[::-1]
    if sort == "top":
        ordered = sorted(ordered, key=lambda thread: thread["counts"]["likes"], reverse=True)
    return sorted(ordered, key=lambda thread: not thread["pinned"])


@entry("/v1/saved")
def saved(views: Views, viewer: UUID) -> Iterator[Question]:
    right = [
        views.post(viewer, views.posts[mark.target])
        for mark in reversed(views.world.saved)
        if mark.person == viewer and views.may_view(viewer, views.posts[mark.target])
    ]
    yield listed("/v1/saved", right, read_post)
