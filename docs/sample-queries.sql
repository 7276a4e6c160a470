-- The reads a social network lives on, as SQL you can try:
--
--   ./meton psql -- -v viewer=UUID -v person=UUID -v post=UUID -v conversation=UUID -f docs/sample-queries.sql
--
-- `viewer` reads, `person`, `post` and `conversation` are read. tests/db/test_sample_queries.py runs each query on a
-- filled database and fails when it does not use the indexes named in its `uses:` line.

-- name: profile
-- uses: users_connect_id_key
-- Someone by handle, with how the viewer stands to them.
SELECT person.id, person.connect_id, person.display_name, person.bio, person.profile_pic_url, person.is_private,
  EXISTS (SELECT FROM follows WHERE follower_id = :'viewer'::uuid AND followed_id = person.id) AS followed,
  (SELECT count(*) FROM follows WHERE followed_id = person.id) AS followers,
  (SELECT count(*) FROM follows WHERE follower_id = person.id) AS following
FROM users person
WHERE person.connect_id = (SELECT connect_id FROM users WHERE id = :'person'::uuid) AND person.status = 'active';

-- name: followers
-- uses: idx_follows_followed_newest
-- Who follows a person, newest first; the next page starts below the last id.
SELECT users.id, users.connect_id, users.display_name
FROM follows JOIN users ON users.id = follows.follower_id
WHERE follows.followed_id = :'person'::uuid AND users.status = 'active'
ORDER BY follows.id DESC
LIMIT 20;

-- name: friends
-- uses: idx_friend_req_friends_asked, idx_friend_req_friends_asking
-- Accepted requests, whichever side asked.
SELECT users.id, users.connect_id, users.display_name
FROM (
  SELECT receiver_id AS friend_id FROM friend_requests WHERE requester_id = :'viewer'::uuid AND status = 'accepted'
  UNION ALL
  SELECT requester_id FROM friend_requests WHERE receiver_id = :'viewer'::uuid AND status = 'accepted'
) AS friends
JOIN users ON users.id = friend_id
WHERE users.status = 'active'
ORDER BY users.display_name, users.id
LIMIT 50;

-- name: friend requests
-- uses: idx_friend_req_receiver
-- Who waits for the viewer's answer.
SELECT friend_requests.id, users.connect_id, users.display_name, friend_requests.created_at
FROM friend_requests JOIN users ON users.id = requester_id
WHERE receiver_id = :'viewer'::uuid AND friend_requests.status = 'pending' AND users.status = 'active'
ORDER BY friend_requests.id DESC
LIMIT 20;

-- name: feed
-- uses: idx_posts_feed
-- The newest posts of the viewer, of those they follow and of friends, as far as they may see them. Each author gives at
-- most a page, so the cost depends on how many one follows and not on how much they wrote.
WITH friends AS MATERIALIZED (
  SELECT receiver_id AS id FROM friend_requests WHERE requester_id = :'viewer'::uuid AND status = 'accepted'
  UNION
  SELECT requester_id FROM friend_requests WHERE receiver_id = :'viewer'::uuid AND status = 'accepted'
),
authors AS MATERIALIZED (
  SELECT :'viewer'::uuid AS id
  UNION SELECT id FROM friends
  UNION SELECT followed_id FROM follows WHERE follower_id = :'viewer'::uuid
)
SELECT newest.id, users.connect_id, newest.caption, newest.published_at, newest.like_count, newest.comment_count
FROM authors
JOIN users ON users.id = authors.id AND users.status = 'active'
CROSS JOIN LATERAL (
  SELECT * FROM posts
  WHERE posts.user_id = authors.id
    AND posts.published_at IS NOT NULL AND posts.deleted_at IS NULL AND posts.removed_at IS NULL
    AND (
      posts.user_id = :'viewer'::uuid
      OR posts.visibility = 'public'
      OR (posts.visibility = 'friends' AND posts.user_id IN (SELECT id FROM friends))
    )
  ORDER BY posts.published_at DESC, posts.id DESC
  LIMIT 20
) AS newest
ORDER BY newest.published_at DESC, newest.id DESC
LIMIT 20;

-- name: posts of a person
-- uses: idx_posts_feed
-- What stands on a profile for someone who is not a friend.
SELECT id, caption, published_at, like_count
FROM posts
WHERE user_id = :'person'::uuid AND published_at IS NOT NULL AND deleted_at IS NULL AND removed_at IS NULL
  AND visibility = 'public'
ORDER BY published_at DESC, id DESC
LIMIT 20;

-- name: post with media
-- uses: posts_pkey, idx_media_post
-- One post and its media, in order.
SELECT posts.id, posts.caption, media_items.id AS media_id, media_items.kind, media_items.playlist_key,
  media_items.thumb_key
FROM posts LEFT JOIN media_items ON media_items.post_id = posts.id AND media_items.transcoding_status = 'done'
WHERE posts.id = :'post'::uuid
ORDER BY media_items.position, media_items.id;

