"""Every table, one file an aggregate. Its docstring names the ONE writing service, and exceptions with a reason."""

from db.models.audiences import AudienceList, AudienceMember
from db.models.audit import AuditLog
from db.models.base import Base
from db.models.comments import Comment, CommentMention
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
from db.models.people import FormerHandle, User
from db.models.polls import Poll, PollOption, PollVote
from db.models.posts import (
    Post,
    PostHashtag,
    PostMention,
    PostRevision,
    PostView,
    SavedPost,
    TrendingHashtag,
)
from db.models.relations import Block, Follow, FollowRequest, FriendRequest, Mute, MutedWord
from db.models.sessions import AuthSession
from db.models.sounds import Sound
from db.models.stories import Story

__all__ = [
    "AudienceList",
    "AudienceMember",
    "AuditLog",
    "AuthSession",
    "Base",
    "Block",
    "Comment",
    "CommentMention",
    "Conversation",
    "ConversationParticipant",
    "DirectPair",
    "Follow",
    "FollowRequest",
    "FormerHandle",
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
    "Mute",
    "MutedWord",
    "Outbox",
    "Poll",
    "PollOption",
    "PollVote",
    "Post",
    "PostHashtag",
    "PostMention",
    "PostRevision",
    "PostView",
    "Revocation",
    "SavedPost",
    "Sound",
    "Story",
    "TrendingHashtag",
    "User",
]
