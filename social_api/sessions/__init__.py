"""Signing in, staying signed in, and ending it: one session a device."""
