"""Does what follows from what was written: relays the outbox, feeds `/ws`, and follows Keycloak."""
