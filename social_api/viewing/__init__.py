"""Who has seen which post: counted once a person and day, and told to nobody."""
