"""The shared floor: tables, the way statements reach PostgreSQL, and the queues kept in it. Imports no service."""
