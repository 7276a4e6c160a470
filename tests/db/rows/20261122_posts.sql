INSERT INTO posts (user_id, caption, published_at) SELECT id, 'नमस्ते ' || display_name, now() FROM users;
INSERT INTO media_items (user_id, post_id, storage_key, kind) SELECT user_id, id, id || '/original', 'video' FROM posts;
INSERT INTO stories (user_id, media_item_id, expires_at) SELECT user_id, id, now() + interval '1 day' FROM media_items;
INSERT INTO comments (post_id, user_id, text) SELECT id, user_id, 'hello' FROM posts;
INSERT INTO likes (user_id, target_type, target_id) SELECT user_id, 'post', id FROM posts;
INSERT INTO sounds (uploader_id, storage_key) SELECT id, id || '/audio' FROM users;
