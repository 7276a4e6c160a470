"""A world into the database, as its owner: one statement a table, whatever was there before gone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

from db.engine import Database
from social_api.mutes.words import pattern
from tests.privacy.model import Post, Rules, World
from tests.privacy.worlds import EARLIER, LATER, TAGS, made_at

Row = dict[str, Any]

_VERIFICATION = {"provider": "Test", "token_id": "token", "requested_at": EARLIER.isoformat()}

# what hangs on people goes with them; TRUNCATE would want to empty the audit log too
_EMPTY = "DELETE FROM users; DELETE FROM conversations; DELETE FROM likes; DELETE FROM trending_hashtags"
# nobody follows Keycloak here; the API need not ask it either
_FOLLOWED = "UPDATE identity_cursor SET polled_at = now() + interval '1 day'"


async def write(database: Database, world: World) -> None:
    """Let `world` be all there is."""
    async with database.transaction() as tx:
        await tx.connection.execute(_EMPTY)
        await tx.connection.execute(_FOLLOWED)
        for table, rows in _tables(world):
            if rows:
                columns = ", ".join(rows[0])
                await tx.connection.execute(
                    f"INSERT INTO {table} ({columns})"  # noqa: S608 - names from below
                    f" SELECT {columns} FROM jsonb_populate_recordset(NULL::{table}, $1)",
                    rows,
                )


def subject(person: UUID) -> str:
    """Keycloak's name for somebody."""
    return f"subject-{person}"


def session(person: UUID) -> UUID:
    """The one session each person has."""
    return UUID(int=person.int ^ 0xFFFF)


def _tables(world: World) -> Iterator[tuple[str, list[Row]]]:
    yield from _people(world)
    yield from _relations(world)
    yield from _posts(world)
    yield from _comments(world)
    yield from _marks(world)
    yield from _conversations(world)
    yield (
        "auth_sessions",
        [
            {
                "id": session(person.id),
                "user_id": person.id,
                "refresh_token_hash": str(person.id),
                "created_at": EARLIER,
                "expires_at": LATER,
                "keycloak_session": f"session-{person.id}",
            }
            for person in world.people
        ],
    )


def _people(world: World) -> Iterator[tuple[str, list[Row]]]:
    yield (
        "users",
        [
            {
                "id": person.id,
                "connect_id": person.connect_id,
                "display_name": person.name.title(),
                "language": "en",
                "subject": subject(person.id),
                "status": person.status,
                "is_private": person.is_private,
                "profile_pic_url": f"{person.id}/1/thumb.jpg",
                "verified_status": person.verified,
                "verification_meta": _VERIFICATION if person.verified == "pending" else None,
                "settings": {} if person.discoverable else {"discoverable": False},
                "created_at": made_at(person.id),
                "updated_at": made_at(person.id),
            }
            for person in world.people
        ],
    )
    yield (
        "former_handles",
        [
            {"connect_id": person.former, "user_id": person.id, "released_at": EARLIER}
            for person in world.people
            if person.former
        ],
    )
    yield (
        "muted_words",
        [
            {"user_id": person, "word": word, "pattern": pattern(word), "created_at": EARLIER}
            for person, word in world.muted_words
        ],
    )


def _relations(world: World) -> Iterator[tuple[str, list[Row]]]:
    for table, links, one, other in (
        ("follows", world.follows, "follower_id", "followed_id"),
        ("follow_requests", world.follow_requests, "follower_id", "followed_id"),
        ("blocks", world.blocks, "blocker_id", "blocked_id"),
    ):
        rows = [{"id": x.id, one: x.one, other: x.other, "created_at": made_at(x.id)} for x in links]
        yield table, rows
    yield (
        "mutes",
        [
            {
                "id": mute.id,
                "muter_id": mute.one,
                "muted_id": mute.other,
                "expires_at": mute.ends,
                "created_at": made_at(mute.id),
            }
            for mute in world.mutes
        ],
    )
    yield (
        "friend_requests",
        [
            {
                "id": request.id,
                "requester_id": request.requester,
                "receiver_id": request.receiver,
                "status": request.status,
                "created_at": made_at(request.id),
                "updated_at": made_at(request.id),
            }
            for request in world.friend_requests
        ],
    )
    yield (
        "audience_lists",
        [
            {
                "id": each.id,
                "owner_id": each.owner,
                "kind": each.kind,
                "name": each.name,
                "created_at": made_at(each.id),
            }
            for each in world.lists
        ],
    )
    yield (
        "audience_members",
        [
            {"id": row, "list_id": each.id, "member_id": member, "created_at": made_at(row)}
            for each in world.lists
            for row, member in each.members
        ],
    )


