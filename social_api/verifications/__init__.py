"""Verifying who somebody is: their request, and what an administrator decides."""
