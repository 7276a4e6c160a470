"""Who may see what, in plain Python: written from what was promised (docs, not SQL), and the judge of every answer.

A `World` holds facts as the tables do, one dataclass a row; the functions of `Rules` say what follows from them.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID


@dataclass(frozen=True)
class Person:
    """`former` is a handle given up."""

    id: UUID
    name: str
    status: str = "active"
    is_private: bool = False
    former: str | None = None
    discoverable: bool = True
    is_moderator: bool = False
    verified: str = "none"

    @property
    def connect_id(self) -> str:
        return f"{self.name}@meton"


@dataclass(frozen=True)
class Link:
    """One person's tie to another: a follow, a request to follow, a block or a mute."""

    id: UUID
    one: UUID
    other: UUID
    ends: datetime | None = None
    """Until when a mute lasts, past or to come; None for good."""


@dataclass(frozen=True)
class FriendRequest:
    id: UUID
    requester: UUID
    receiver: UUID
    status: str


@dataclass(frozen=True)
class AudienceList:
    """`members` are friends of the owner, each with the id of their place on the list."""

    id: UUID
    owner: UUID
    kind: str
    name: str | None
    members: tuple[tuple[UUID, UUID], ...]


@dataclass(frozen=True)
class Media:
    id: UUID
    owner: UUID
    state: str = "done"


@dataclass(frozen=True)
class Poll:
    """`votes` are people and the one option each chose."""

    options: int
    votes: tuple[tuple[UUID, int], ...]


@dataclass(frozen=True)
class Post:
    id: UUID
    author: UUID
    visibility: str
    state: str
    """published, draft, scheduled or processing: the last three have no `published_at`."""
    published_at: datetime | None = None
    caption: str | None = None
    audience_list: UUID | None = None
    removed: bool = False
    deleted: bool = False
    repost_of: UUID | None = None
    hashtags: frozenset[str] = frozenset()
    mentions: frozenset[UUID] = frozenset()
    media: Media | None = None
    replies: str = "everyone"
    poll: Poll | None = None
    revisions: tuple[tuple[str, UUID | None], ...] = ()
    """Whom the post was for before each edit, as `visibility` and `audience_list` say it; oldest first."""


@dataclass(frozen=True)
class Comment:
    id: UUID
    post: UUID
    writer: UUID
    parent: UUID | None = None
    thread: UUID | None = None
    hidden: bool = False
    deleted: bool = False
    pinned: bool = False
    mentions: frozenset[UUID] = frozenset()


@dataclass(frozen=True)
class Mark:
    """Somebody's like of a post or comment, or a post saved."""

    id: UUID
    person: UUID
    target: UUID


@dataclass(frozen=True)
class Conversation:
    """`members` are people with their membership as Matrix says it."""

    id: UUID
    members: tuple[tuple[UUID, str], ...]


@dataclass
class World:
    """Everything there is. Ids grow with the time of creation."""

    people: list[Person]
    follows: list[Link] = field(default_factory=list)
    follow_requests: list[Link] = field(default_factory=list)
    blocks: list[Link] = field(default_factory=list)
    mutes: list[Link] = field(default_factory=list)
    muted_words: list[tuple[UUID, str]] = field(default_factory=list)
    friend_requests: list[FriendRequest] = field(default_factory=list)
    lists: list[AudienceList] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    post_likes: list[Mark] = field(default_factory=list)
    comment_likes: list[Mark] = field(default_factory=list)
    saved: list[Mark] = field(default_factory=list)
    conversations: list[Conversation] = field(default_factory=list)
    loose_media: list[Media] = field(default_factory=list)
    """Uploads that hang on no post."""


