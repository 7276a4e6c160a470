"""The oracle's entries about what is put together for a reader: feeds, explore, suggestions, trends."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from tests.privacy.asking import Question
from tests.privacy.entries import entry, listed
from tests.privacy.model import Post
from tests.privacy.views import Views, read_post
from tests.privacy.worlds import TAGS

FRESHNESS_SECONDS = 12 * 60 * 60
POPULAR_FROM = 10
MOST_OF_EACH = 10
SUGGESTED = 5


@entry("/v1/feed")
def feed(views: Views, viewer: UUID) -> Iterator[Question]:
    shown = [(_reason(views, viewer, post), post) for post in views.newest()]
    wanted = [(reason, post) for reason, post in shown if reason and _is_wanted(views, viewer, post)]
    latest = [(reason, views.post(viewer, post)) for reason, post in wanted]
    yield listed("/v1/feed", latest, _read_item, query="sort=latest")
    reasons = {post.id: reason for reason, post in wanted}
    ranked = []
    for post in _spread(sorted((post for _, post in wanted), key=lambda post: _rank(views, post), reverse=True)):
        popular = reasons[post.id] != "own" and views.engagement(post) >= POPULAR_FROM
        ranked.append(("popular" if popular else reasons[post.id], views.post(viewer, post)))
    yield listed("/v1/feed", ranked, _read_item, query="sort=ranked")
    right = [] if wanted else _suggestions(views, viewer)[:SUGGESTED]
    yield Question("/v1/feed", right, lambda body: [_read_suggestion(item) for item in body["suggestions"]])


@entry("/v1/explore")
def explore(views: Views, viewer: UUID) -> Iterator[Question]:
    """By people one has nothing with yet: everybody's best first, then everybody's second best."""
    found = [
        post
        for post in _newest_of_each(views)
        if views.may_view(viewer, post)
        if _reason(views, viewer, post) is None and _is_wanted(views, viewer, post)
    ]
    places: Counter[UUID] = Counter()
    rounds = []
    for post in sorted(found, key=lambda post: _rank(views, post), reverse=True):
        rounds.append((places[post.author], post))
        places[post.author] += 1
    right = [
        ("popular" if views.engagement(post) >= POPULAR_FROM else "new", views.post(viewer, post))
        for _, post in sorted(rounds, key=lambda each: each[0])
    ]
    yield listed("/v1/explore", right, _read_item)


def _newest_of_each(views: Views) -> Iterator[Post]:
    """What people wrote for everybody, of each the ten newest, whoever may see them."""
    by: Counter[UUID] = Counter()
    for post in views.newest():
        if post.visibility == "public" and post.repost_of is None:
            by[post.author] += 1
            if by[post.author] <= MOST_OF_EACH:
                yield post


def _reason(views: Views, viewer: UUID, post: Post) -> str | None:
    """Why the post is in one's feed, if it is."""
    if post.author == viewer:
        return "own"
    if not views.may_view(viewer, post):
        return None
    if views.are_friends(viewer, post.author):
        return "friend"
    return "followed" if (viewer, post.author) in views.followed else None


def _is_wanted(views: Views, viewer: UUID, post: Post) -> bool:
    """One's own always; else nobody one has muted and no word one has muted, passed on or not."""
    both = [post, views.posts[post.repost_of]] if post.repost_of else [post]
    muted = {word for person, word in views.world.muted_words if person == viewer}
    return post.author == viewer or not any(
        views.has_muted(viewer, each.author) or muted.intersection((each.caption or "").split()) for each in both
    )


def _rank(views: Views, post: Post) -> tuple[float, UUID]:
    assert post.published_at is not None
    return math.log(1 + views.engagement(post)) + post.published_at.timestamp() / FRESHNESS_SECONDS, post.id


def _spread(posts: list[Post]) -> list[Post]:
    """At most two in a row by one author, while there are others."""
    left, done = list(posts), list[Post]()
    while left:
        last = [post.author for post in done[-2:]]
        at = next((at for at, post in enumerate(left) if last != [post.author] * 2), 0)
        done.append(left.pop(at))
    return done


def _read_item(item: Any) -> tuple[str, Any]:
    return item["reason"], read_post(item["post"])


@entry("/v1/suggestions")
def suggestions(views: Views, viewer: UUID) -> Iterator[Question]:
    yield listed("/v1/suggestions", _suggestions(views, viewer), _read_suggestion)


def _suggestions(views: Views, viewer: UUID) -> list[tuple[str, str, int, list[str]]]:
    """Whom one may know: person, reason, how many in the middle, and who are the first of these."""
    found = []
    friends = [who for _, who in views.friends_of(viewer) if views.is_there(who, viewer)]
    followed = [who for one, who in views.followed if one == viewer and views.is_there(who, viewer)]
    for person in views.world.people:
        if _may_be_suggested(views, viewer, person.id):
            by_friends = sorted(who for who in friends if views.are_friends(who, person.id))
            by_followers = sorted(who for who in {*friends, *followed} if (who, person.id) in views.followed)
            lately = [who for who, other in views.followed if other == person.id]
            for place, kind, why, named in (
                (1, "mutual_friends", by_friends, by_friends),
                (2, "followed_by_friends", by_followers, by_followers),
                (3, "popular", lately, []),
            ):
                if why:
                    found.append((place, -len(why), str(person.id), kind, [str(who) for who in named[:3]]))
                    break
    return [(person, kind, -fewness, named) for _, fewness, person, kind, named in sorted(found)]


def _may_be_suggested(views: Views, viewer: UUID, person: UUID) -> bool:
    """Somebody who is there and wants to be found, with whom one has nothing yet, nor did either say no."""
    if viewer == person or not views.is_there(person, viewer) or not views.people[person].discoverable:
        return False
    asked = any(
        {request.requester, request.receiver} == {viewer, person} and request.status != "withdrawn"
        for request in views.world.friend_requests
    )
    standing = views.standing(viewer, person) or {}
    return not (asked or standing["following"] or standing["requested"] or views.has_muted(viewer, person))


def _read_suggestion(item: Any) -> tuple[str, str, int, list[str]]:
    reason = item["reason"]
    return item["person"]["id"], reason["kind"], reason["count"], [who["id"] for who in reason["people"]]


@entry("/v1/hashtags/trending")
def trending(views: Views, viewer: UUID) -> Iterator[Question]:
    """The same for everyone: event_worker counts public posts alone, and that is tested with it."""
    yield listed("/v1/hashtags/trending", list(TAGS), lambda item: item["hashtag"])
