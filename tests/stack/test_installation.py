"""One installation: what it remembers, where its things are, what only it knows."""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from stack.environment import SERVICES
from stack.installation import ROOT, SOCKET_PATH_LIMIT, Installation
from stack.ports import HIGHEST_BASE, OFFSETS


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_choices_are_remembered(own: Installation) -> None:
    chosen = dataclasses.replace(own, listen="0.0.0.0", address="https://meton.example", demo=False)
    chosen.save()
    assert Installation.open(own.state) == chosen


def test_nothing_saved_means_the_defaults(tmp_path: Path) -> None:
    opened = Installation.open(tmp_path / "new")
    assert (opened.port_base, opened.listen, opened.public_url) == (8080, "127.0.0.1", "http://localhost:8080")


def test_ports_follow_the_base_and_never_meet() -> None:
    ports = [Installation(ROOT, Path("/x"), port_base=9000).port(name) for name in OFFSETS]
    assert len(set(ports)) == len(ports)
    assert min(ports) == 9000
    assert HIGHEST_BASE + max(OFFSETS.values()) <= 65_535


def test_a_secret_is_random_kept_and_the_owners_alone(own: Installation) -> None:
    secret = own.secret("db_synapse")
    assert len(secret) >= 40
    assert own.secret("db_synapse") == secret != own.secret("db_keycloak")
    assert mode(own.secret_file("db_synapse")) == 0o600
    assert mode(own.state / "secrets") == mode(own.state) == 0o700


def test_many_that_ask_for_a_new_secret_at_once_are_given_the_same(own: Installation) -> None:
    with ThreadPoolExecutor(16) as threads:
        given = set(threads.map(lambda _: own.secret("cursor_key"), range(64)))
    assert given == {own.secret("cursor_key")}
    assert [path.name for path in own.folder("secrets").iterdir()] == ["cursor_key"]


def test_a_secret_somebody_else_hands_out_is_not_made_up(own: Installation) -> None:
    with pytest.raises(FileNotFoundError):
        own.secret("synapse_admin_token")
    own.keep_secret("synapse_admin_token", "syt_1")
    assert own.secret("synapse_admin_token") == "syt_1"


def test_sockets_of_a_long_path_live_in_a_short_private_folder(tmp_path: Path) -> None:
    deep = Installation(ROOT, tmp_path / ("d" * 60) / ("e" * 60))
    deep.folder("supervisor")
    assert len(str(deep.sockets)) < SOCKET_PATH_LIMIT
    assert mode(deep.sockets) == 0o700
    assert deep.sockets != Installation(ROOT, tmp_path / ("d" * 60) / ("f" * 60)).state
    deep.sockets.rmdir()


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_told_no_secret_but_by_file_and_none_of_others(own: Installation, service: str) -> None:
    told = own.environment(service)
    secrets = {value for path in (own.state / "secrets").iterdir() for value in [path.read_text()]}
    assert not secrets & set(told.values())
    others = [name for name in SERVICES if name != service]
    assert not [value for value in told.values() if any(value.endswith(f"_{other}") for other in others)]


def test_a_gateway_that_listens_elsewhere_is_asked_there(own: Installation) -> None:
    assert dataclasses.replace(own, listen="192.0.2.7").url("gateway").startswith("http://192.0.2.7:")
    assert dataclasses.replace(own, listen="0.0.0.0").url("gateway").startswith("http://127.0.0.1:")
