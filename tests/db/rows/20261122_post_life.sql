INSERT INTO post_revisions (post_id, revision, caption, written_at) SELECT id, 0, 'before', now() FROM posts;
INSERT INTO post_hashtags (post_id, hashtag) SELECT id, 'नमस्ते' FROM posts;
INSERT INTO post_mentions (post_id, user_id) SELECT id, user_id FROM posts;
INSERT INTO saved_posts (user_id, post_id) SELECT user_id, id FROM posts;
INSERT INTO post_views (post_id, viewer_id) SELECT id, user_id FROM posts;
INSERT INTO trending_hashtags (hashtag, authors, posts, score) VALUES ('नमस्ते', 1, 1, 1.0);
INSERT INTO polls (post_id, closes_at) SELECT id, now() + interval '1 day' FROM posts;
INSERT INTO poll_options (post_id, position, text) SELECT post_id, 0, 'yes' FROM polls;
INSERT INTO poll_votes (post_id, user_id, position) SELECT id, user_id, 0 FROM posts;
