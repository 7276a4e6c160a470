"""What social_api is told by its environment."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network

from environs import FileAwareEnv

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of social_api; `.env.example` explains each."""

    public_url: str
    listen_host: str
    listen_port: int
    gateway_networks: tuple[Network, ...]
    """Where X-Forwarded-For is believed from."""
    database_url: str
    database_password: str
    valkey_url: str
    valkey_password: str
    keycloak_url: str
    keycloak_realm: str
    keycloak_client_id: str
    """The client that introspects tokens."""
    keycloak_client_secret: str
    s3_access_key: str
    s3_secret_key: str
    media_signing_key: str
    cursor_key: str
    rate_limit_factor: float
    """Every rate limit is multiplied by this."""
    log_level: str

    @property
    def issuer(self) -> str:
        """The `iss` of our realm's tokens."""
        return f"{self.public_url}/auth/realms/{self.keycloak_realm}"

    @property
    def realm_url(self) -> str:
        """The realm, asked directly and not through the gateway."""
        return f"{self.keycloak_url}/realms/{self.keycloak_realm}"


def read() -> Settings:
    """Settings from METON_* variables; raises environs.EnvValidationError that names everything missing or wrong."""
    env = FileAwareEnv(prefix="METON_", eager=False)
    settings = Settings(
        public_url=env.str("PUBLIC_URL"),
        listen_host=env.str("LISTEN_HOST", "127.0.0.1"),
        listen_port=env.int("LISTEN_PORT"),
        gateway_networks=tuple(ip_network(n) for n in env.list("GATEWAY_NETWORKS", ["127.0.0.0/8", "::1/128"])),
        database_url=env.str("DATABASE_URL"),
        database_password=env.str("DATABASE_PASSWORD"),
        valkey_url=env.str("VALKEY_URL"),
        valkey_password=env.str("VALKEY_PASSWORD"),
        keycloak_url=env.str("KEYCLOAK_URL"),
        keycloak_realm=env.str("KEYCLOAK_REALM"),
        keycloak_client_id=env.str("KEYCLOAK_CLIENT_ID"),
        keycloak_client_secret=env.str("KEYCLOAK_CLIENT_SECRET"),
        s3_access_key=env.str("S3_ACCESS_KEY"),
        s3_secret_key=env.str("S3_SECRET_KEY"),
        media_signing_key=env.str("MEDIA_SIGNING_KEY"),
        cursor_key=env.str("CURSOR_KEY"),
        rate_limit_factor=env.float("RATE_LIMIT_FACTOR", 1.0),
        log_level=env.str("LOG_LEVEL", "info"),
    )
    env.seal()
    return settings
