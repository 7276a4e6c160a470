"""The oracle's entries about people."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any
from uuid import UUID

from tests.privacy.asking import MISSING, Question
from tests.privacy.entries import entry, listed, missing
from tests.privacy.model import Person
from tests.privacy.views import Views, read_around


@entry("/v1/profiles/{connect_id}")
def profile(views: Views, viewer: UUID) -> Iterator[Question]:
    route = "/v1/profiles/{connect_id}"
    for person in views.world.people:
        right = _profile(views, viewer, person) if views.is_there(person.id, viewer) else MISSING
        yield Question(route, right, _read_profile, {"connect_id": person.connect_id})
        yield Question(route, right, _read_profile, {"connect_id": person.connect_id.upper()})
        if person.former:
            right = f"renamed: {person.connect_id}" if views.is_there(person.id, viewer) else MISSING
            yield Question(route, right, _read_profile, {"connect_id": person.former})
    yield missing(route, connect_id="nobody@meton")


def _profile(views: Views, viewer: UUID, person: Person) -> dict[str, Any]:
    pending = [
        {"id": str(request.id), "direction": "outgoing" if request.requester == viewer else "incoming"}
        for request in views.world.friend_requests
        if request.status == "pending" and {request.requester, request.receiver} == {viewer, person.id}
    ]
    standing = views.standing(viewer, person.id)
    return {
        "id": str(person.id),
        "counts": {
            "followers": _active(views, (link.one for link in views.world.follows if link.other == person.id)),
            "following": _active(views, (link.other for link in views.world.follows if link.one == person.id)),
            "friends": _active(
                views, (other.id for other in views.world.people if views.are_friends(person.id, other.id))
            ),
            "posts": sum(
                post.author == person.id and views.is_out(post) and views.may_view(viewer, post)
                for post in views.world.posts
            ),
        },
        "is_private": person.is_private,
        "relation": standing
        and {
            **standing,
            "request": pending[0] if pending else None,
            "muted": views.has_muted(viewer, person.id),
        },
    }


def _circle(views: Views, viewer: UUID, name: str, around: Callable[[Person], list[UUID]]) -> Iterator[Question]:
    """One list of people around each person; `around` knows all of them, last come first."""
    route = "/v1/profiles/{connect_id}/" + name
    for person in views.world.people:
        right = None
        if views.is_there(person.id, viewer) and views.is_let_in(viewer, person.id):
            right = [(str(x), views.standing(viewer, x)) for x in around(person) if views.is_there(x, viewer)]
        yield listed(route, right, read_around, {"connect_id": person.connect_id})
    yield missing(route, connect_id="nobody@meton")


@entry("/v1/profiles/{connect_id}/followers")
def followers(views: Views, viewer: UUID) -> Iterator[Question]:
    def around(person: Person) -> list[UUID]:
        return [link.one for link in reversed(views.world.follows) if link.other == person.id]

    yield from _circle(views, viewer, "followers", around)


@entry("/v1/profiles/{connect_id}/following")
def following(views: Views, viewer: UUID) -> Iterator[Question]:
    def around(person: Person) -> list[UUID]:
        return [link.other for link in reversed(views.world.follows) if link.one == person.id]

    yield from _circle(views, viewer, "following", around)


@entry("/v1/profiles/{connect_id}/friends")
def friends(views: Views, viewer: UUID) -> Iterator[Question]:
    def around(person: Person) -> list[UUID]:
        return [friend for _, friend in views.friends_of(person.id)]

    yield from _circle(views, viewer, "friends", around)


@entry("/v1/profiles/{connect_id}/mutuals")
def mutuals(views: Views, viewer: UUID) -> Iterator[Question]:
    """Whom one knows of those around a person, by when one came to know them."""
    followed = [(link.id, link.other) for link in views.world.follows if link.one == viewer]
    only_friends = [(row, who) for row, who in views.friends_of(viewer) if (viewer, who) not in views.followed]
    known = [who for _, who in sorted([*followed, *only_friends], reverse=True)]

    def around(person: Person) -> list[UUID]:
        return [who for who in known if (who, person.id) in views.followed or views.are_friends(who, person.id)]

    yield from _circle(views, viewer, "mutuals", around)


def _active(views: Views, people: Iterable[UUID]) -> int:
    return sum(views.people[person].status == "active" for person in people)


def _read_profile(body: Any) -> dict[str, Any]:
    return {name: body[name] for name in ("id", "counts", "is_private", "relation")}


@entry("/v1/profiles/{connect_id}/card")
def card(views: Views, viewer: UUID) -> Iterator[Question]:
    route = "/v1/profiles/{connect_id}/card"
    for right, name in _cards(views, viewer):
        yield Question(route, right, _read_card, {"connect_id": name})


@entry("/v1/cards")
def scanned_card(views: Views, viewer: UUID) -> Iterator[Question]:
    for right, name in _cards(views, viewer):
        yield Question("/v1/cards", right, _read_card, query=f"payload=meton:{name}")


def _cards(views: Views, viewer: UUID) -> Iterator[tuple[str, str]]:
    """Whose card is found by each handle, one given up too."""
    for person in views.world.people:
        right = person.connect_id if views.is_there(person.id, viewer) else MISSING
        yield right, person.connect_id
        if person.former:
            yield right, person.former
    yield MISSING, "nobody@meton"


def _read_card(body: Any) -> str:
    return str(body["connect_id"])
