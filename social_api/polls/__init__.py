"""Votes in polls; the polls themselves come and go with their posts."""
