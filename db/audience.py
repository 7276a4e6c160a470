"""Who may see whom and what: one definition, put into every read. What one may not see does not exist for them.

Each rule is a Core expression with the viewer as a parameter or as a column, so that the same words answer "may Alice
see these twenty posts" and "who of my followers may see this one".
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, SQLColumnExpression, Uuid, and_, bindparam, exists, func, literal_column, or_
from sqlalchemy.orm import aliased

from db.models.audiences import AudienceList, AudienceMember
from db.models.comments import Comment
from db.models.people import User
from db.models.posts import Post, PostMention
from db.models.relations import Block, Follow, FriendRequest, Mute

VIEWER: ColumnElement[UUID] = bindparam("viewer", type_=Uuid())
"""The parameter most statements name their reader with."""

Person = SQLColumnExpression[UUID]
"""Somebody's id: a column or a parameter."""


def can_view(viewer: Person = VIEWER, post: type[Post] = Post, *, author: Person | None = None) -> ColumnElement[bool]:
    """Whether `viewer` may see `post`.

    The author always, until it is deleted. Anyone else when it is published and not removed, its author is visible to
    them, and its visibility covers them. A read of one person's posts says who that is, as a parameter: then what is
    between the two is asked once, and not for each post.
    """
    who = post.user_id if author is None else author
    return and_(
        post.deleted_at.is_(None),
        or_(
            who == viewer,
            and_(is_published(post), is_visible(who, viewer), is_covered(viewer, post, author=author)),
        ),
    )


def is_published(post: type[Post] = Post) -> ColumnElement[bool]:
    """Whether `post` is out: in these words, because the index of feeds is defined by them."""
    return and_(post.published_at.is_not(None), post.deleted_at.is_(None), post.removed_at.is_(None))


def is_covered(
    viewer: Person = VIEWER,
    post: type[Post] = Post,
    *,
    author: Person | None = None,
    circle: ColumnElement[bool] | None = None,
    friends: ColumnElement[bool] | None = None,
) -> ColumnElement[bool]:
    """Whether the visibility of `post` covers `viewer`; one without a rule here covers nobody.

    What a private account shows to everyone it shows to its followers and friends (docs/decisions/private-account.md).
    A read that has found out whether the viewer `may_see_circle` of the author, and whether the two `are_friends`, says
    so by `circle` and `friends`: then neither is asked again for each post.
    """
    who = post.user_id if author is None else author
    return or_(
        and_(post.visibility == "public", may_see_circle(who, viewer) if circle is None else circle),
        and_(post.visibility == "friends", are_friends(who, viewer) if friends is None else friends),
        and_(post.visibility == "closefriends", is_close_friend(who, viewer)),
        and_(post.visibility == "custom", is_member(post.audience_list_id, viewer)),
    )


def is_visible(person: Person, viewer: Person = VIEWER) -> ColumnElement[bool]:
    """Whether `person` is there at all for `viewer`: active, and no block either way."""
    return and_(is_active(person), ~is_blocked(person, viewer))


def may_see_circle(person: Person, viewer: Person = VIEWER) -> ColumnElement[bool]:
    """Whether `viewer` may see what `person` shows to everyone, and who follows whom: a private account keeps that to
    itself, its followers and its friends.
    """
    owner = aliased(User)
    return or_(
        _has(owner, owner.id == person, ~owner.is_private),
        person == viewer,
        follows(viewer, person),
        are_friends(person, viewer),
    )


def is_active(person: Person) -> ColumnElement[bool]:
    """Whether that person is neither suspended, deactivated nor erased."""
    owner = aliased(User)
    return _has(owner, owner.id == person, owner.status == "active")


def is_blocked(one: Person, other: Person) -> ColumnElement[bool]:
    """Whether either of the two has blocked the other."""
    return or_(has_blocked(one, other), has_blocked(other, one))


