"""What each of our services is told: its METON_ variables, and no secret that is not its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stack.installation import Installation

SERVICES = ("social_api", "appservice", "media_worker", "event_worker")


def service_environment(installation: Installation, service: str) -> dict[str, str]:
    """The environment of one service; KeyError for a name that is not a service of ours."""
    common = {
        "PUBLIC_URL": installation.public_url,
        "SERVER_NAME": installation.server_name,
        "LISTEN_HOST": "127.0.0.1",
        "LISTEN_PORT": str(installation.port(service)),
        "LOG_LEVEL": "INFO",
        "DATABASE_URL": f"postgresql://{service}@127.0.0.1:{installation.port('postgres')}/meton",
        "DATABASE_PASSWORD_FILE": str(installation.secret_file(f"db_{service}")),
        "VALKEY_URL": f"redis://{service}@127.0.0.1:{installation.port('valkey')}/0",
        "VALKEY_PASSWORD_FILE": str(installation.secret_file(f"valkey_{service}")),
    }
    return {f"METON_{name}": value for name, value in {**common, **_OWN[service](installation)}.items()}


def _keycloak(installation: Installation, client: str, secret: str) -> dict[str, str]:
    return {
        "KEYCLOAK_URL": f"{installation.url('keycloak')}/auth",
        "KEYCLOAK_REALM": "meton",
        "KEYCLOAK_CLIENT_ID": client,
        "KEYCLOAK_CLIENT_SECRET_FILE": str(installation.secret_file(secret)),
    }


def _s3(installation: Installation, identity: str) -> dict[str, str]:
    return {
        "S3_URL": installation.url("s3"),
        "S3_ACCESS_KEY": f"meton-{identity}",
        "S3_SECRET_KEY_FILE": str(installation.secret_file(f"s3_{identity}")),
    }


def _social_api(installation: Installation) -> dict[str, str]:
    return {
        **_keycloak(installation, "meton-api", "keycloak_api"),
        **_s3(installation, "uploader"),
        "MEDIA_SIGNING_KEY_FILE": str(installation.secret_file("media_signing_key")),
        "CURSOR_KEY_FILE": str(installation.secret_file("cursor_key")),
    }


def _appservice(installation: Installation) -> dict[str, str]:
    return {
        "SYNAPSE_URL": installation.url("synapse"),
        "SYNAPSE_ADMIN_TOKEN_FILE": str(installation.secret_file("synapse_admin_token")),
        "MATRIX_OBSERVER_HS_TOKEN_FILE": str(installation.secret_file("observer_hs_token")),
        "MATRIX_OBSERVER_AS_TOKEN_FILE": str(installation.secret_file("observer_as_token")),
        "MATRIX_ACTOR_AS_TOKEN_FILE": str(installation.secret_file("actor_as_token")),
    }


def _media_worker(installation: Installation) -> dict[str, str]:
    return {
        **_s3(installation, "worker"),
        "S3_EVENT_TOKEN_FILE": str(installation.secret_file("s3_event_token")),
    }


def _event_worker(installation: Installation) -> dict[str, str]:
    return _keycloak(installation, "meton-backend", "keycloak_backend")


_OWN: dict[str, Callable[[Installation], dict[str, str]]] = {
    "social_api": _social_api,
    "appservice": _appservice,
    "media_worker": _media_worker,
    "event_worker": _event_worker,
}
