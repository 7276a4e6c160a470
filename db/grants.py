"""What each service may do in the database: the least it needs, and nothing that is not written here.

`RIGHTS[role][table]` lists privileges; one limited to columns is written `UPDATE(status, updated_at)`. After every
migration the rights in the database are made equal to these, in both directions.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, text

Right = tuple[str, str, str, str]
"""Role, table, column ('' for the whole table), privilege."""

EMIT = "INSERT(destination, topic, payload, key, request_id)"
RECORD = "INSERT(user_id, action, ip, user_agent, meta)"
BEAR = "INSERT(subject, connect_id, display_name, email, language)"

# What it takes to work through rows of the outbox (db/outbox.py) besides adding to it.
CONSUME = ("SELECT", "UPDATE(available_at, attempts, done_at, failed_at, error)")

WHOLE = ("SELECT", "INSERT", "UPDATE", "DELETE")

RIGHTS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "social_api": {
        "users": (
            "SELECT",
            BEAR,
            "UPDATE(connect_id, display_name, email, profile_pic_url, cover_url, avatar_id, cover_id, bio, language)",
            "UPDATE(settings, is_private, status, handle_changed_at, deactivated_at)",
            "UPDATE(verified_status, verification_meta)",
        ),
        "former_handles": ("SELECT", "INSERT", "DELETE"),
        "auth_sessions": WHOLE,
        "follows": ("SELECT", "INSERT", "DELETE"),
        "follow_requests": ("SELECT", "INSERT", "DELETE"),
        "friend_requests": WHOLE,
        "blocks": ("SELECT", "INSERT", "DELETE"),
        "mutes": WHOLE,
        "muted_words": WHOLE,
        "audience_lists": WHOLE,
        "audience_members": ("SELECT", "INSERT", "DELETE"),
        "posts": (
            "SELECT",
            "INSERT(id, user_id, type, caption, meta, visibility, published_at)",
            "INSERT(draft, publish_at, replies, audience_list_id, repost_of)",
            "UPDATE(type, caption, meta, visibility, published_at, deleted_at, like_count, comment_count, view_count)",
            "UPDATE(draft, publish_at, edited_at, revision, replies, audience_list_id, repost_count)",
        ),
        "post_revisions": ("SELECT", "INSERT"),
        "post_hashtags": ("SELECT", "INSERT", "DELETE"),
        "post_mentions": ("SELECT", "INSERT", "DELETE"),
        "saved_posts": ("SELECT", "INSERT", "DELETE"),
        "post_views": ("SELECT", "INSERT"),
        "trending_hashtags": ("SELECT",),
        "polls": WHOLE,
        "poll_options": WHOLE,
        "poll_votes": ("SELECT", "INSERT"),
        "media_items": (
            "SELECT",
            "INSERT(id, user_id, storage_key, mime_type, kind, byte_size, width, height, alt_text)",
            "UPDATE(post_id, position, completed_hint_at, alt_text, is_picture)",
        ),
        "stories": WHOLE,
        "comments": WHOLE,
        "comment_mentions": ("SELECT", "INSERT", "DELETE"),
        "likes": WHOLE,
        "groups": WHOLE,
        "group_members": WHOLE,
        "sounds": WHOLE,
        "conversations": ("SELECT",),
        "conversation_participants": ("SELECT",),
        "messages": ("SELECT",),
        "matrix_accounts": ("SELECT",),
        "matrix_rooms": ("SELECT",),
        "direct_pairs": ("SELECT",),
        "live_events": ("SELECT",),
        "live_cursors": ("SELECT",),
        "identity_cursor": ("SELECT",),
        "revocations": ("SELECT", "INSERT(subject, session, token, not_before, reason)"),
        "idempotency_keys": WHOLE,
        "outbox": (EMIT,),
        "audit_logs": (RECORD,),
    },
    "appservice": {
        "users": ("SELECT(id, subject, connect_id, display_name, email, profile_pic_url, language, status)", BEAR),
        "former_handles": ("SELECT(connect_id, user_id)",),
        "friend_requests": ("SELECT",),
        "matrix_accounts": WHOLE,
        "matrix_rooms": WHOLE,
        "direct_pairs": WHOLE,
        "conversations": WHOLE,
        "conversation_participants": WHOLE,
        "messages": WHOLE,
        "inbox": (
            "SELECT",
            "INSERT(event_id, room_id, kind, event)",
            "UPDATE(available_at, done_at, parked_at, reason)",
        ),
        "outbox": (EMIT, *CONSUME),
        "audit_logs": (RECORD,),
    },
    "media_worker": {
        "media_items": (
            "SELECT",
            "UPDATE(mime_type, byte_size, width, height, duration_sec, thumb_key, audio_key, playlist_key)",
            "UPDATE(transcoding_status, attempts, lease_until, lease_token, failure, uploaded_at)",
        ),
        "posts": ("SELECT", "UPDATE(published_at)"),
        "sounds": ("INSERT(uploader_id, storage_key, duration_sec)",),
        "outbox": (EMIT, *CONSUME),
    },
    "event_worker": {
        "users": ("SELECT(id, subject, connect_id, status, is_private, deactivated_at)", "UPDATE(status)"),
        "follows": ("SELECT", "INSERT(follower_id, followed_id)"),
        "follow_requests": ("SELECT", "DELETE"),
        "friend_requests": ("SELECT",),
        "blocks": ("SELECT",),
        "mutes": ("SELECT",),
        "muted_words": ("SELECT",),
        "audience_lists": ("SELECT",),
        "audience_members": ("SELECT",),
        "posts": ("SELECT", "UPDATE(published_at, deleted_at, repost_count)"),
        "post_hashtags": ("SELECT",),
        "post_mentions": ("SELECT",),
        "media_items": ("SELECT(id, post_id, transcoding_status)",),
        "trending_hashtags": WHOLE,
        "auth_sessions": (
            "SELECT(id, user_id, keycloak_session, created_at, expires_at, ended_at)",
            "UPDATE(ended_at)",
        ),
        "live_events": WHOLE,
        "live_cursors": WHOLE,
        "identity_cursor": ("SELECT", "UPDATE"),
        "revocations": ("SELECT", "INSERT", "DELETE"),
        "outbox": (EMIT, *CONSUME),
        "audit_logs": (RECORD,),
    },
}


def declared() -> set[Right]:
    """RIGHTS, one element a privilege on a table or on one of its columns."""
    rights: set[Right] = set()
    for role, tables in RIGHTS.items():
        for table, privileges in tables.items():
            for written in privileges:
                privilege, _, columns = written.rstrip(")").partition("(")
                rights |= {(role, table, column, privilege) for column in columns.split(", ")}
    return rights


def missing_roles(connection: Connection) -> list[str]:
    """The roles of RIGHTS that PostgreSQL does not know."""
    known = set(connection.scalars(text("SELECT rolname FROM pg_roles")))
    return [role for role in RIGHTS if role not in known]


def missing_statements(connection: Connection) -> list[str]:
    """The REVOKEs and GRANTs that make the rights in the database equal to RIGHTS; none when they are."""
    actual: set[Right] = {(row[0], row[1], row[2], row[3]) for row in connection.execute(_ACTUAL, {"roles": [*RIGHTS]})}
    wanted = declared()
    statements = []
    for role, table in sorted({(role, table) for role, table, _, _ in actual ^ wanted}):
        statements.append(f'REVOKE ALL ON "{table}" FROM "{role}"')
        statements += [_grant(right) for right in sorted(wanted) if right[:2] == (role, table)]
    return statements


def _grant(right: Right) -> str:
    role, table, column, privilege = right
    limited = f'("{column}")' if column else ""
    return f'GRANT {privilege}{limited} ON "{table}" TO "{role}"'


# PUBLIC is a role here like the others, with no rights declared.
_ACTUAL = text(
    """
    WITH given AS (
      SELECT relname AS "table", '' AS "column", (aclexplode(relacl)).*
      FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm')
      UNION ALL
      SELECT relname, attname, (aclexplode(attacl)).*
      FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
      WHERE relnamespace = 'public'::regnamespace AND NOT attisdropped
    )
    SELECT COALESCE(rolname, 'public'), "table", "column", privilege_type
    FROM given LEFT JOIN pg_roles ON pg_roles.oid = grantee
    WHERE grantee = 0 OR rolname = ANY(:roles)
    """
)