def has_blocked(blocker: Person, blocked: Person) -> ColumnElement[bool]:
    """Whether `blocker` has blocked `blocked`."""
    block = aliased(Block)
    return _has(block, block.blocker_id == blocker, block.blocked_id == blocked)


def has_muted(muter: Person, muted: Person) -> ColumnElement[bool]:
    """Whether `muter` wants to hear nothing of `muted` now. It hides `muted` from their feed and from what they are
    told, and from nothing else: it is no part of `can_view`.
    """
    mute = aliased(Mute)
    return _has(
        mute,
        mute.muter_id == muter,
        mute.muted_id == muted,
        or_(mute.expires_at.is_(None), mute.expires_at > func.now()),
    )


def follows(follower: Person, followed: Person) -> ColumnElement[bool]:
    """Whether `follower` follows `followed`."""
    follow = aliased(Follow)
    return _has(follow, follow.follower_id == follower, follow.followed_id == followed)


def are_friends(one: Person, other: Person) -> ColumnElement[bool]:
    """Whether a request between the two, in either direction, was accepted.

    Two questions and not one with OR in it: so PostgreSQL may answer each for many posts at once, from a hash.
    """
    return or_(_accepted(one, other), _accepted(other, one))


def is_close_friend(owner: Person, person: Person) -> ColumnElement[bool]:
    """Whether `person` is on the close-friends list of `owner`."""
    audience, member = aliased(AudienceList), aliased(AudienceMember)
    return (
        exists()
        .where(
            audience.owner_id == owner,
            audience.kind == "closefriends",
            member.list_id == audience.id,
            member.member_id == person,
        )
        .correlate_except(audience, member)
    )


def is_member(audience_list: Any, person: Person) -> ColumnElement[bool]:
    """Whether `person` is on that list."""
    member = aliased(AudienceMember)
    return _has(member, member.list_id == audience_list, member.member_id == person)


def can_view_comment(
    viewer: Person = VIEWER, comment: type[Comment] = Comment, post: type[Post] = Post
) -> ColumnElement[bool]:
    """Whether someone who may see `post` may see `comment` on it: to be used beside `can_view`.

    Not deleted, its writer visible, no block between the writer and the author of the post, who could not take it away,
    and hidden only from others than these two; and the same for the head of its thread, with which a thread goes.
    """
    head = aliased(Comment)
    return and_(
        _stands(comment, viewer, post),
        or_(
            comment.thread_id.is_(None),
            _has(head, head.id == comment.thread_id, _stands(head, viewer, post)),
        ),
    )


def may_reply(viewer: Person = VIEWER, post: type[Post] = Post) -> ColumnElement[bool]:
    """Whether someone who may see `post` may comment on it, by the wish of its author, who always may."""
    mention = aliased(PostMention)
    return or_(
        post.user_id == viewer,
        post.replies == "everyone",
        and_(post.replies == "followers", follows(viewer, post.user_id)),
        and_(post.replies == "friends", are_friends(post.user_id, viewer)),
        and_(post.replies == "mentioned", _has(mention, mention.post_id == post.id, mention.user_id == viewer)),
    )


def _stands(comment: type[Comment], viewer: Person, post: type[Post]) -> ColumnElement[bool]:
    return and_(
        comment.deleted_at.is_(None),
        is_visible(comment.user_id, viewer),
        ~is_blocked(post.user_id, comment.user_id),
        or_(comment.hidden_at.is_(None), comment.user_id == viewer, post.user_id == viewer),
    )


def _accepted(requester: Person, receiver: Person) -> ColumnElement[bool]:
    request = aliased(FriendRequest)
    return _has(
        request, request.status == "accepted", request.requester_id == requester, request.receiver_id == receiver
    )


def _has(table: Any, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether `table` has a row like this. All other tables named are those of the statement around, however far out:
    by itself Core looks one statement out, and what it does not find there it would join with, every row of it.

    `SELECT 1`, because `SELECT *` takes the right to every column, which no service but one has of people.
    """
    return exists(literal_column("1")).where(*conditions).correlate_except(table)
