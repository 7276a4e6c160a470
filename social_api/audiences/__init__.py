"""Whom one shows some posts only: close friends, and lists of one's own making."""
