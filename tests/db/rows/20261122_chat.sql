INSERT INTO conversations (type, encrypted) VALUES ('dm', true);
INSERT INTO messages (conversation_id, sender_id, payload_pointer, msg_type)
  SELECT conversations.id, users.id, '$' || users.id, NULL FROM conversations, users;
INSERT INTO conversation_participants (conversation_id, user_id, last_read_message_id)
  SELECT conversation_id, sender_id, id FROM messages;
INSERT INTO matrix_accounts (user_id, mxid) SELECT id, '@' || display_name FROM users;
INSERT INTO matrix_rooms (room_id, conversation_id) SELECT '!' || id, id FROM conversations;
INSERT INTO direct_pairs (user_low, user_high, conversation_id)
  SELECT '00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-00000000000b', id FROM conversations;
