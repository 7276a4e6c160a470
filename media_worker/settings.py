"""What media_worker is told by its environment."""

from __future__ import annotations

from dataclasses import dataclass

from environs import FileAwareEnv


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of media_worker; `.env.example` explains each."""

    listen_host: str
    listen_port: int
    database_url: str
    database_password: str
    valkey_url: str
    valkey_password: str
    s3_url: str
    s3_access_key: str
    s3_secret_key: str
    s3_event_token: str
    """What the store sends along with its events."""
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
        s3_url=env.str("S3_URL"),
        s3_access_key=env.str("S3_ACCESS_KEY"),
        s3_secret_key=env.str("S3_SECRET_KEY"),
        s3_event_token=env.str("S3_EVENT_TOKEN"),
        log_level=env.str("LOG_LEVEL", "info"),
    )
    env.seal()
    return settings
