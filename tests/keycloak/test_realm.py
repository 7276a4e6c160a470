"""The running realm follows keycloak-realm/, and nothing else of it is touched."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from stack import realm
from stack.installation import Installation
from stack.keycloak_admin import KeycloakAdmin, RefusedError
from stack.realm import Document, differences
from stack.trouble import Trouble
from tests.keycloak.conftest import Person


@pytest.fixture
def wanted(installation: Installation) -> Document:
    """The realm as the files of the checkout want it."""
    return realm.load(installation.root / "keycloak-realm", realm.values(installation))


def test_a_realm_in_line_is_left_alone(admin: KeycloakAdmin, wanted: Document) -> None:
    assert realm.reconcile(admin, wanted) == []


def test_an_installation_follows_a_changed_realm_file(
    admin: KeycloakAdmin, installation: Installation, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(installation.root / "keycloak-realm", tmp_path / "keycloak-realm")
    file = tmp_path / "keycloak-realm/meton-realm.json"
    document = json.loads(file.read_text())
    document["accessCodeLifespan"] = 61
    document["clients"][0]["protocolMappers"].pop()
    document["clients"][0]["defaultClientScopes"].remove("email")
    document["roles"]["realm"].append({"name": "guest", "description": "Made by a test"})
    file.write_text(json.dumps(document))
    try:
        realm.bring_in_line(dataclasses.replace(installation, root=tmp_path))
        client = admin.find_client("meton", "meton-web")
        assert client is not None
        assert admin.get("meton")["accessCodeLifespan"] == 61
        assert [mapper["name"] for mapper in client["protocolMappers"]] == ["audience meton-api"]
        assert "email" not in client["defaultClientScopes"]
        assert admin.get("meton/roles/guest")["description"] == "Made by a test"
        assert sorted(capsys.readouterr().out.splitlines()) == [
            "realm meton: accessCodeLifespan",
            "realm meton: client meton-web: defaultClientScopes",
            "realm meton: client meton-web: protocolMappers",
            "realm meton: role guest: made",
        ]
    finally:
        admin.delete("meton/roles/guest")
        realm.bring_in_line(installation)
    assert admin.get("meton")["accessCodeLifespan"] == 60


def test_a_changed_user_profile_is_followed(admin: KeycloakAdmin, wanted: Document) -> None:
    profile = admin.get("meton/users/profile")
    profile["attributes"][0]["validations"]["length"]["max"] = 39
    admin.put("meton/users/profile", profile)
    assert realm.reconcile(admin, wanted) == ["user profile: attributes: username: validations: length: max"]
    assert realm.reconcile(admin, wanted) == []


def test_a_rotated_client_secret_is_applied(admin: KeycloakAdmin, installation: Installation, wanted: Document) -> None:
    client = next(client for client in wanted["clients"] if client["clientId"] == "meton-api")
    rotated = {**wanted, "clients": [{**client, "secret": "another secret"}]}
    try:
        assert realm.reconcile(admin, rotated) == ["client meton-api: secret"]
        held = admin.find_client("meton", "meton-api")
        assert held is not None
        assert held["secret"] == "another secret"
    finally:
        realm.bring_in_line(installation)


def test_a_lost_client_is_made_again(admin: KeycloakAdmin, wanted: Document) -> None:
    admin.delete(f"meton/clients/{admin.client_id('meton', 'meton-api')}")
    assert realm.reconcile(admin, wanted) == ["client meton-api: made"]
    assert realm.reconcile(admin, wanted) == []


def test_a_service_account_loses_what_somebody_gave_it_by_hand(admin: KeycloakAdmin, wanted: Document) -> None:
    account = admin.get(f"meton/clients/{admin.client_id('meton', 'meton-backend')}/service-account-user")
    owner = admin.client_id("meton", "realm-management")
    role = admin.get(f"meton/clients/{owner}/roles/manage-realm")
    admin.post(f"meton/users/{account['id']}/role-mappings/clients/{owner}", [role])
    assert realm.reconcile(admin, wanted) == ["service account of meton-backend: loses manage-realm"]


def test_what_the_files_do_not_name_is_the_consoles(admin: KeycloakAdmin, wanted: Document) -> None:
    mail = {"host": "mail.example.org", "from": "meton@example.org"}
    admin.put("meton", {"realm": "meton", "smtpServer": mail, "resetPasswordAllowed": True})
    try:
        assert realm.reconcile(admin, {**wanted, "accessCodeLifespan": 61}) == ["accessCodeLifespan"]
        present = admin.get("meton")
        assert present["resetPasswordAllowed"] is True
        assert present["smtpServer"]["host"] == "mail.example.org"
    finally:
        admin.put("meton", {"realm": "meton", "smtpServer": {}, "resetPasswordAllowed": False})
        realm.reconcile(admin, wanted)


def test_people_stay_as_they_are(admin: KeycloakAdmin, person: Person, wanted: Document) -> None:
    before = admin.get(f"meton/users/{person.user_id}")
    realm.reconcile(admin, {**wanted, "accessCodeLifespan": 61})
    realm.reconcile(admin, wanted)
    assert admin.get(f"meton/users/{person.user_id}") == before


def test_a_placeholder_without_a_value_is_refused(installation: Installation) -> None:
    given = realm.values(installation)
    del given["METON_API_CLIENT_SECRET"]
    with pytest.raises(Trouble, match="METON_API_CLIENT_SECRET"):
        realm.load(installation.root / "keycloak-realm", given)
    with pytest.raises(Trouble, match="METON_API_CLIENT_SECRET"):
        realm.load(installation.root / "keycloak-realm", {**given, "METON_API_CLIENT_SECRET": ""})


def test_no_secret_is_a_placeholder(admin: KeycloakAdmin, installation: Installation) -> None:
    secrets = {
        name: (admin.find_client("meton", name) or {})["secret"] for name in ("synapse", "meton-api", "meton-backend")
    }
    assert secrets == {
        "synapse": installation.secret("keycloak_synapse"),
        "meton-api": installation.secret("keycloak_api"),
        "meton-backend": installation.secret("keycloak_backend"),
    }
    assert all(len(secret) >= 32 for secret in secrets.values())


def test_a_file_keycloak_does_not_take_says_so(installation: Installation, tmp_path: Path) -> None:
    shutil.copytree(installation.root / "keycloak-realm", tmp_path / "keycloak-realm")
    file = tmp_path / "keycloak-realm/meton-realm.json"
    document = json.loads(file.read_text())
    document["passwordPolicy"] = "nonsense(10)"
    file.write_text(json.dumps(document))
    try:
        with pytest.raises(Trouble, match="could not be brought in line"):
            realm.bring_in_line(dataclasses.replace(installation, root=tmp_path))
    finally:
        realm.bring_in_line(installation)


def test_a_wrong_secret_of_the_stack_says_what_to_do(installation: Installation, tmp_path: Path) -> None:
    stranger = dataclasses.replace(installation, state=tmp_path)
    with pytest.raises(Trouble, match=r"refuses meton-stack.*keycloak_stack"):
        realm.bring_in_line(stranger)


@pytest.mark.parametrize(
    ("wanted", "present", "found"),
    [
        ({"a": True}, {"a": "true", "b": 1}, []),
        ({"a": 5}, {"a": "5"}, []),
        ({"a": ""}, {}, []),
        ({"a": ["x", "y"]}, {"a": ["y", "x"]}, []),
        ({"a": []}, {"a": ["x"]}, ["a"]),
        ({"a": {"b": 1}}, {"a": {"b": 2}}, ["a: b"]),
        ({"a": [{"name": "n", "v": 1}]}, {"a": [{"name": "n", "v": 2, "id": "x"}]}, ["a: n: v"]),
        ({"a": [{"name": "n"}]}, {"a": [{"name": "n"}, {"name": "m"}]}, ["a"]),
        ({"secret": "new"}, {"secret": "old"}, ["secret"]),
    ],
)
def test_differences_are_what_the_file_names_and_keycloak_lacks(wanted: Any, present: Any, found: list[str]) -> None:
    assert list(differences(wanted, present)) == found


def test_a_refusal_carries_its_status(admin: KeycloakAdmin) -> None:
    assert admin.find("no-such-realm") is None
    with pytest.raises(RefusedError) as refusal:
        admin.get("no-such-realm/clients")
    assert refusal.value.status == 404
