INSERT INTO auth_sessions (user_id, refresh_token_hash, family_hash, keycloak_token, access_tokens, expires_at)
  SELECT id, 'signed in ' || connect_id, connect_id, '', '{"a token": 1795987417}', now() + interval '1 day' FROM users;
INSERT INTO revocations (session, token, reason) VALUES ('a session', 'a token', 'ended by the person');
