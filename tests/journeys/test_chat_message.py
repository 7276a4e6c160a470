"""Journey 3: an encrypted message between two independent clients, and what the server may know of it."""

from __future__ import annotations

import os
import secrets
import subprocess
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from stack import programs
from stack.components import postgres
from stack.installation import Installation
from tests.support.api import live
from tests.support.friends import befriend
from tests.support.matrix_js import js_client
from tests.support.matrix_nio import nio_client
from tests.support.people import Person, SignUp
from tests.support.waiting import eventually

pytestmark = pytest.mark.journey


async def _conversation(person: Person, room_id: str) -> dict[str, Any]:
    async def found() -> dict[str, Any] | None:
        page = await person.api.get("/v1/conversations")
        return next((item for item in page["items"] if item["room_id"] == room_id), None)

    return await eventually(found)


def _message_rows(installation: Installation, room_id: str) -> list[tuple[Any, ...]]:
    with closing(postgres.connect(installation, "meton_owner", "meton")) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT m.payload_pointer, u.connect_id, m.mime_type, m.msg_type FROM messages m "
            "JOIN users u ON u.id = m.sender_id JOIN matrix_rooms r USING (conversation_id) "
            "WHERE r.room_id = %s ORDER BY m.created_at",
            (room_id,),
        )
        return list(cursor.fetchall())


def _dump(installation: Installation, database: str) -> bytes:
    """Everything in one database, as a backup would have it."""
    passwords = installation.folder("test") / "pgpass"
    passwords.write_text(f"127.0.0.1:*:*:postgres:{installation.secret('postgres_superuser')}\n", encoding="utf-8")
    passwords.chmod(0o600)
    port = str(installation.port("postgres"))
    done = subprocess.run(
        [programs.postgres("pg_dump"), "-h", "127.0.0.1", "-p", port, "-U", "postgres", "-d", database],
        env={"PGPASSFILE": str(passwords), "LC_ALL": "C"},
        capture_output=True,
        check=True,
    )
    return done.stdout


def _files_with(folder: Path, needle: bytes) -> list[Path]:
    """Every file below `folder` (tables, logs, queues, objects) that holds the bytes; one that goes meanwhile, as the
    databases of other tests do, holds nothing.
    """
    found = []
    for parent, _, names in os.walk(folder):
        for path in (Path(parent, name) for name in names):
            with suppress(FileNotFoundError):
                if path.is_file() and needle in path.read_bytes():
                    found.append(path)
    return found


async def test_two_clients_exchange_encrypted_messages_and_the_server_keeps_metadata_only(
    installation: Installation, sign_up: SignUp, tmp_path: Path
) -> None:
    alice, bob = await sign_up("alice"), await sign_up("bob")
    hello, answer = (f"sentinel-{secrets.token_hex(12)}" for _ in range(2))
    alice_login, bob_login = await alice.matrix("Element"), await bob.matrix("nio")
    async with (
        js_client(alice_login) as element,
        nio_client(bob_login, tmp_path) as nio,
        live(bob.api) as bob_live,
    ):
        room_id = (await element.call("create_encrypted_room", invite=[bob_login.user_id]))["room_id"]
        await nio.invited(room_id)
        await nio.join(room_id)
        await element.call("await_members", room_id=room_id, members=[bob_login.user_id])
        first = (await element.call("send", room_id=room_id, body=hello))["event_id"]
        assert (await nio.received(hello)).decrypted
        second = await nio.send(room_id, answer)
        assert (await element.received(answer))["encrypted"]

        event = await bob_live.event("message.received")
        assert event["payload"]["room_id"] == room_id
        assert event["payload"]["event_id"] == first
        assert "body" not in event["payload"]

    conversation = await _conversation(bob, room_id)
    assert (conversation["encrypted"], conversation["participant_count"]) == (True, 2)

    async def both_written() -> bool:
        return len(_message_rows(installation, room_id)) == 2

    await eventually(both_written)
    # what cannot be read is not guessed: no type of the message, no type of a file
    assert _message_rows(installation, room_id) == [
        (first, alice.connect_id, None, None),
        (second, bob.connect_id, None, None),
    ]
    for sentinel in (hello.encode(), answer.encode()):
        for database in ("meton", "synapse", "keycloak"):
            assert sentinel not in _dump(installation, database)
        assert _files_with(installation.state, sentinel) == []


async def test_accepting_a_friend_makes_one_encrypted_room_that_both_clients_show_as_a_direct_chat(
    sign_up: SignUp, tmp_path: Path
) -> None:
    alice, bob = await sign_up("alice"), await sign_up("bob")
    await befriend(alice.api, bob.api, bob.connect_id)

    async def direct() -> dict[str, Any] | None:
        page = await alice.api.get("/v1/conversations")
        return next((item for item in page["items"] if item["type"] == "dm"), None)

    conversation = await eventually(direct)
    room_id = conversation["room_id"]
    assert conversation["encrypted"]
    text = f"sentinel-{secrets.token_hex(12)}"
    alice_login, bob_login = await alice.matrix("Element"), await bob.matrix("nio")
    async with js_client(alice_login) as element, nio_client(bob_login, tmp_path) as nio:
        assert (await element.call("joined_rooms"))["joined_rooms"] == [room_id]
        assert await element.call("account_data", type="m.direct") == {bob_login.user_id: [room_id]}
        await element.call("await_members", room_id=room_id, members=[bob_login.user_id])
        await element.call("send", room_id=room_id, body=text)
        assert (await nio.received(text)).decrypted
