"""Brings Keycloak in line with keycloak-realm/: the first start makes the realm, every later one changes what differs.

What the files name, they rule. The rest (people, a mail server, identity providers …) is the console's, and stays.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from stack import keycloak_access
from stack.installation import Installation
from stack.keycloak_admin import KeycloakAdmin, RefusedError
from stack.trouble import Trouble

REALM = "meton"
# where a client's scopes are changed: a PUT of the client passes over them
SCOPES = {"defaultClientScopes": "default-client-scopes", "optionalClientScopes": "optional-client-scopes"}
PROFILE_COMPONENT = "org.keycloak.userprofile.UserProfileProvider"
# ours only: ${username} and the like are names of Keycloak's texts
PLACEHOLDER = re.compile(r"\$\{(METON_[A-Z_]+)\}")

Document = dict[str, Any]
Roles = Mapping[Any, Document]


def bring_in_line(installation: Installation) -> None:
    """The step after Keycloak's start; says what it changed, raises Trouble when Keycloak does not let it in."""
    wanted = load(installation.root / "keycloak-realm", values(installation))
    try:
        with KeycloakAdmin(installation) as admin:
            keycloak_access.sign_in(admin, installation)
            changes = reconcile(admin, wanted)
    except (RefusedError, OSError) as error:
        raise Trouble(
            f"Keycloak could not be brought in line with keycloak-realm/: {error}",
            "If one of its files was changed, mend that; then run `./meton up` again.",
        ) from error
    for change in changes:
        print(f"realm {REALM}: {change}", flush=True)


# --- the files


def values(installation: Installation) -> dict[str, str]:
    """What the placeholders of the realm file stand for in this installation."""
    return {
        "METON_PUBLIC_URL": installation.public_url,
        "METON_SYNAPSE_URL": installation.url("synapse"),
        "METON_SYNAPSE_CLIENT_SECRET": installation.secret("keycloak_synapse"),
        "METON_API_CLIENT_SECRET": installation.secret("keycloak_api"),
        "METON_BACKEND_CLIENT_SECRET": installation.secret("keycloak_backend"),
    }


def load(folder: Path, given: Mapping[str, str]) -> Document:
    """The realm as Keycloak imports it; Trouble when a placeholder has no value.

    Keycloak itself would leave such a placeholder as it stands, and a client's secret would be a well-known string.
    """
    text = (folder / "meton-realm.json").read_text(encoding="utf-8")
    unset = sorted({name for name in PLACEHOLDER.findall(text) if not given.get(name)})
    if unset:
        raise Trouble(f"keycloak-realm/meton-realm.json names {', '.join(unset)}, which have no value here.")
    filled = PLACEHOLDER.sub(lambda match: json.dumps(given[match[1]])[1:-1], text)
    realm: Document = json.loads(filled)
    profile = json.loads((folder / "user-profile.json").read_text(encoding="utf-8"))
    # Keycloak wants this one document as a string within the other
    config = {"kc.user.profile.config": [json.dumps(profile)]}
    realm["components"] = {PROFILE_COMPONENT: [{"providerId": "declarative-user-profile", "config": config}]}
    return realm


# --- the realm


def reconcile(admin: KeycloakAdmin, wanted: Document) -> list[str]:
    """Change what differs from `wanted`, and return it in words. People are never touched. Raises RefusedError."""
    changes: list[str] = []
    if admin.find(REALM) is None:
        admin.post("", wanted)
        changes.append("made")
    changes += _settings(admin, wanted)
    changes += _profile(admin, wanted)
    changes += _roles(admin, wanted)
    for client in wanted["clients"]:
        changes += _client(admin, client)
    for account in wanted["users"]:
        changes += _service_account(admin, account)
    return changes


def _settings(admin: KeycloakAdmin, wanted: Document) -> list[str]:
    apart = {"clients", "users", "roles", "components", "defaultRole"}
    settings = {key: value for key, value in wanted.items() if key not in apart}
    present = admin.get(REALM)
    changed = list(differences(settings, present))
    if changed:
        # attributes come as a whole: those left out are removed
        attributes = {**present["attributes"], **settings.get("attributes", {})}
        admin.put(REALM, {**settings, "attributes": attributes})
    return changed


def _profile(admin: KeycloakAdmin, wanted: Document) -> list[str]:
    """The user profile is one document: what the file does not name goes, so differences count both ways."""
    profile = json.loads(wanted["components"][PROFILE_COMPONENT][0]["config"]["kc.user.profile.config"][0])
    present = admin.get(f"{REALM}/users/profile")
    changed = {*differences(profile, present, "user profile"), *differences(present, profile, "user profile")}
    if changed:
        admin.put(f"{REALM}/users/profile", profile)
    return sorted(changed)


def _roles(admin: KeycloakAdmin, wanted: Document) -> list[str]:
    changes = []
    present = {role["name"]: role for role in admin.get(f"{REALM}/roles", briefRepresentation="false")}
    for role in wanted["roles"]["realm"]:
        plain = {key: role[key] for key in ("name", "description") if key in role}
        if role["name"] not in present:
            admin.post(f"{REALM}/roles", plain)
            changes.append(f"role {role['name']}: made")
        elif any(differences(plain, present[role["name"]])):
            admin.put(f"{REALM}/roles/{role['name']}", plain)
            changes.append(f"role {role['name']}: description")
        if "composites" in role:
            changes += _composites(admin, role)
    return changes


