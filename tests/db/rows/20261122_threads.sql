INSERT INTO comment_mentions (comment_id, user_id) SELECT id, user_id FROM comments;
