"""The oracle's entries about what belongs to whoever asks, and to nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from tests.privacy.asking import MISSING, Question
from tests.privacy.entries import NOBODYS_ID, entry, listed, missing
from tests.privacy.model import AudienceList, Conversation
from tests.privacy.views import Views, read_id
from tests.privacy.writing import session


@entry("/v1/health")
def health(views: Views, viewer: UUID) -> Iterator[Question]:
    """Says nothing of anybody."""
    yield Question("/v1/health", ["status"], list)


@entry("/v1/me")
def me(views: Views, viewer: UUID) -> Iterator[Question]:
    yield Question("/v1/me", str(viewer), read_id)


@entry("/v1/me/verification")
def verification(views: Views, viewer: UUID) -> Iterator[Question]:
    yield Question("/v1/me/verification", views.people[viewer].verified, lambda body: body["status"])


@entry("/v1/admin/verifications")
def verifications(views: Views, viewer: UUID) -> Iterator[Question]:
    """For moderators all who wait, whatever is between the two; for everybody else it is not there."""
    waiting = [str(x.id) for x in views.world.people if (x.verified, x.status) == ("pending", "active")]
    right = waiting if views.people[viewer].is_moderator else None
    yield listed("/v1/admin/verifications", right, lambda item: item["user_id"])


@entry("/v1/me/settings")
def settings(views: Views, viewer: UUID) -> Iterator[Question]:
    yield Question("/v1/me/settings", views.people[viewer].discoverable, lambda body: body["discoverable"])


@entry("/v1/sessions")
def sessions(views: Views, viewer: UUID) -> Iterator[Question]:
    yield listed("/v1/sessions", [str(session(viewer))], read_id)


@entry("/v1/follow-requests")
def follow_requests(views: Views, viewer: UUID) -> Iterator[Question]:
    right = [
        (str(link.id), str(link.one))
        for link in reversed(views.world.follow_requests)
        if link.other == viewer and views.is_there(link.one, viewer)
    ]
    yield listed("/v1/follow-requests", right, lambda item: (item["id"], item["person"]["id"]))


@entry("/v1/lists")
def lists(views: Views, viewer: UUID) -> Iterator[Question]:
    right = [_list(views, each) for each in reversed(views.world.lists) if _is_own(each, viewer)]
    yield listed("/v1/lists", right, _read_list)


@entry("/v1/lists/{list_id}")
def audience_list(views: Views, viewer: UUID) -> Iterator[Question]:
    route = "/v1/lists/{list_id}"
    for each in views.world.lists:
        right = _list(views, each) if _is_own(each, viewer) else MISSING
        yield Question(route, right, _read_list, {"list_id": str(each.id)})
    yield missing(route, list_id=NOBODYS_ID)


@entry("/v1/lists/{list_id}/members")
def members(views: Views, viewer: UUID) -> Iterator[Question]:
    route = "/v1/lists/{list_id}/members"
    for each in views.world.lists:
        right = _members_of(views, each) if _is_own(each, viewer) else None
        yield listed(route, right, read_id, {"list_id": str(each.id)})
    yield missing(route, list_id=NOBODYS_ID)


@entry("/v1/close-friends")
def close_friends(views: Views, viewer: UUID) -> Iterator[Question]:
    own = [each for each in views.world.lists if each.owner == viewer and each.kind == "closefriends"]
    yield listed("/v1/close-friends", [who for each in own for who in _members_of(views, each)], read_id)


def _is_own(each: AudienceList, viewer: UUID) -> bool:
    return each.owner == viewer and each.kind == "custom"


def _members_of(views: Views, each: AudienceList) -> list[str]:
    return [str(member) for _, member in reversed(each.members) if views.is_there(member, each.owner)]


def _list(views: Views, each: AudienceList) -> tuple[str, int]:
    return str(each.id), len(_members_of(views, each))


def _read_list(body: Any) -> tuple[str, int]:
    return body["id"], body["member_count"]


@entry("/v1/blocks")
def blocks(views: Views, viewer: UUID) -> Iterator[Question]:
    """The one place where whom one has blocked is still there."""
    right = [
        str(link.other)
        for link in reversed(views.world.blocks)
        if link.one == viewer and views.people[link.other].status == "active"
    ]
    yield listed("/v1/blocks", right, lambda item: item["person"]["id"])


@entry("/v1/mutes")
def mutes(views: Views, viewer: UUID) -> Iterator[Question]:
    right = [
        str(link.other)
        for link in reversed(views.world.mutes)
        if link.one == viewer and views.has_muted(viewer, link.other) and views.is_there(link.other, viewer)
    ]
    yield listed("/v1/mutes", right, lambda item: item["person"]["id"])


@entry("/v1/muted-words")
def muted_words(views: Views, viewer: UUID) -> Iterator[Question]:
    right = sorted(word for person, word in views.world.muted_words if person == viewer)
    yield listed("/v1/muted-words", right, lambda item: item["word"])


@entry("/v1/friend-requests")
def friend_requests(views: Views, viewer: UUID) -> Iterator[Question]:
    for status in ("pending", "accepted", "rejected", "withdrawn"):
        for direction in ("incoming", "outgoing", "any"):
            right = [
                {"id": str(request.id), "status": status, "direction": way, "person": str(other)}
                for request in reversed(views.world.friend_requests)
                for way, mine, other in (
                    ("outgoing", request.requester, request.receiver),
                    ("incoming", request.receiver, request.requester),
                )
                if mine == viewer and request.status == status and direction in (way, "any")
                if views.is_there(other, viewer)
            ]
            query = f"status={status}&direction={direction}"
            yield listed("/v1/friend-requests", right, _read_request, query=query)


def _read_request(item: Any) -> dict[str, Any]:
    return {**{name: item[name] for name in ("id", "status", "direction")}, "person": item["person"]["id"]}


@entry("/v1/conversations")
def conversations(views: Views, viewer: UUID) -> Iterator[Question]:
    right = [
        (str(each.id), [who for who in _members(views, viewer, each) if who != str(viewer)])
        for each in reversed(views.world.conversations)
        if _is_in(viewer, each)
    ]
    yield listed("/v1/conversations", right, _read_conversation)


@entry("/v1/conversations/{conversation_id}")
def conversation(views: Views, viewer: UUID) -> Iterator[Question]:
    route = "/v1/conversations/{conversation_id}"
    for each in views.world.conversations:
        right = _members(views, viewer, each) if _is_in(viewer, each) else MISSING
        yield Question(route, right, _read_members, {"conversation_id": str(each.id)})
    yield missing(route, conversation_id=NOBODYS_ID)


def _is_in(viewer: UUID, each: Conversation) -> bool:
    return any(who == viewer and membership in ("join", "invite") for who, membership in each.members)


def _members(views: Views, viewer: UUID, each: Conversation) -> list[str]:
    return [
        str(who) for who, membership in each.members if membership in ("join", "invite") and views.is_there(who, viewer)
    ]


def _read_conversation(item: Any) -> tuple[str, list[str]]:
    return item["id"], [person["id"] for person in item["others"]]


def _read_members(body: Any) -> list[str]:
    return [each["person"]["id"] for each in body["participants"]]
