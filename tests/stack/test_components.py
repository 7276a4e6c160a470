"""What each component is started with."""

from __future__ import annotations

import dataclasses
import json

import pytest

from stack.components import catalog, postgres, seaweedfs, valkey
from stack.components.component import Component
from stack.installation import Installation

COMPONENTS = catalog.load()


def bare(name: str, *needs: str) -> Component:
    return Component(name=name, needs=needs, command=lambda _: ["/bin/true"], ready=lambda _: None)


def test_each_comes_after_what_it_needs() -> None:
    order = [component.name for component in catalog.in_order(COMPONENTS)]
    assert sorted(order) == sorted(COMPONENTS)
    for name, component in COMPONENTS.items():
        assert all(order.index(need) < order.index(name) for need in component.needs)


def test_a_circle_is_refused() -> None:
    with pytest.raises(ValueError, match="a, b"):
        list(catalog.in_order({"a": bare("a", "b"), "b": bare("b", "a")}))


def test_only_brings_what_is_needed_too() -> None:
    assert set(catalog.with_needs(COMPONENTS, ["appservice"])) == {"postgres", "synapse", "appservice"}


@pytest.mark.parametrize("name", COMPONENTS)
def test_no_secret_is_in_a_processs_arguments(own: Installation, name: str) -> None:
    component = COMPONENTS[name]
    component.files(own)
    component.environment(own)
    words = " ".join(component.command(own))
    assert not [path.name for path in own.folder("secrets").iterdir() if path.read_text() in words]


@pytest.mark.parametrize("name", COMPONENTS)
def test_a_configuration_depends_on_nothing_but_the_installation(own: Installation, name: str) -> None:
    component = COMPONENTS[name]
    assert component.files(own) == component.files(own)
    assert component.command(own) == component.command(own)


def test_every_port_belongs_to_one_component() -> None:
    ports = [port for component in COMPONENTS.values() for port in component.ports]
    assert len(ports) == len(set(ports))


def test_only_throw_away_data_goes_without_fsync(own: Installation) -> None:
    assert "fsync = off" in postgres.files(own)["postgresql.conf"]
    kept = dataclasses.replace(own, throwaway=False)
    assert "fsync" not in postgres.files(kept)["postgresql.conf"]
    assert "appendfsync everysec" in valkey.files(kept)["valkey.conf"]


def test_postgresql_lets_nobody_in_without_a_password(own: Installation) -> None:
    assert postgres.files(own)["pg_hba.conf"] == "host all all 127.0.0.1/32 scram-sha-256\n"


def test_valkeys_users_are_digests_without_the_dangerous_commands(own: Installation) -> None:
    users = valkey.files(own)["users.acl"].splitlines()
    assert users[0] == "user default off"
    assert all("-@dangerous" in user and own.secret(f"valkey_{user.split()[1]}") not in user for user in users[1:])


def test_the_edge_may_only_read_media(own: Installation) -> None:
    identities = json.loads(seaweedfs.files(own)["s3.json"])["identities"]
    assert {each["name"]: each["actions"] for each in identities}["edge"] == ["Read:media"]
    assert len({each["credentials"][0]["secretKey"] for each in identities}) == len(identities)


def test_seaweedfs_sends_nothing_to_its_makers_and_listens_on_loopback(own: Installation) -> None:
    words = seaweedfs.command(own)
    assert "-master.telemetry=false" in words
    assert "-ip.bind=127.0.0.1" in words
