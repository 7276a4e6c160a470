"""Every table, one file an aggregate. Its docstring names the ONE writing service, and exceptions with a reason."""

from db.models.audit import AuditLog
from db.models.base import Base
from db.models.comments import Comment
from db.models.conversations import Conversation, ConversationParticipant, Message
from db.models.groups import Group, GroupMember
from db.models.idempotency import IdempotencyKey
from db.models.identity import IdentityCursor, Revocation
from db.models.inbox import Inbox
from db.models.likes import Like
from db.models.live import LiveCursor, LiveEvent
from db.models.matrix import DirectPair, MatrixAccount, MatrixRoom
from db.models.media import MediaItem
from db.models.outbox import Outbox
from db.models.people import User
from db.models.posts import Post
from db.models.relations import Follow, FriendRequest
from db.models.sessions import AuthSession
from db.models.sounds import Sound
from db.models.stories import Story

__all__ = [
    "AuditLog",
    "AuthSession",
    "Base",
    "Comment",
    "Conversation",
    "ConversationParticipant",
    "DirectPair",
    "Follow",
    "FriendRequest",
    "Group",
    "GroupMember",
    "IdempotencyKey",
    "IdentityCursor",
    "Inbox",
    "Like",
    "LiveCursor",
    "LiveEvent",
    "MatrixAccount",
    "MatrixRoom",
    "MediaItem",
    "Message",
    "Outbox",
    "Post",
    "Revocation",
    "Sound",
    "Story",
    "User",
]
