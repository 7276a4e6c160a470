"""Following: one-way, at once, undone at once."""
