"""A world in which every clause of the rules decides something that Alice asks about, and every list has an item or
more for her.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from tests.privacy.model import (
    AudienceList,
    Comment,
    Conversation,
    FriendRequest,
    Link,
    Mark,
    Media,
    Person,
    Post,
    World,
)
from tests.privacy.worlds import BEGINNING, EARLIER, LATER, TAGS, WORDS, ids

ALICE, FRIEND, ASKED, STRANGER = "alice", "bob", "charlie", "dev"
SHUT, LET_IN, CLOSE = "esha", "farid", "gita"
BLOCKS, BLOCKED, SUSPENDED = "hari", "isha", "jai"
MUTED, HEARD, LATER_HEARD = "kiran", "lata", "mohan"
PRIVATE = {SHUT, LET_IN, CLOSE}
"""Private accounts: of nobody to Alice, of one whom she follows, and of a friend."""
VISIBILITIES = ("public", "friends", "closefriends")


class Builder:
    """Puts one fact after another into a world."""

    def __init__(self) -> None:
        self._new = ids()
        self._minutes = count()
        names = [ALICE, FRIEND, ASKED, STRANGER, SHUT, LET_IN, CLOSE, BLOCKS, BLOCKED, SUSPENDED]
        names += [MUTED, HEARD, LATER_HEARD]
        people = [
            Person(
                next(self._new),
                name,
                status="suspended" if name == SUSPENDED else "active",
                is_private=name in PRIVATE,
                is_moderator=name == ALICE,
                verified="pending" if name in PRIVATE else "none",
            )
            for name in names
        ]
        self._ids = {person.name: person.id for person in people}
        self.world = World(people)

    def link(self, links: list[Link], one: str, other: str, ends: datetime | None = None) -> None:
        links.append(Link(next(self._new), self._ids[one], self._ids[other], ends))

    def befriend(self, one: str, other: str, status: str = "accepted") -> None:
        request = FriendRequest(next(self._new), self._ids[one], self._ids[other], status)
        self.world.friend_requests.append(request)

    def make_list(self, owner: str, kind: str, *members: str) -> UUID:
        rows = tuple((next(self._new), self._ids[member]) for member in members)
        name = None if kind == "closefriends" else f"list {len(self.world.lists)}"
        self.world.lists.append(AudienceList(next(self._new), self._ids[owner], kind, name, rows))
        return self.world.lists[-1].id

    def post(self, author: str, visibility: str = "public", state: str = "published", **more: Any) -> UUID:
        at = BEGINNING + timedelta(hours=2, minutes=next(self._minutes)) if state == "published" else None
        mentions = frozenset(self._ids[name] for name in more.pop("mentions", ()))
        named = (f"@{person.name}" for person in self.world.people if person.id in mentions)
        caption = " ".join(["words", *named, *(f"#{tag}" for tag in more.get("hashtags", ()))])
        post = Post(next(self._new), self._ids[author], visibility, state, at, caption, mentions=mentions, **more)
        self.world.posts.append(post)
        return post.id

    def comment(self, post: UUID, writer: str, head: UUID | None = None, state: str = "") -> UUID:
        is_hidden, is_deleted = state == "hidden", state == "deleted"
        made = Comment(next(self._new), post, self._ids[writer], head, head, hidden=is_hidden, deleted=is_deleted)
        self.world.comments.append(made)
        return made.id

    def mark(self, marks: list[Mark], target: UUID, person: str) -> None:
        marks.append(Mark(next(self._new), self._ids[person], target))

    def talk(self, *people: str) -> None:
        members = tuple((self._ids[name], "join") for name in people)
        self.world.conversations.append(Conversation(next(self._new), members))

    def upload(self, person: str) -> None:
        self.world.loose_media.append(Media(next(self._new), self._ids[person]))


def decisive() -> World:
    """That world."""
    here = Builder()
    _relate(here)
    _write(here)
    _comment(here)
    _fill(here)
    return here.world


def _relate(here: Builder) -> None:
    world = here.world
    here.befriend(ALICE, FRIEND)
    here.befriend(CLOSE, ALICE)
    here.befriend(ASKED, ALICE, "pending")
    here.befriend(STRANGER, SHUT)
    here.befriend(FRIEND, SHUT)
    for followed in (LET_IN, MUTED, HEARD, LATER_HEARD, SUSPENDED):
        here.link(world.follows, ALICE, followed)
    here.link(world.follows, FRIEND, SHUT)
    here.link(world.follows, STRANGER, FRIEND)
    here.link(world.follows, SHUT, ALICE)
    here.link(world.blocks, BLOCKS, ALICE)
    here.link(world.blocks, ALICE, BLOCKED)
    here.link(world.blocks, STRANGER, SHUT)
    here.link(world.blocks, FRIEND, HEARD)
    here.link(world.mutes, ALICE, MUTED)
    here.link(world.mutes, ALICE, HEARD, EARLIER)
    here.link(world.mutes, ALICE, LATER_HEARD, LATER)
    here.link(world.mutes, FRIEND, LET_IN)


def _write(here: Builder) -> None:
    with_alice = here.make_list(FRIEND, "custom", ALICE)
    without = here.make_list(FRIEND, "custom", CLOSE)
    here.make_list(FRIEND, "closefriends", CLOSE)
    here.make_list(CLOSE, "closefriends", ALICE)
    for author in (ALICE, FRIEND):
        here.post(author, state="draft")
        here.post(author, removed=True)
        here.post(author, deleted=True)
    for author in (FRIEND, ASKED, STRANGER, SHUT, LET_IN, CLOSE, BLOCKS, BLOCKED, SUSPENDED):
        for visibility in VISIBILITIES:
            here.post(author, visibility)
    for author in (MUTED, HEARD, LATER_HEARD):
        here.post(author)
    here.post(FRIEND, "custom", audience_list=with_alice)
    here.post(FRIEND, "custom", audience_list=without)
    for author in (ALICE, FRIEND, STRANGER, LET_IN):
        for replies in ("followers", "friends", "mentioned", "nobody"):
            here.post(author, replies=replies)
    here.post(STRANGER, replies="mentioned", mentions=(ALICE,))
    here.post(STRANGER, replies="mentioned", mentions=(FRIEND,))
    here.post(STRANGER, replies="nobody", mentions=(ALICE,))


def _comment(here: Builder) -> None:
    theirs, own = here.post(FRIEND), here.post(ALICE)
    for post in (theirs, own):
        for person in (STRANGER, HEARD, BLOCKS, BLOCKED, SUSPENDED):
            here.comment(post, STRANGER, here.comment(post, person))
            here.mark(here.world.post_likes, post, person)
        for state in ("hidden", "deleted"):
            for writer in (ALICE, STRANGER):
                head = here.comment(post, writer, state=state)
                here.comment(post, CLOSE, head)
                here.comment(post, writer, here.comment(post, CLOSE), state)


def _fill(here: Builder) -> None:
    """Two items at least for each list of Alice's."""
    world = here.world
    alice = next(person.id for person in world.people if person.name == ALICE)
    world.muted_words += [(alice, word) for word in WORDS]
    for name in (STRANGER, ASKED):
        here.link(world.follow_requests, name, ALICE)
    here.befriend(LET_IN, ALICE, "pending")
    here.befriend(STRANGER, FRIEND)
    here.befriend(ASKED, FRIEND)
    here.link(world.follows, SHUT, FRIEND)
    here.link(world.blocks, ALICE, SHUT)
    here.make_list(ALICE, "closefriends", FRIEND, CLOSE)
    here.make_list(ALICE, "custom", FRIEND, CLOSE)
    here.make_list(ALICE, "custom")
    post = here.post(FRIEND, revisions=(("public", None), ("friends", None)))
    head = here.comment(post, FRIEND)
    for name in (FRIEND, CLOSE, ALICE):
        here.comment(post, name, head)
        here.mark(world.comment_likes, head, name)
        here.mark(world.post_likes, post, name)
        here.post(name, repost_of=post)
        here.post(name, mentions=(ALICE,), hashtags=frozenset(TAGS))
        here.mark(world.saved, world.posts[-1].id, ALICE)
    for name in (FRIEND, CLOSE):
        here.talk(ALICE, name)
    here.post(ALICE, state="draft")
    here.upload(ALICE)