-- name: comments
-- uses: idx_comments_post
-- The comments on a post, oldest first.
SELECT comments.id, users.connect_id, comments.parent_comment_id, comments.text, comments.created_at
FROM comments JOIN users ON users.id = comments.user_id
WHERE comments.post_id = :'post'::uuid AND users.status = 'active'
ORDER BY comments.id
LIMIT 50;

-- name: likes
-- uses: idx_likes_target_newest
-- Who likes a post.
SELECT users.connect_id, likes.created_at
FROM likes JOIN users ON users.id = likes.user_id
WHERE likes.target_type = 'post' AND likes.target_id = :'post'::uuid AND users.status = 'active'
ORDER BY likes.id DESC
LIMIT 20;

-- name: story tray
-- uses: idx_stories_user
-- Friends and followed people with a story that has not expired, whoever posted last first.
WITH friends AS MATERIALIZED (
  SELECT receiver_id AS id FROM friend_requests WHERE requester_id = :'viewer'::uuid AND status = 'accepted'
  UNION
  SELECT requester_id FROM friend_requests WHERE receiver_id = :'viewer'::uuid AND status = 'accepted'
)
SELECT users.id, users.connect_id, users.profile_pic_url, tray.stories, tray.newest
FROM (SELECT id FROM friends UNION SELECT followed_id FROM follows WHERE follower_id = :'viewer'::uuid) AS people
JOIN users ON users.id = people.id AND users.status = 'active'
CROSS JOIN LATERAL (
  SELECT count(*) AS stories, max(created_at) AS newest
  FROM stories
  WHERE stories.user_id = people.id AND expires_at > now()
    AND (visibility = 'public' OR (visibility = 'friends' AND people.id IN (SELECT id FROM friends)))
) AS tray
WHERE tray.stories > 0
ORDER BY tray.newest DESC
LIMIT 30;

-- name: expired stories
-- uses: idx_stories_expires
-- What a sweep would find, oldest first.
SELECT id, media_item_id FROM stories WHERE expires_at < now() - interval '3 hours' ORDER BY expires_at LIMIT 100;

-- name: conversation list
-- uses: idx_conversation_participants_user, idx_messages_conv_created
-- The viewer's conversations, the liveliest first, with how many messages are unread.
SELECT conversations.id, conversations.type, conversations.title, conversations.last_message_at, unread.messages
FROM conversation_participants AS mine
JOIN conversations ON conversations.id = mine.conversation_id
CROSS JOIN LATERAL (
  SELECT count(*) AS messages
  FROM messages
  WHERE messages.conversation_id = conversations.id AND messages.created_at > coalesce(mine.read_at, mine.joined_at)
    AND messages.sender_id <> mine.user_id
) AS unread
WHERE mine.user_id = :'viewer'::uuid AND mine.membership = 'join'
ORDER BY conversations.last_message_at DESC NULLS LAST, conversations.id
LIMIT 20;

-- name: message history
-- uses: idx_messages_conv_created
-- Metadata of a conversation's newest messages; what they say only its members' devices know.
SELECT payload_pointer, sender_id, created_at, redacted_at
FROM messages
WHERE conversation_id = :'conversation'::uuid
ORDER BY created_at DESC, id DESC
LIMIT 50;

-- name: people in a conversation
-- uses: conversation_participants_conversation_id_user_id_key
-- With how far each has read.
SELECT users.connect_id, conversation_participants.role, conversation_participants.read_at
FROM conversation_participants JOIN users ON users.id = conversation_participants.user_id
WHERE conversation_participants.conversation_id = :'conversation'::uuid AND membership = 'join';

-- name: groups of a person
-- uses: idx_group_members_user
-- And the role in each.
SELECT groups.id, groups.name, groups.type, group_members.role
FROM group_members JOIN groups ON groups.id = group_members.group_id
WHERE group_members.user_id = :'viewer'::uuid
ORDER BY group_members.joined_at DESC
LIMIT 50;

-- name: search captions
-- uses: idx_posts_caption_tsv
-- Public posts by their words.
SELECT id, caption
FROM posts
WHERE caption_tsv @@ plainto_tsquery('english', 'rare festival')
  AND visibility = 'public' AND published_at IS NOT NULL AND deleted_at IS NULL AND removed_at IS NULL
ORDER BY published_at DESC
LIMIT 20;

-- name: new sounds
-- uses: idx_sounds_created
-- The newest of the library.
SELECT id, title, duration_sec FROM sounds ORDER BY created_at DESC LIMIT 20;

-- name: sessions of a person
-- uses: idx_auth_user_id
-- Where someone is signed in.
SELECT id, device_info, created_at, refreshed_at
FROM auth_sessions
WHERE user_id = :'viewer'::uuid AND ended_at IS NULL AND expires_at > now()
ORDER BY created_at DESC;

-- name: audit trail
-- uses: idx_audit_user
-- What someone did of consequence.
SELECT position, action, ip, created_at FROM audit_logs WHERE user_id = :'person'::uuid ORDER BY position DESC LIMIT 50;

-- name: waiting work
-- uses: idx_outbox_ready
-- How much each consumer of the outbox has before it, and since when.
SELECT destination, count(*), min(created_at)
FROM outbox
WHERE done_at IS NULL AND failed_at IS NULL
GROUP BY destination;
