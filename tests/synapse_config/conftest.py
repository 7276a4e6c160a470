"""The same people and homeserver as for the appservice."""

from tests.appservice.conftest import alice, bob, homeserver, own, registered, session, settings

__all__ = ["alice", "bob", "homeserver", "own", "registered", "session", "settings"]
