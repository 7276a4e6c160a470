"""Synapse: the Matrix homeserver. Its accounts come from Keycloak; its one server admin is the appservice's."""

from __future__ import annotations

import re
from collections.abc import Mapping

from stack import probes, programs, synapse_admin
from stack.components.component import Component
from stack.installation import Installation

TEMPLATES = "synapse-config"


def files(installation: Installation) -> Mapping[str, str]:
    """homeserver.yaml, the two appservice registrations and the logging, from the templates in synapse-config/."""
    folder = installation.root / TEMPLATES
    templates = {
        "homeserver.yaml": folder / "homeserver.yaml",
        "observer.yaml": folder / "registrations/observer.yaml",
        "actor.yaml": folder / "registrations/actor.yaml",
    }
    given = {**_homeserver(installation), **_registrations(installation)}
    filled = {name: path.read_text(encoding="utf-8").format(**given) for name, path in templates.items()}
    return {**filled, "log.yaml": (folder / "log.yaml").read_text(encoding="utf-8")}


def _homeserver(installation: Installation) -> dict[str, object]:
    """Secrets as the names of their files, save the database's, for which Synapse has no such setting."""
    secret_files = {
        "registration_secret_file": "synapse_registration",
        "macaroon_secret_file": "synapse_macaroon",
        "form_secret_file": "synapse_form",
        "client_secret_file": "keycloak_synapse",
    }
    return {
        "server_name": installation.server_name,
        "public_url": installation.public_url,
        "keycloak_url": installation.url("keycloak"),
        "folder": installation.folder("synapse"),
        "port": installation.port("synapse"),
        "metrics_port": installation.port("synapse_metrics"),
        "postgres_port": installation.port("postgres"),
        "database_password": installation.secret("db_synapse"),
        **{name: installation.secret_file(secret) for name, secret in secret_files.items()},
    }


def _registrations(installation: Installation) -> dict[str, object]:
    tokens = ("observer_as_token", "observer_hs_token", "actor_as_token", "actor_hs_token")
    return {
        "appservice_url": installation.url("appservice"),
        "server_name_pattern": re.escape(installation.server_name),
        **{name: installation.secret(name) for name in tokens},
    }


def environment(installation: Installation) -> Mapping[str, str]:
    """Where the policy module is; and one arena for all threads, which keeps 40 MB from lying about."""
    return {"PYTHONPATH": str(installation.root / TEMPLATES), "MALLOC_ARENA_MAX": "1"}


def command(installation: Installation) -> list[str]:
    """The homeserver in one process; it makes its signing key itself, once."""
    python = str(programs.PYTHON)
    return [
        python,
        "-m",
        "synapse.app.homeserver",
        "--config-path",
        str(installation.folder("synapse") / "homeserver.yaml"),
    ]


COMPONENT = Component(
    name="synapse",
    needs=("postgres",),  # not Keycloak: only a login needs that
    ports=("synapse", "synapse_metrics"),
    files=files,
    environment=environment,
    command=command,
    code=(TEMPLATES,),
    ready=lambda installation: probes.http_ok(f"{installation.url('synapse')}/health"),
    after_start=(("making Synapse's admin", synapse_admin.make_sure),),
    stop_seconds=20,
)
