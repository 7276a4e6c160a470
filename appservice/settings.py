"""What the appservice is told by its environment."""

from __future__ import annotations

from dataclasses import dataclass

from environs import FileAwareEnv


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of appservice; `.env.example` explains each."""

    server_name: str
    """The part of Matrix ids after the colon."""
    listen_host: str
    listen_port: int
    database_url: str
    database_password: str
    synapse_url: str
    """Synapse asked directly: the gateway passes no admin API."""
    synapse_admin_token: str
    observer_hs_token: str
    """What Synapse shows when it brings events."""
    observer_as_token: str
    """What we show when we ask Synapse to bring what it has kept."""
    actor_as_token: str
    """What we show when we act for people."""
    log_level: str


def read() -> Settings:
    """Settings from METON_* variables; raises environs.EnvValidationError that names everything missing or wrong."""
    env = FileAwareEnv(prefix="METON_", eager=False)
    settings = Settings(
        server_name=env.str("SERVER_NAME"),
        listen_host=env.str("LISTEN_HOST", "127.0.0.1"),
        listen_port=env.int("LISTEN_PORT"),
        database_url=env.str("DATABASE_URL"),
        database_password=env.str("DATABASE_PASSWORD"),
        synapse_url=env.str("SYNAPSE_URL"),
        synapse_admin_token=env.str("SYNAPSE_ADMIN_TOKEN"),
        observer_hs_token=env.str("MATRIX_OBSERVER_HS_TOKEN"),
        observer_as_token=env.str("MATRIX_OBSERVER_AS_TOKEN"),
        actor_as_token=env.str("MATRIX_ACTOR_AS_TOKEN"),
        log_level=env.str("LOG_LEVEL", "info"),
    )
    env.seal()
    return settings
