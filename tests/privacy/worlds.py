"""Worlds to ask about: five to eight people, everything that can be between them, and what they made.

Not only what the API would let happen: a follow across a block or a reply below a deleted comment may be there too,
because a read must not lean on every write having been right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count, permutations
from typing import Any, TypeVar
from uuid import UUID

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.privacy.model import (
    AudienceList,
    Comment,
    Conversation,
    FriendRequest,
    Link,
    Mark,
    Media,
    Person,
    Poll,
    Post,
    Rules,
    World,
)

# lately, because some lists hold only what is new
BEGINNING = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(days=1)
EARLIER, LATER = BEGINNING - timedelta(days=1), BEGINNING + timedelta(days=100)
NAMES = ("alice", "bob", "charlie", "dev", "esha", "farid", "gita", "hari")
TAGS = ("चाय", "tea", "trains")
WORDS = ("spoiler", "चुनाव")

T = TypeVar("T")
Draw = Any


def ids() -> Iterator[UUID]:
    """UUIDs of version 7 that grow, a second apart."""
    for number in count(1):
        moment = int((BEGINNING + timedelta(seconds=number)).timestamp() * 1000)
        yield UUID(int=moment << 80 | 7 << 76 | 2 << 62 | number)


def made_at(row: UUID) -> datetime:
    """The time of creation, which is in the id."""
    return datetime.fromtimestamp((row.int >> 80) / 1000, UTC)


def mostly(usual: T, *others: T, weight: int = 6) -> st.SearchStrategy[T]:
    """`usual` several times as often as each of `others`."""
    return st.sampled_from((usual,) * weight + others)


def some_of(things: Sequence[T], most: int | None = None) -> st.SearchStrategy[list[T]]:
    """Some of `things`, each once, in any order."""
    return st.lists(st.sampled_from(things), unique=True, max_size=most) if things else st.just([])


@st.composite
def worlds(draw: Draw) -> World:
    """Any world."""
    new = ids()
    names = NAMES[: draw(st.integers(5, len(NAMES)))]
    world = World([_person(draw, next(new), name) for name in names])
    _relate(draw, world, new)
    _make_lists(draw, world, new)
    _write_posts(draw, world, new)
    _write_comments(draw, world, new)
    _mark(draw, world, new)
    people = [person.id for person in world.people]
    world.conversations = [_conversation(draw, next(new), people) for _ in range(draw(st.integers(0, 3)))]
    world.loose_media = [Media(next(new), owner) for owner in draw(some_of(people, 2))]
    return world


def explore(number: int, examples: int, judge: Callable[[World], None]) -> None:
    """Show `judge` so many worlds, the same ones for the same number; one that it fails at is made small."""

    def see(world: World) -> None:
        judge(world)

    look = settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
    )
    look(seed(number)(given(worlds())(see)))()


def size(world: World) -> int:
    """How many facts there are."""
    return sum(len(facts) for facts in vars(world).values())


def _person(draw: Draw, row: UUID, name: str) -> Person:
    return Person(
        row,
        name,
        status=draw(mostly("active", "suspended", "deactivated", "erased", weight=12)),
        is_private=draw(mostly(False, True, weight=2)),
        former=draw(mostly(None, f"old-{name}@meton", weight=3)),
        discoverable=draw(mostly(True, False)),
        is_moderator=draw(mostly(False, True)),
        verified=draw(mostly("none", "pending", "pending", "verified", weight=3)),
    )


def _relate(draw: Draw, world: World, new: Iterator[UUID]) -> None:
    ids_ = [person.id for person in world.people]
    for one, other in permutations(ids_, 2):
        match draw(mostly("", "follows", "follows", "follows", "asks to follow", "blocks", "mutes", weight=4)):
            case "follows":
                world.follows.append(Link(next(new), one, other))
            case "asks to follow":
                world.follow_requests.append(Link(next(new), one, other))
            case "blocks":
                world.blocks.append(Link(next(new), one, other))
            case "mutes":
                world.mutes.append(Link(next(new), one, other, draw(st.sampled_from((None, EARLIER, LATER)))))
        if one < other:
            status = draw(mostly("accepted", "", "", "pending", "rejected", "withdrawn", weight=4))
            if status:
                pair = (one, other) if draw(st.booleans()) else (other, one)
                world.friend_requests.append(FriendRequest(next(new), *pair, status))
                if draw(mostly(False, True, weight=8)):
                    world.blocks.append(Link(next(new), *pair))
    once = {(link.one, link.other): link for link in reversed(world.blocks)}
    world.blocks = sorted(once.values(), key=lambda link: link.id)
    for person in draw(some_of(ids_, 3)):
        world.muted_words += [(person, word) for word in draw(some_of(WORDS))]


def _make_lists(draw: Draw, world: World, new: Iterator[UUID]) -> None:
    rules = Rules(world)
    for owner in world.people:
        friends = [person.id for person in world.people if rules.are_friends(owner.id, person.id)]
        for kind, name in (("closefriends", None), ("custom", "नाटक"), ("custom", "Work")):
            if draw(mostly(True, False, weight=3)):
                members = tuple((next(new), member) for member in draw(some_of(friends)))
                world.lists.append(AudienceList(next(new), owner.id, kind, name, members))


def _write_posts(draw: Draw, world: World, new: Iterator[UUID]) -> None:
    people = [person.id for person in world.people]
    for _ in range(draw(st.integers(6, 14))):
        post = _post(draw, world, next(new), people)
        world.posts.append(replace(post, media=_media(draw, new, post)))
    plain: set[tuple[UUID, UUID]] = set()
    for _ in range(draw(st.integers(0, 5))):
        root = draw(st.sampled_from(world.posts[:4]))
        author = draw(st.sampled_from(people))
        caption = draw(st.sampled_from((None, "look")))
        if caption is None and (author, root.id) in plain:
            continue
        repost = _post(draw, world, next(new), [author])
        if caption is None:
            plain.add((author, root.id))
        said = {"caption": caption, "hashtags": frozenset[str](), "mentions": frozenset[UUID]()}
        world.posts.append(replace(repost, **said, repost_of=root.id, poll=None))


def _post(draw: Draw, world: World, row: UUID, people: list[UUID]) -> Post:
    author = draw(st.sampled_from(people))
    state = draw(mostly("published", "draft", "scheduled", "processing", weight=9))
    visibility = draw(mostly("public", "friends", "closefriends", "custom", weight=2))
    own = [each.id for each in world.lists if each.owner == author and each.kind == "custom"]
    audiences = [(name, None) for name in ("public", "friends", "closefriends")] + [("custom", each) for each in own]
    audience = draw(st.sampled_from([*own, *own, None])) if visibility == "custom" else None
    tags = draw(some_of(TAGS, 2))
    mentions = draw(some_of(world.people, 3))
    said = ["words", *draw(some_of(WORDS, 1)), *(f"#{tag}" for tag in tags), *(f"@{who.name}" for who in mentions)]
    return Post(
        row,
        author,
        visibility,
        state,
        # a few at the same time: then ids decide
        published_at=BEGINNING + timedelta(hours=1, seconds=draw(st.integers(0, 20))) if state == "published" else None,
        caption=" ".join(said),
        audience_list=audience,
        removed=draw(mostly(False, True, weight=9)),
        deleted=draw(mostly(False, True, weight=9)),
        hashtags=frozenset(tags),
        mentions=frozenset(who.id for who in mentions),
        replies=draw(mostly("everyone", "followers", "friends", "mentioned", "mentioned", "nobody", weight=2)),
        poll=_poll(draw, people) if draw(mostly(False, True, weight=4)) else None,
        revisions=tuple(draw(st.lists(st.sampled_from(audiences), max_size=2))),
    )


def _media(draw: Draw, new: Iterator[UUID], post: Post) -> Media | None:
    if post.state == "processing":
        return Media(next(new), post.author, draw(st.sampled_from(("processing", "failed"))))
    return Media(next(new), post.author) if draw(mostly(False, True, weight=2)) else None


def _poll(draw: Draw, people: list[UUID]) -> Poll:
    return Poll(2, tuple((voter, draw(st.integers(0, 1))) for voter in draw(some_of(people, 4))))


def _write_comments(draw: Draw, world: World, new: Iterator[UUID]) -> None:
    people = [person.id for person in world.people]
    out = [post.id for post in world.posts if post.state == "published"]
    for _ in range(draw(st.integers(0, 16)) if out else 0):
        post = draw(st.sampled_from(out[:4]))  # few posts, so that there are threads
        above = [comment for comment in world.comments if comment.post == post]
        parent = draw(st.sampled_from([None, *above]))
        state = draw(mostly("", "hidden", "deleted", "pinned"))
        world.comments.append(
            Comment(
                next(new),
                post,
                draw(st.sampled_from(people)),
                parent=None if parent is None else parent.id,
                thread=None if parent is None else parent.thread or parent.id,
                hidden=state == "hidden",
                deleted=state == "deleted",
                mentions=frozenset(draw(some_of(people, 1))),
                pinned=state == "pinned" and parent is None and not any(comment.pinned for comment in above),
            )
        )


def _mark(draw: Draw, world: World, new: Iterator[UUID]) -> None:
    people = [person.id for person in world.people]

    def marks(targets: Sequence[Post | Comment], most: int) -> list[Mark]:
        pairs = [(person, target.id) for person in people for target in targets]
        return [Mark(next(new), *pair) for pair in draw(some_of(pairs, most))]

    world.post_likes = marks(world.posts, 14)
    world.comment_likes = marks(world.comments, 10)
    world.saved = marks(world.posts, 10)


def _conversation(draw: Draw, row: UUID, people: list[UUID]) -> Conversation:
    members = draw(some_of(people, 4))
    return Conversation(row, tuple((who, draw(mostly("join", "invite", "leave", weight=3))) for who in members))