def _composites(admin: KeycloakAdmin, role: Document) -> list[str]:
    """The roles a role stands for, exactly: Keycloak itself adds some to the default role that nobody here needs."""
    path = f"{REALM}/roles/{role['name']}/composites"
    present = {(part["clientRole"], part["containerId"], part["name"]): part for part in admin.get(path)}
    wanted = {}
    for name in role["composites"].get("realm", []):
        part = admin.get(f"{REALM}/roles/{name}")
        wanted[False, part["containerId"], name] = part
    for client_id, names in role["composites"].get("client", {}).items():
        for part in _client_roles(admin, client_id, names):
            wanted[True, part["containerId"], part["name"]] = part
    return _exchange(admin, path, f"role {role['name']}", present, wanted)


def _client(admin: KeycloakAdmin, wanted: Document) -> list[str]:
    name = wanted["clientId"]
    present = admin.find_client(REALM, name)
    if present is None:
        admin.post(f"{REALM}/clients", wanted)
        return [f"client {name}: made"]
    plain = {key: value for key, value in wanted.items() if key not in SCOPES}
    changes = list(differences(plain, present, f"client {name}"))
    if changes:
        admin.put(f"{REALM}/clients/{present['id']}", plain)
    for kind in SCOPES:
        changes += _scopes(admin, wanted, present, kind)
    return changes


def _scopes(admin: KeycloakAdmin, wanted: Document, present: Document, kind: str) -> list[str]:
    surplus, missing = set(present[kind]) - set(wanted[kind]), set(wanted[kind]) - set(present[kind])
    if not surplus and not missing:
        return []
    ids = {scope["name"]: scope["id"] for scope in admin.get(f"{REALM}/client-scopes")}
    path = f"{REALM}/clients/{present['id']}/{SCOPES[kind]}"
    for name in surplus:
        admin.delete(f"{path}/{ids[name]}")
    for name in missing:
        admin.put(f"{path}/{ids[name]}")
    return [f"client {wanted['clientId']}: {kind}"]


def _service_account(admin: KeycloakAdmin, wanted: Document) -> list[str]:
    """The roles of a client's own account, exactly."""
    name = wanted["serviceAccountClientId"]
    account = admin.get(f"{REALM}/clients/{admin.client_id(REALM, name)}/service-account-user")
    changes = []
    for client_id, names in wanted["clientRoles"].items():
        roles = {role["name"]: role for role in _client_roles(admin, client_id, names)}
        owner = admin.client_id(REALM, client_id)
        path = f"{REALM}/users/{account['id']}/role-mappings/clients/{owner}"
        present = {role["name"]: role for role in admin.get(path)}
        changes += _exchange(admin, path, f"service account of {name}", present, roles)
    return changes


def _client_roles(admin: KeycloakAdmin, client_id: str, names: list[str]) -> list[Document]:
    owner = admin.client_id(REALM, client_id)
    return [admin.get(f"{REALM}/clients/{owner}/roles/{name}") for name in names]


def _exchange(admin: KeycloakAdmin, path: str, title: str, present: Roles, wanted: Roles) -> list[str]:
    """Post to and delete from a collection of roles until it holds exactly the wanted ones."""
    missing = [wanted[key] for key in wanted.keys() - present.keys()]
    surplus = [present[key] for key in present.keys() - wanted.keys()]
    if missing:
        admin.post(path, missing)
    if surplus:
        admin.delete(path, surplus)
    gains, losses = ([role["name"] for role in roles] for roles in (missing, surplus))
    return [f"{title}: gains {name}" for name in gains] + [f"{title}: loses {name}" for name in losses]


# --- what differs


def differences(wanted: Any, present: Any, path: str = "") -> Iterator[str]:
    """The paths at which `present` lacks what `wanted` names; what only `present` has is no difference.

    Lists of plain values are sets to Keycloak, named things are known by their names. No value is in the answer.
    """
    if isinstance(wanted, dict):
        held = present if isinstance(present, dict) else {}
        for key, value in wanted.items():
            yield from differences(value, held.get(key), f"{path}: {key}" if path else key)
    elif isinstance(wanted, list) and wanted and isinstance(wanted[0], dict):
        named = {item["name"]: item for item in present or []}
        if named.keys() != {item["name"] for item in wanted}:
            yield path
        else:
            for item in wanted:
                yield from differences(item, named[item["name"]], f"{path}: {item['name']}")
    elif isinstance(wanted, list):
        if {_plain(item) for item in wanted} != {_plain(item) for item in present or []}:
            yield path
    elif _plain(wanted) != _plain(present):
        yield path


def _plain(value: Any) -> str:
    """Keycloak gives back true as "true" and 5 as "5" in places."""
    return "" if value is None else json.dumps(value) if isinstance(value, bool) else str(value)
