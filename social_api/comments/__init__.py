"""Comments on posts, in threads."""
