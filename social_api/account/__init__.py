"""The person who is asking: what they may read and change about themselves."""
