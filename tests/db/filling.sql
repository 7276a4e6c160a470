-- 400 people who follow, befriend, post and talk, with a past of finished work: enough for the planner to want indexes.
SELECT setseed(0.5);

INSERT INTO users (connect_id, display_name, subject) SELECT 'p' || n || '@meton', 'Person ' || n, 's' || n FROM generate_series(1, 400) n;
CREATE TEMP TABLE cast_of AS SELECT id, row_number() OVER (ORDER BY id) AS n FROM users;

INSERT INTO follows (follower_id, followed_id)
  SELECT one.id, other.id FROM cast_of one JOIN cast_of other ON other.n <> one.n AND (one.n * 7 + other.n * 13) % 9 = 0;
INSERT INTO friend_requests (requester_id, receiver_id, status)
  SELECT one.id, other.id, CASE WHEN (one.n + other.n) % 3 = 0 THEN 'pending' ELSE 'accepted' END
  FROM cast_of one JOIN cast_of other ON one.n < other.n AND (one.n * 5 + other.n * 11) % 8 = 0;

INSERT INTO posts (user_id, caption, visibility, published_at)
  SELECT id, CASE WHEN step = 1 AND n % 50 = 0 THEN 'a rare festival' ELSE 'post ' || step END,
    CASE WHEN step % 4 = 0 THEN 'friends' ELSE 'public' END, now() - random() * interval '90 days'
  FROM cast_of, generate_series(1, 60) step;
INSERT INTO media_items (user_id, post_id, storage_key, kind, transcoding_status)
  SELECT user_id, id, id || '/original', 'video', 'done' FROM posts;
INSERT INTO stories (user_id, media_item_id, visibility, expires_at, created_at)
  SELECT user_id, id, 'friends', now() - interval '2 hours' + age, now() - interval '26 hours' + age
  FROM (SELECT *, random() * interval '20 hours' - interval '1.5 hours' AS age FROM media_items LIMIT 12000) AS shown;
INSERT INTO comments (post_id, user_id, text) SELECT posts.id, posts.user_id, 'hello' FROM posts;
INSERT INTO likes (user_id, target_type, target_id)
  SELECT cast_of.id, 'post', posts.id FROM posts JOIN cast_of ON cast_of.n % 200 = 0;

INSERT INTO conversations (type, last_message_at) SELECT 'dm', now() - random() * interval '9 days' FROM generate_series(1, 20000);
CREATE TEMP TABLE talk AS SELECT id, row_number() OVER (ORDER BY id) AS n FROM conversations;
INSERT INTO conversation_participants (conversation_id, user_id, joined_at)
  SELECT talk.id, cast_of.id, now() - interval '10 days'
  FROM talk JOIN cast_of ON talk.n <= 6000 AND cast_of.n IN (talk.n % 400 + 1, (talk.n * 3 + 7) % 400 + 1) ON CONFLICT DO NOTHING;
INSERT INTO messages (conversation_id, sender_id, payload_pointer, msg_type, created_at)
  SELECT conversation_id, user_id, '$' || user_id || step, NULL, now() - random() * interval '9 days'
  FROM conversation_participants, generate_series(1, 5) step;

INSERT INTO groups (owner_id, name) SELECT id, 'group ' || n FROM cast_of;
INSERT INTO group_members (group_id, user_id)
  SELECT groups.id, cast_of.id FROM groups JOIN cast_of owners ON owners.id = owner_id
  JOIN cast_of ON (cast_of.n + owners.n) % 20 = 0;
INSERT INTO sounds (storage_key, created_at) SELECT 'k' || n, now() - n * interval '1 minute' FROM generate_series(1, 4000) n;
INSERT INTO auth_sessions (user_id, refresh_token_hash, expires_at)
  SELECT id, n || '/' || step, now() + interval '1 day' FROM cast_of, generate_series(1, 10) step;
INSERT INTO audit_logs (user_id, action) SELECT id, 'session.started' FROM cast_of, generate_series(1, 5);
INSERT INTO outbox (destination, topic, payload, done_at)
  SELECT 'event_worker', 'live', '{}', CASE WHEN n > 20 THEN now() END FROM generate_series(1, 20000) n;

ANALYZE;
