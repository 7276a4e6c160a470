"""Following: one-way, at once or, where the account is private, when its owner says yes."""
