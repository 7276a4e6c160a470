"""The home feed: what oneself, friends and followed people published."""
