INSERT INTO audit_logs (user_id, action, ip) SELECT id, 'session.started', '127.0.0.1' FROM users;
