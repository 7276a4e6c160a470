"""Explore: what people wrote whom one does not follow yet."""
