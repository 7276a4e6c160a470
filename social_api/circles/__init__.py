"""Who follows whom and who is whose friend, as pages of people."""
