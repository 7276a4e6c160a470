"""The oracle's entries about what people make: posts, media, comments, likes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from uuid import UUID

from tests.privacy.asking import MISSING, Question
from tests.privacy.entries import NOBODYS_ID, entry, listed, missing
from tests.privacy.model import Post
from tests.privacy.views import View, Views, read_comment, read_id, read_post, read_thread
from tests.privacy.worlds import TAGS


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


@entry("/v1/posts/{post_id}/revisions")
def revisions(views: Views, viewer: UUID) -> Iterator[Question]:
    route = "/v1/posts/{post_id}/revisions"
    for each in views.world.posts:
        right = views.revisions(viewer, each) if views.may_view(viewer, each) else None
        yield listed(route, right, lambda item: item["revision"], {"post_id": str(each.id)})
    yield missing(route, post_id=NOBODYS_ID)


@entry("/v1/posts/{post_id}/reposts")
def reposts(views: Views, viewer: UUID) -> Iterator[Question]:
    route = "/v1/posts/{post_id}/reposts"
    for each in views.world.posts:
        right = None
        if views.may_view(viewer, each):
            right = _last_made(views, viewer, (post for post in views.world.posts if post.repost_of == each.id))
        yield listed(route, right, read_post, {"post_id": str(each.id)})
    yield missing(route, post_id=NOBODYS_ID)


@entry("/v1/posts")
def waiting(views: Views, viewer: UUID) -> Iterator[Question]:
    for state in ("draft", "scheduled", "processing"):
        own = [each for each in reversed(views.world.posts) if each.author == viewer and not each.deleted]
        right = [views.post(viewer, each) for each in own if each.state == state]
        yield listed("/v1/posts", right, read_post, query=f"state={state}")


@entry("/v1/profiles/{connect_id}/posts")
def posts_of(views: Views, viewer: UUID) -> Iterator[Question]:
    route = "/v1/profiles/{connect_id}/posts"
    for person in views.world.people:
        right = None
        if views.is_there(person.id, viewer):
            own = [each for each in views.newest() if each.author == person.id and views.may_view(viewer, each)]
            right = [views.post(viewer, each) for each in own]
        yield listed(route, right, read_post, {"connect_id": person.connect_id})
    yield missing(route, connect_id="nobody@meton")


@entry("/v1/hashtags/{hashtag}/posts")
def tagged(views: Views, viewer: UUID) -> Iterator[Question]:
    for tag in (*TAGS, "nothing"):
        right = _last_made(views, viewer, (each for each in views.world.posts if tag in each.hashtags))
        yield listed("/v1/hashtags/{hashtag}/posts", right, read_post, {"hashtag": tag})


@entry("/v1/mentions")
def mentions(views: Views, viewer: UUID) -> Iterator[Question]:
    right = _last_made(views, viewer, (each for each in views.world.posts if viewer in each.mentions))
    yield listed("/v1/mentions", right, read_post)


def _last_made(views: Views, viewer: UUID, posts: Iterable[Post]) -> list[View]:
    """Those that are out and may be seen, the one made last first."""
    shown = [each for each in posts if views.is_out(each) and views.may_view(viewer, each)]
    return [views.post(viewer, each) for each in reversed(shown)]
