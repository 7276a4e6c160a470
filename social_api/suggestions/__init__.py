"""Whom one may know, and why."""