def _posts(world: World) -> Iterator[tuple[str, list[Row]]]:
    rules = Rules(world)
    likes = Counter(like.target for like in world.post_likes)
    comments = Counter(comment.post for comment in world.comments if rules.counts(comment))
    reposts = Counter(post.repost_of for post in world.posts if not post.deleted)
    yield (
        "posts",
        [
            {
                **_post(post),
                "like_count": likes[post.id],
                "comment_count": comments[post.id],
                "repost_count": reposts[post.id],
                "view_count": 0,
            }
            for post in world.posts
        ],
    )
    trends = [
        {"hashtag": tag, "authors": 9 - place, "posts": 9, "score": 9 - place, "counted_at": EARLIER}
        for place, tag in enumerate(TAGS)
    ]
    yield "trending_hashtags", trends
    tagged = [{"post_id": post.id, "hashtag": tag} for post in world.posts for tag in post.hashtags]
    yield "post_hashtags", tagged
    yield "post_mentions", [{"post_id": post.id, "user_id": who} for post in world.posts for who in post.mentions]
    yield (
        "post_revisions",
        [
            {
                "post_id": post.id,
                "revision": number,
                "caption": f"{number}",
                "meta": {"language": "en", "for": visibility, "list": audience_list},
                "written_at": EARLIER,
            }
            for post in world.posts
            for number, (visibility, audience_list) in enumerate(post.revisions)
        ],
    )
    attached = [(post.media, post.id) for post in world.posts if post.media]
    yield (
        "media_items",
        [
            {
                "id": media.id,
                "user_id": media.owner,
                "post_id": post,
                "storage_key": f"{media.id}/original",
                "mime_type": "image/jpeg",
                "transcoding_status": media.state,
                "kind": "image",
                "position": 1,
                "attempts": 0,
                "lease_token": 0,
                "playlist_key": f"{media.id}/1/photo.jpg",
                "thumb_key": f"{media.id}/1/thumb.jpg",
                "created_at": made_at(media.id),
            }
            for media, post in [*attached, *((media, None) for media in world.loose_media)]
        ],
    )
    yield from _polls([post for post in world.posts if post.poll])


def _post(post: Post) -> Row:
    return {
        "id": post.id,
        "user_id": post.author,
        "type": "post",
        "caption": post.caption,
        "meta": {"language": "en"},
        "visibility": post.visibility,
        "created_at": made_at(post.id),
        "updated_at": made_at(post.id),
        "published_at": post.published_at,
        "removed_at": EARLIER if post.removed else None,
        "deleted_at": EARLIER if post.deleted else None,
        "draft": post.state == "draft",
        "publish_at": LATER if post.state == "scheduled" else None,
        "edited_at": EARLIER if post.revisions else None,
        "revision": len(post.revisions),
        "replies": post.replies,
        "audience_list_id": post.audience_list,
        "repost_of": post.repost_of,
    }


def _polls(posts: list[Post]) -> Iterator[tuple[str, list[Row]]]:
    polls = [(post.id, post.poll) for post in posts if post.poll]
    yield (
        "polls",
        [
            {"post_id": post, "multiple": False, "closes_at": LATER, "voter_count": len(poll.votes)}
            for post, poll in polls
        ],
    )
    yield (
        "poll_options",
        [
            {
                "post_id": post,
                "position": place,
                "text": f"option {place}",
                "vote_count": sum(chosen == place for _, chosen in poll.votes),
            }
            for post, poll in polls
            for place in range(poll.options)
        ],
    )
    yield (
        "poll_votes",
        [
            {"post_id": post, "user_id": voter, "position": place, "created_at": EARLIER}
            for post, poll in polls
            for voter, place in poll.votes
        ],
    )


def _comments(world: World) -> Iterator[tuple[str, list[Row]]]:
    replies = Counter(comment.thread for comment in world.comments if not comment.deleted)
    likes = Counter(like.target for like in world.comment_likes)
    yield (
        "comments",
        [
            {
                "id": comment.id,
                "post_id": comment.post,
                "user_id": comment.writer,
                "parent_comment_id": comment.parent,
                "thread_id": comment.thread,
                "text": "words",
                "created_at": made_at(comment.id),
                "like_count": likes[comment.id],
                "reply_count": 0 if comment.thread else replies[comment.id],
                "pinned_at": EARLIER if comment.pinned else None,
                "hidden_at": EARLIER if comment.hidden else None,
                "deleted_at": EARLIER if comment.deleted else None,
            }
            for comment in world.comments
        ],
    )
    yield (
        "comment_mentions",
        [{"comment_id": comment.id, "user_id": who} for comment in world.comments for who in comment.mentions],
    )


def _marks(world: World) -> Iterator[tuple[str, list[Row]]]:
    both = [("post", like) for like in world.post_likes] + [("comment", like) for like in world.comment_likes]
    yield (
        "likes",
        [
            {
                "id": like.id,
                "user_id": like.person,
                "target_type": kind,
                "target_id": like.target,
                "created_at": made_at(like.id),
            }
            for kind, like in both
        ],
    )
    yield (
        "saved_posts",
        [
            {"id": mark.id, "user_id": mark.person, "post_id": mark.target, "created_at": made_at(mark.id)}
            for mark in world.saved
        ],
    )


def _conversations(world: World) -> Iterator[tuple[str, list[Row]]]:
    yield (
        "conversations",
        [
            {"id": each.id, "type": "group", "encrypted": True, "created_at": made_at(each.id)}
            for each in world.conversations
        ],
    )
    yield (
        "conversation_participants",
        [
            {
                "id": UUID(int=each.id.int + 1 + number),
                "conversation_id": each.id,
                "user_id": member,
                "role": "member",
                "joined_at": made_at(each.id) + timedelta(seconds=number),
                "membership": membership,
            }
            for each in world.conversations
            for number, (member, membership) in enumerate(each.members)
        ],
    )
    yield (
        "matrix_accounts",
        [{"user_id": person.id, "mxid": f"@{person.name}:test"} for person in world.people],
    )
