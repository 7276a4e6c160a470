INSERT INTO follow_requests (follower_id, followed_id) SELECT a.id, b.id FROM users a JOIN users b ON a.id < b.id;
INSERT INTO blocks (blocker_id, blocked_id) SELECT a.id, b.id FROM users a JOIN users b ON a.id < b.id;
INSERT INTO mutes (muter_id, muted_id) SELECT a.id, b.id FROM users a JOIN users b ON a.id < b.id;
INSERT INTO muted_words (user_id, word, pattern) SELECT id, 'मौसम', 'मौसम' FROM users;
INSERT INTO audience_lists (owner_id, kind) SELECT id, 'closefriends' FROM users;
INSERT INTO audience_members (list_id, member_id) SELECT audience_lists.id, users.id FROM audience_lists JOIN users ON users.id <> owner_id;
INSERT INTO former_handles (connect_id, user_id) SELECT 'former-' || connect_id, id FROM users;
