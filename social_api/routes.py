"""Every route of the API, in the order a person meets them. `Route` says what a line means; `adapter` does it."""

from __future__ import annotations

from http import HTTPStatus

from social_api import health
from social_api.account import handlers as account
from social_api.account import leaving, pictures, renaming
from social_api.account.schemas import AccountSettings, Me, MeChange, NewHandle, Picture, Privacy, SettingsChange
from social_api.audiences import handlers as audiences
from social_api.audiences.membership import ListFull, NotAFriend
from social_api.audiences.schemas import AudienceListChange, AudienceListView, NewAudienceList
from social_api.blocks import handlers as blocks
from social_api.blocks.schemas import BlockView
from social_api.circles import handlers as circles
from social_api.circles.schemas import PersonAround
from social_api.comments import handlers as comments
from social_api.comments.schemas import CommentChange, CommentOrder, CommentView, NewComment, ThreadView
from social_api.comments.writing import RepliesLimited
from social_api.conversations import handlers as conversations
from social_api.conversations.schemas import ConversationDetail, ConversationView
from social_api.explore import handlers as explore
from social_api.feed import handlers as feed
from social_api.feed.schemas import FeedItem, FeedOrder, FeedPage
from social_api.follows import handlers as follows
from social_api.follows.schemas import FollowRequestView, FollowState
from social_api.friends import handlers as friends
from social_api.friends.friendship import AskedTooSoon, RequestRefused, RequestSettled
from social_api.friends.schemas import FriendRequestFilter, FriendRequestView, NewFriendRequest
from social_api.hashtags import handlers as hashtags
from social_api.health import Health
from social_api.likes import handlers as likes
from social_api.likes.schemas import LikeState
from social_api.media import handlers as media
from social_api.media.schemas import MediaChange, MediaTicket, MediaView, NewMedia
from social_api.mutes import handlers as mutes
from social_api.mutes.schemas import MutedWordView, MuteTime, MuteView
from social_api.pages import Listing
from social_api.polls import handlers as polls
from social_api.polls.schemas import Vote
from social_api.posts import handlers as posts
from social_api.posts.composition import MediaFailed, MediaNotUsable, ReelTooLong
from social_api.posts.reposting import NotToBePassedOn
from social_api.posts.schemas import NewPost, PollView, PostChange, PostView, RevisionView, Waiting
from social_api.posts.writing import EditedMeanwhile, PollHasVotes
from social_api.problems import (
    AccountSuspended,
    CrossSite,
    Forbidden,
    NotFound,
    SessionEnded,
    SignInRefused,
    Unauthorized,
)
from social_api.profiles import cards
from social_api.profiles import handlers as profiles
from social_api.profiles.schemas import CardQuery, ContactCard, PersonSummary, ProfileView
from social_api.route import ANYONE, SIGN_IN, UPLOADS, WRITES, Route
from social_api.saves import handlers as saves
from social_api.sessions import handlers as sessions
from social_api.sessions.refreshing import refresh
from social_api.sessions.schemas import NewSession, Refresh, SessionTokens, SessionView
from social_api.suggestions import handlers as suggestions
from social_api.suggestions.schemas import Suggestion
from social_api.trends import handlers as trends
from social_api.trends.schemas import Trend
from social_api.verifications import deciding
from social_api.verifications import handlers as verifications
from social_api.verifications.schemas import Decision, NewVerification, VerificationCase, VerificationView
from social_api.viewing import handlers as viewing
from social_api.viewing.schemas import SeenPosts

ACCEPTED, CREATED, NO_CONTENT = HTTPStatus.ACCEPTED, HTTPStatus.CREATED, HTTPStatus.NO_CONTENT
LISTING = (NotAFriend, ListFull)
COMPOSING = (MediaNotUsable, MediaFailed, ReelTooLong)
SETTLING = (Forbidden, RequestSettled)
MODERATION = frozenset({"admin", "moderator"})

