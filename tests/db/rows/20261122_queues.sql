INSERT INTO outbox (destination, topic, payload) VALUES ('appservice', 'person.registered', '{}');
INSERT INTO inbox (event_id, room_id, kind, event) VALUES ('$1', '!1', 'event', '{}');
INSERT INTO live_events (user_id, seq, outbox_id, type, payload) SELECT id, 1, id, 'follow.created', '{}' FROM users;
INSERT INTO live_cursors (user_id, last_seq) SELECT id, 1 FROM users;
INSERT INTO revocations (subject, reason) SELECT subject, 'disabled' FROM users;
INSERT INTO idempotency_keys (user_id, key, method, path, body_hash) SELECT id, 'k', 'POST', '/v1/posts', '' FROM users;
