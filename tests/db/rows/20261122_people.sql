INSERT INTO users (id, connect_id, display_name, subject) VALUES
  ('00000000-0000-7000-8000-00000000000a', 'alice@meton', 'Alice', 'subject-alice'),
  ('00000000-0000-7000-8000-00000000000b', 'bob@meton', 'Bob', 'subject-bob');
INSERT INTO auth_sessions (user_id, refresh_token_hash, expires_at)
  SELECT id, connect_id, now() + interval '1 day' FROM users;
INSERT INTO follows (follower_id, followed_id)
  SELECT one.id, other.id FROM users one JOIN users other ON one.id <> other.id;
INSERT INTO friend_requests (requester_id, receiver_id, status)
  VALUES ('00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-00000000000b', 'accepted');
INSERT INTO groups (owner_id, name, handle) SELECT id, display_name, connect_id FROM users;
INSERT INTO group_members (group_id, user_id, role) SELECT id, owner_id, 'owner' FROM groups;
