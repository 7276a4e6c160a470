"""Blocking: the two do not exist for each other."""
