"""Trending hashtags: what many different people write about."""
