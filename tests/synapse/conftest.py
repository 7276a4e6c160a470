"""The same people as Keycloak's tests have: their accounts are there."""

from tests.keycloak.conftest import admin, person

__all__ = ["admin", "person"]
