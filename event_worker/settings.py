"""What event_worker is told by its environment."""

from __future__ import annotations

from dataclasses import dataclass

from environs import FileAwareEnv


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of event_worker; `.env.example` explains each."""

    listen_host: str
    listen_port: int
    database_url: str
    database_password: str
    valkey_url: str
    valkey_password: str
    keycloak_url: str
    keycloak_realm: str
    keycloak_client_id: str
    """The client that reads events and ends sessions."""
    keycloak_client_secret: str
    log_level: str


def read() -> Settings:
    """Settings from METON_* variables; raises environs.EnvValidationError that names everything missing or wrong."""
    env = FileAwareEnv(prefix="METON_", eager=False)
    settings = Settings(
        listen_host=env.str("LISTEN_HOST", "127.0.0.1"),
        listen_port=env.int("LISTEN_PORT"),
        database_url=env.str("DATABASE_URL"),
        database_password=env.str("DATABASE_PASSWORD"),
        valkey_url=env.str("VALKEY_URL"),
        valkey_password=env.str("VALKEY_PASSWORD"),
        keycloak_url=env.str("KEYCLOAK_URL"),
        keycloak_realm=env.str("KEYCLOAK_REALM"),
        keycloak_client_id=env.str("KEYCLOAK_CLIENT_ID"),
        keycloak_client_secret=env.str("KEYCLOAK_CLIENT_SECRET"),
        log_level=env.str("LOG_LEVEL", "info"),
    )
    env.seal()
    return settings
