"""The demo people: accounts in Keycloak, then what they do through the REST API, as themselves. Can be run again."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable
from typing import Any

from stack import keycloak_access
from stack.installation import Installation
from stack.keycloak_admin import KeycloakAdmin
from stack.signing_in import access_token
from stack.trouble import Trouble

PEOPLE = {"alice": ("Alice", "Sharma"), "bob": ("Bob", "Verma"), "charlie": ("Charlie", "Dias")}
FRIENDS = (("alice", "bob"), ("bob", "charlie"))
FOLLOWS = (("alice", "charlie"),)
POSTS = (
    ("charlie", {"caption": "Monsoon over the Western Ghats this morning. #rain", "language": "en"}),
    ("alice", {"caption": "नमस्ते! यह मेरी पहली पोस्ट है।", "language": "hi"}),
    ("bob", {"caption": "For friends only: tea at five, as always.", "language": "en", "visibility": "friends"}),
)
SECONDS = 30.0


def make(installation: Installation, say: Callable[[str], None]) -> None:
    """Make what is missing of the demo people, their friendships and posts; Trouble when a part of Meton refuses."""
    say("making the demo people's accounts")
    for name, full_name in PEOPLE.items():
        make_account(installation, name, full_name)
    say("letting them sign in")
    people = {name: _Person(installation, name) for name in PEOPLE}
    for person in people.values():
        person.call("GET", "/v1/me")
    say("letting them meet and write")
    for one, other in FRIENDS:
        people[one].call("POST", "/v1/friend-requests", {"connect_id": f"{other}@meton"})
        people[other].call("POST", "/v1/friend-requests", {"connect_id": f"{one}@meton"})
    for one, other in FOLLOWS:
        people[one].call("PUT", f"/v1/profiles/{other}@meton/follow")
    for author, post in POSTS:
        people[author].post_once(post)
    (installation.state / "demo-made").touch(mode=0o600)


def is_made(installation: Installation) -> bool:
    """Whether `make` came to its end here."""
    return (installation.state / "demo-made").exists()


def make_account(installation: Installation, name: str, full_name: tuple[str, str]) -> None:
    """An account in Keycloak with the password in secret `demo_{name}`, unless there is one of that name."""
    account = {
        "username": name,
        "firstName": full_name[0],
        "lastName": full_name[1],
        "email": f"{name}@demo.invalid",
        "emailVerified": True,
        "enabled": True,
        "credentials": [{"type": "password", "value": installation.secret(f"demo_{name}"), "temporary": False}],
    }
    with KeycloakAdmin(installation) as admin:
        keycloak_access.sign_in(admin, installation)
        if not admin.get("meton/users", username=name, exact="true"):
            admin.post("meton/users", account)


class _Person:
    """One person at the API."""

    def __init__(self, installation: Installation, name: str) -> None:
        self.api = f"{installation.url('gateway')}/api"
        self.name = name
        self.token = access_token(installation, name, installation.secret(f"demo_{name}"))

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """One request; Trouble when it is refused."""
        headers = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": str(uuid.uuid4())}
        content = None if body is None else json.dumps(body).encode()
        if content is not None:
            headers["Content-Type"] = "application/json"
        request = urllib.request.Request(self.api + path, content, headers, method=method)  # noqa: S310 (our own gateway)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=SECONDS) as answer:
                text = answer.read()
        except (urllib.error.HTTPError, OSError) as error:
            reason = error.read(300).decode(errors="replace") if isinstance(error, urllib.error.HTTPError) else ""
            raise Trouble(
                f"{self.name} could not {method} {path}: {error} {reason}", "./meton doctor, then ./meton demo"
            ) from error
        return json.loads(text) if text else None

    def post_once(self, post: dict[str, Any]) -> None:
        """Write a post, unless the feed has it as one's own already."""
        mine = [item["post"] for item in self.call("GET", "/v1/feed")["items"]]
        if not any(each["caption"] == post["caption"] for each in mine):
            self.call("POST", "/v1/posts", post)
