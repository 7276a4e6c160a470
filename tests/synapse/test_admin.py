"""The one server admin: made once, replaced when its token is dead, never joined by another."""

from __future__ import annotations

import dataclasses
import json
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from stack import synapse_admin
from stack.installation import Installation
from stack.trouble import Trouble


def whoami(installation: Installation, token: str) -> tuple[int, dict[str, Any]]:
    """Whose token this is, as Synapse says."""
    connection = HTTPConnection("127.0.0.1", installation.port("synapse"), timeout=30)
    connection.request("GET", "/_matrix/client/v3/account/whoami", headers={"Authorization": f"Bearer {token}"})
    answer = connection.getresponse()
    said = json.loads(answer.read())
    connection.close()
    return answer.status, said


def test_the_token_is_a_boot_accounts_and_stays(installation: Installation) -> None:
    token = installation.secret("synapse_admin_token")
    synapse_admin.make_sure(installation)
    assert installation.secret("synapse_admin_token") == token
    status, said = whoami(installation, token)
    assert status == 200
    assert said["user_id"].startswith("@boot-")
    assert said["user_id"].endswith(f":{installation.server_name}")


def test_an_admin_whose_token_was_lost_is_shut_out(installation: Installation) -> None:
    token = installation.secret("synapse_admin_token")
    lost = synapse_admin.register(installation)
    assert synapse_admin.is_alive(installation, lost["access_token"])
    synapse_admin.retire_others(installation, token, whoami(installation, token)[1]["user_id"])
    assert not synapse_admin.is_alive(installation, lost["access_token"])
    assert whoami(installation, lost["access_token"])[0] == 401
    assert synapse_admin.is_alive(installation, token)


def test_a_dead_token_is_noticed(installation: Installation) -> None:
    assert not synapse_admin.is_alive(installation, "made-up")
    assert not synapse_admin.is_alive(installation, installation.secret("actor_as_token"))


def test_a_wrong_registration_secret_is_told(installation: Installation, tmp_path: Path) -> None:
    with pytest.raises(Trouble, match="did not make its admin account"):
        synapse_admin.register(dataclasses.replace(installation, state=tmp_path))


def test_a_synapse_that_is_away_is_told(installation: Installation) -> None:
    nowhere = dataclasses.replace(installation, port_base=1)
    with pytest.raises(Trouble, match="does not answer"):
        synapse_admin.register(nowhere)