class Rules:
    """What the people of a world may see of it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.people = {person.id: person for person in world.people}
        self.posts = {post.id: post for post in world.posts}
        self.comments = {comment.id: comment for comment in world.comments}
        self.lists = {each.id: each for each in world.lists}
        self.followed = {(link.one, link.other) for link in world.follows}
        self._blocked = {(link.one, link.other) for link in world.blocks}
        self._muted = {
            (link.one, link.other) for link in world.mutes if link.ends is None or link.ends > datetime.now(UTC)
        }
        self._friends = {
            frozenset((request.requester, request.receiver))
            for request in world.friend_requests
            if request.status == "accepted"
        }
        self.comments_of: dict[UUID, list[Comment]] = defaultdict(list)
        for comment in world.comments:
            self.comments_of[comment.post].append(comment)

    # -- people -------------------------------------------------------------------------------------------------------

    def are_apart(self, one: UUID, other: UUID) -> bool:
        """A block, by whomever, is total."""
        return (one, other) in self._blocked or (other, one) in self._blocked

    def is_there(self, person: UUID, viewer: UUID) -> bool:
        """People who are suspended, deactivated or erased are there for nobody, nor is anyone across a block."""
        return self.people[person].status == "active" and not self.are_apart(person, viewer)

    def are_friends(self, one: UUID, other: UUID) -> bool:
        return frozenset((one, other)) in self._friends

    def friends_of(self, person: UUID) -> list[tuple[UUID, UUID]]:
        """Each with the id of the request that made them friends, the last one first."""
        return [
            (request.id, request.receiver if request.requester == person else request.requester)
            for request in reversed(self.world.friend_requests)
            if request.status == "accepted" and person in (request.requester, request.receiver)
        ]

    def has_muted(self, viewer: UUID, person: UUID) -> bool:
        return (viewer, person) in self._muted

    def is_let_in(self, viewer: UUID, owner: UUID) -> bool:
        """A private account shows what is public, and its circle, only to its followers and friends."""
        if viewer == owner or not self.people[owner].is_private:
            return True
        return (viewer, owner) in self.followed or self.are_friends(viewer, owner)

    def is_on(self, audience_list: UUID | None, person: UUID) -> bool:
        return audience_list is not None and any(who == person for _, who in self.lists[audience_list].members)

    def is_close_friend(self, owner: UUID, person: UUID) -> bool:
        return any(
            self.is_on(each.id, person)
            for each in self.lists.values()
            if each.owner == owner and each.kind == "closefriends"
        )

    # -- posts --------------------------------------------------------------------------------------------------------

    def may_view(self, viewer: UUID, post: Post) -> bool:
        if post.deleted:
            return False
        if post.author == viewer:
            return True
        is_shown = self.is_out(post) and self.is_there(post.author, viewer)
        return is_shown and self._is_for(viewer, post)

    def _is_for(self, viewer: UUID, post: Post) -> bool:
        match post.visibility:
            case "public":
                return self.is_let_in(viewer, post.author)
            case "friends":
                return self.are_friends(post.author, viewer)
            case "closefriends":
                return self.is_close_friend(post.author, viewer)
            case "custom":
                return self.is_on(post.audience_list, viewer)
        raise AssertionError(post.visibility)

    def revisions(self, viewer: UUID, post: Post) -> list[int]:
        """Which wordings of a post somebody who may view it may read, newest first: what was said to some people is not
        for those to whom it was opened since.
        """
        now = (post.visibility, post.audience_list)
        return [
            number
            for number, was_for in reversed(list(enumerate((*post.revisions, now))))
            if viewer == post.author or was_for[0] == "public" or was_for == now
        ]

    def is_out(self, post: Post) -> bool:
        """Published and still standing: what lists of posts hold, one's own too."""
        return post.state == "published" and not post.deleted and not post.removed

    def may_reply(self, viewer: UUID, post: Post) -> bool:
        """For one who may view it: by the wish of its author, who always may."""
        if viewer == post.author or post.replies == "everyone":
            return True
        match post.replies:
            case "followers":
                return (viewer, post.author) in self.followed
            case "friends":
                return self.are_friends(viewer, post.author)
            case "mentioned":
                return viewer in post.mentions
        return False

    # -- comments -----------------------------------------------------------------------------------------------------

    def may_view_comment(self, viewer: UUID, comment: Comment) -> bool:
        """A comment needs its post, and its head, with which its thread goes."""
        if not self.may_view(viewer, self.posts[comment.post]):
            return False
        return self._stands(viewer, comment) and (
            comment.thread is None or self._stands(viewer, self.comments[comment.thread])
        )

    def _stands(self, viewer: UUID, comment: Comment) -> bool:
        """What is between its writer and the author of the post decides for everybody: below one's posts there is
        nothing by people one has blocked, or who have blocked one.
        """
        author = self.posts[comment.post].author
        if comment.deleted or not self.is_there(comment.writer, viewer) or self.are_apart(comment.writer, author):
            return False
        return not comment.hidden or viewer in (comment.writer, author)

    def counts(self, comment: Comment) -> bool:
        """Whether the counters know of it: they are the same for everyone."""
        head = comment if comment.thread is None else self.comments[comment.thread]
        return not comment.deleted and not head.deleted
