"""Chats as the API knows them: rooms, participants and cursors, never a word that was said."""