# fmt: off
ROUTES: tuple[Route, ...] = (
    Route("POST",   "/v1/sessions", sessions.create, body=NewSession, returns=SessionTokens, status=CREATED,
          auth=ANYONE, limit=SIGN_IN, problems=(SignInRefused, CrossSite, Unauthorized, AccountSuspended)),
    Route("GET",    "/v1/sessions", sessions.listing, returns=Listing[SessionView]),
    Route("POST",   "/v1/sessions/refresh", refresh, body=Refresh, returns=SessionTokens, auth=ANYONE, limit=SIGN_IN,
          problems=(SessionEnded, CrossSite)),
    Route("DELETE", "/v1/sessions/current", sessions.end_current, status=NO_CONTENT, limit=WRITES,
          problems=(NotFound,)),
    Route("DELETE", "/v1/sessions/{session_id}", sessions.end, status=NO_CONTENT, limit=WRITES),

    Route("GET",    "/v1/me", account.show, returns=Me),
    Route("PATCH",  "/v1/me", account.change, body=MeChange, returns=Me, limit=WRITES, idempotent=True),
    Route("PUT",    "/v1/me/avatar", pictures.set_avatar, body=Picture, returns=Me, limit=WRITES,
          problems=(pictures.PictureNotUsable,)),
    Route("DELETE", "/v1/me/avatar", pictures.remove_avatar, status=NO_CONTENT, limit=WRITES),
    Route("PUT",    "/v1/me/cover", pictures.set_cover, body=Picture, returns=Me, limit=WRITES,
          problems=(pictures.PictureNotUsable,)),
    Route("DELETE", "/v1/me/cover", pictures.remove_cover, status=NO_CONTENT, limit=WRITES),
    Route("PUT",    "/v1/me/handle", renaming.change_handle, body=NewHandle, returns=Me, limit=WRITES,
          problems=(renaming.HandleTaken, renaming.HandleChangedLately)),
    Route("PUT",    "/v1/me/privacy", account.change_privacy, body=Privacy, returns=Me, limit=WRITES),
    Route("GET",    "/v1/me/settings", account.show_settings, returns=AccountSettings),
    Route("PATCH",  "/v1/me/settings", account.change_settings, body=SettingsChange, returns=AccountSettings,
          limit=WRITES, idempotent=True),
    Route("POST",   "/v1/me/deactivate", leaving.deactivate, status=NO_CONTENT, limit=WRITES, idempotent=True),
    Route("POST",   "/v1/me/verification", verifications.create, body=NewVerification, returns=VerificationView,
          status=CREATED, limit=WRITES, idempotent=True,
          problems=(verifications.AadhaarRefused, verifications.AlreadyAsked, verifications.RefusedLately)),
    Route("GET",    "/v1/me/verification", verifications.show, returns=VerificationView),
    Route("DELETE", "/v1/me/verification", verifications.withdraw, status=NO_CONTENT, limit=WRITES),

    Route("GET",    "/v1/profiles/{connect_id}", profiles.show, returns=ProfileView, problems=(profiles.Renamed,)),
    Route("GET",    "/v1/profiles/{connect_id}/card", cards.show_card, returns=ContactCard),
    Route("GET",    "/v1/cards", cards.resolve_card, query=CardQuery, returns=ContactCard,
          problems=(cards.ForeignCard, NotFound)),
    Route("PUT",    "/v1/profiles/{connect_id}/follow", follows.follow, returns=FollowState, limit=WRITES,
          problems=(follows.FollowYourself,)),
    Route("DELETE", "/v1/profiles/{connect_id}/follow", follows.unfollow, status=NO_CONTENT, limit=WRITES),
    Route("DELETE", "/v1/profiles/{connect_id}/follower", follows.remove_follower, status=NO_CONTENT, limit=WRITES),
    Route("GET",    "/v1/follow-requests", follows.listing, returns=Listing[FollowRequestView]),
    Route("POST",   "/v1/follow-requests/{follow_request_id}/approve", follows.approve, status=NO_CONTENT,
          limit=WRITES, idempotent=True),
    Route("POST",   "/v1/follow-requests/{follow_request_id}/reject", follows.reject, status=NO_CONTENT,
          limit=WRITES, idempotent=True),

    Route("GET",    "/v1/profiles/{connect_id}/followers", circles.followers, returns=Listing[PersonAround]),
    Route("GET",    "/v1/profiles/{connect_id}/following", circles.following, returns=Listing[PersonAround]),
    Route("GET",    "/v1/profiles/{connect_id}/friends", circles.friends, returns=Listing[PersonAround]),
    Route("GET",    "/v1/profiles/{connect_id}/mutuals", circles.mutuals, returns=Listing[PersonAround]),
    Route("GET",    "/v1/suggestions", suggestions.listing, returns=Listing[Suggestion]),

    Route("POST",   "/v1/friend-requests", friends.create, body=NewFriendRequest, returns=FriendRequestView,
          status=CREATED, limit=WRITES, idempotent=True,
          problems=(friends.BefriendYourself, AskedTooSoon, RequestRefused, NotFound)),
    Route("GET",    "/v1/friend-requests", friends.listing, query=FriendRequestFilter,
          returns=Listing[FriendRequestView]),
    Route("POST",   "/v1/friend-requests/{friend_request_id}/accept", friends.accept, returns=FriendRequestView,
          limit=WRITES, idempotent=True, problems=SETTLING),
    Route("POST",   "/v1/friend-requests/{friend_request_id}/reject", friends.reject, returns=FriendRequestView,
          limit=WRITES, idempotent=True, problems=SETTLING),
    Route("DELETE", "/v1/friend-requests/{friend_request_id}", friends.withdraw, status=NO_CONTENT, limit=WRITES,
          problems=SETTLING),
    Route("DELETE", "/v1/friends/{connect_id}", friends.unfriend, status=NO_CONTENT, limit=WRITES),

    Route("GET",    "/v1/close-friends", audiences.close_friends, returns=Listing[PersonSummary]),
    Route("PUT",    "/v1/close-friends/{connect_id}", audiences.add_close_friend, status=NO_CONTENT, limit=WRITES,
          problems=LISTING),
    Route("DELETE", "/v1/close-friends/{connect_id}", audiences.remove_close_friend, status=NO_CONTENT, limit=WRITES),
    Route("GET",    "/v1/lists", audiences.listing, returns=Listing[AudienceListView]),
    Route("POST",   "/v1/lists", audiences.create, body=NewAudienceList, returns=AudienceListView, status=CREATED,
          limit=WRITES, idempotent=True, problems=(audiences.TooManyLists, audiences.ListNameTaken)),
    Route("GET",    "/v1/lists/{list_id}", audiences.show, returns=AudienceListView),
    Route("PATCH",  "/v1/lists/{list_id}", audiences.change, body=AudienceListChange, returns=AudienceListView,
          limit=WRITES, idempotent=True, problems=(audiences.ListNameTaken,)),
    Route("DELETE", "/v1/lists/{list_id}", audiences.delete, status=NO_CONTENT, limit=WRITES),
    Route("GET",    "/v1/lists/{list_id}/members", audiences.members, returns=Listing[PersonSummary]),
    Route("PUT",    "/v1/lists/{list_id}/members/{connect_id}", audiences.add_member, status=NO_CONTENT, limit=WRITES,
          problems=LISTING),
    Route("DELETE", "/v1/lists/{list_id}/members/{connect_id}", audiences.remove_member, status=NO_CONTENT,
          limit=WRITES),

    Route("GET",    "/v1/blocks", blocks.listing, returns=Listing[BlockView]),
    Route("PUT",    "/v1/blocks/{connect_id}", blocks.block, status=NO_CONTENT, limit=WRITES,
          problems=(blocks.BlockYourself,)),
    Route("DELETE", "/v1/blocks/{connect_id}", blocks.unblock, status=NO_CONTENT, limit=WRITES),
    Route("GET",    "/v1/mutes", mutes.listing, returns=Listing[MuteView]),
    Route("PUT",    "/v1/mutes/{connect_id}", mutes.mute, body=MuteTime, status=NO_CONTENT, limit=WRITES,
          problems=(mutes.MuteYourself,)),
    Route("DELETE", "/v1/mutes/{connect_id}", mutes.unmute, status=NO_CONTENT, limit=WRITES),
    Route("GET",    "/v1/muted-words", mutes.list_words, returns=Listing[MutedWordView]),
    Route("PUT",    "/v1/muted-words/{word}", mutes.mute_word, body=MuteTime, status=NO_CONTENT, limit=WRITES,
          problems=(mutes.TooManyMutedWords,)),
    Route("DELETE", "/v1/muted-words/{word}", mutes.unmute_word, status=NO_CONTENT, limit=WRITES),

    Route("POST",   "/v1/media", media.create, body=NewMedia, returns=MediaTicket, status=CREATED, limit=UPLOADS,
          idempotent=True, problems=(media.TooManyUploads,)),
    Route("POST",   "/v1/media/{media_id}/complete", media.complete, returns=MediaView, status=ACCEPTED, limit=WRITES,
          idempotent=True),
    Route("GET",    "/v1/media/{media_id}", media.show, returns=MediaView),
    Route("PATCH",  "/v1/media/{media_id}", media.change, body=MediaChange, returns=MediaView, limit=WRITES,
          idempotent=True),

    Route("POST",   "/v1/posts", posts.create, body=NewPost, returns=PostView, status=CREATED, limit=WRITES,
          idempotent=True, problems=(*COMPOSING, NotFound, NotToBePassedOn)),
    Route("GET",    "/v1/posts", posts.waiting, query=Waiting, returns=Listing[PostView]),
    Route("GET",    "/v1/posts/{post_id}", posts.show, returns=PostView),
    Route("PATCH",  "/v1/posts/{post_id}", posts.change, body=PostChange, returns=PostView, limit=WRITES,
          idempotent=True, problems=(*COMPOSING, Forbidden, EditedMeanwhile, PollHasVotes)),
    Route("DELETE", "/v1/posts/{post_id}", posts.delete, status=NO_CONTENT, limit=WRITES, problems=(Forbidden,)),
    Route("POST",   "/v1/posts/{post_id}/publish", posts.publish, returns=PostView, limit=WRITES, idempotent=True,
          problems=(*COMPOSING, Forbidden)),
    Route("GET",    "/v1/posts/{post_id}/revisions", posts.revisions, returns=Listing[RevisionView]),
    Route("GET",    "/v1/posts/{post_id}/reposts", posts.reposts, returns=Listing[PostView]),
    Route("GET",    "/v1/profiles/{connect_id}/posts", posts.by_person, returns=Listing[PostView]),
    Route("GET",    "/v1/hashtags/{hashtag}/posts", hashtags.posts, returns=Listing[PostView]),
    Route("GET",    "/v1/mentions", posts.mentioning, returns=Listing[PostView]),

    Route("PUT",    "/v1/posts/{post_id}/like", likes.like_post, returns=LikeState, limit=WRITES),
    Route("DELETE", "/v1/posts/{post_id}/like", likes.unlike_post, returns=LikeState, limit=WRITES),
    Route("GET",    "/v1/posts/{post_id}/likes", likes.post_likers, returns=Listing[PersonSummary]),
    Route("PUT",    "/v1/posts/{post_id}/save", saves.save, status=NO_CONTENT, limit=WRITES),
    Route("DELETE", "/v1/posts/{post_id}/save", saves.unsave, status=NO_CONTENT, limit=WRITES),
    Route("GET",    "/v1/saved", saves.listing, returns=Listing[PostView]),
    Route("POST",   "/v1/posts/{post_id}/poll/votes", polls.vote, body=Vote, returns=PollView, limit=WRITES,
          idempotent=True, problems=(polls.AlreadyVoted, polls.PollClosed)),
    Route("POST",   "/v1/views", viewing.report, body=SeenPosts, status=NO_CONTENT, limit=WRITES, idempotent=True),

    Route("POST",   "/v1/posts/{post_id}/comments", comments.create, body=NewComment, returns=CommentView,
          status=CREATED, limit=WRITES, idempotent=True, problems=(RepliesLimited,)),
    Route("GET",    "/v1/posts/{post_id}/comments", comments.listing, query=CommentOrder,
          returns=Listing[ThreadView]),
    Route("GET",    "/v1/comments/{comment_id}", comments.show, returns=CommentView),
    Route("PATCH",  "/v1/comments/{comment_id}", comments.change, body=CommentChange, returns=CommentView,
          limit=WRITES, idempotent=True, problems=(Forbidden,)),
    Route("DELETE", "/v1/comments/{comment_id}", comments.delete, status=NO_CONTENT, limit=WRITES,
          problems=(Forbidden,)),
    Route("GET",    "/v1/comments/{comment_id}/replies", comments.replies, returns=Listing[CommentView]),
    Route("PUT",    "/v1/comments/{comment_id}/like", likes.like_comment, returns=LikeState, limit=WRITES),
    Route("DELETE", "/v1/comments/{comment_id}/like", likes.unlike_comment, returns=LikeState, limit=WRITES),
    Route("GET",    "/v1/comments/{comment_id}/likes", likes.comment_likers, returns=Listing[PersonSummary]),
    Route("PUT",    "/v1/comments/{comment_id}/pin", comments.pin, status=NO_CONTENT, limit=WRITES,
          problems=(Forbidden, comments.PinsUsedUp, comments.CannotBePinned)),
    Route("DELETE", "/v1/comments/{comment_id}/pin", comments.unpin, status=NO_CONTENT, limit=WRITES,
          problems=(Forbidden,)),
    Route("PUT",    "/v1/comments/{comment_id}/hidden", comments.hide, status=NO_CONTENT, limit=WRITES,
          problems=(Forbidden,)),
    Route("DELETE", "/v1/comments/{comment_id}/hidden", comments.unhide, status=NO_CONTENT, limit=WRITES,
          problems=(Forbidden,)),

    Route("GET",    "/v1/feed", feed.home, query=FeedOrder, returns=FeedPage),
    Route("GET",    "/v1/explore", explore.listing, returns=Listing[FeedItem]),
    Route("GET",    "/v1/hashtags/trending", trends.listing, returns=Listing[Trend]),

    Route("GET",    "/v1/conversations", conversations.listing, returns=Listing[ConversationView]),
    Route("GET",    "/v1/conversations/{conversation_id}", conversations.show, returns=ConversationDetail),

    Route("GET",    "/v1/admin/verifications", deciding.listing, returns=Listing[VerificationCase], roles=MODERATION),
    Route("POST",   "/v1/admin/verifications/{user_id}/decision", deciding.decide, body=Decision,
          returns=VerificationView, roles=MODERATION, limit=WRITES, idempotent=True,
          problems=(Forbidden, deciding.DecidedBefore, verifications.AadhaarRefused)),

    Route("GET",    "/v1/health", health.show, returns=Health, auth=ANYONE),
)
# fmt: on
