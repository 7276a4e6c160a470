"""The posts that have a hashtag."""
