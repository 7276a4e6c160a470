"""Rooms as conversations: who talks where, and the one direct chat of each two friends."""
