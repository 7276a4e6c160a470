"""Taken ports are named, with who holds them."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator

import pytest

from stack.components import valkey
from stack.holders import free_ports_or_trouble, holder, is_free
from stack.installation import Installation
from stack.trouble import Trouble


@pytest.fixture
def taken(own: Installation) -> Iterator[int]:
    """The port of valkey, held by this process."""
    with socket.create_server(("127.0.0.1", own.port("valkey"))) as server:
        yield server.getsockname()[1]


def test_a_taken_port_is_named_with_its_holder(own: Installation, taken: int) -> None:
    with pytest.raises(Trouble) as told:
        free_ports_or_trouble(own, [valkey.COMPONENT])
    assert f"Port {taken} (valkey) is held by" in told.value.sentence
    assert f"process {os.getpid()}" in told.value.sentence
    assert "--port-base" in told.value.advice


def test_free_ports_are_no_trouble(own: Installation) -> None:
    free_ports_or_trouble(own, [valkey.COMPONENT])


def test_a_port_is_free_again_once_let_go(own: Installation) -> None:
    with socket.create_server(("127.0.0.1", own.port("s3"))):
        assert not is_free(own.port("s3"))
    assert is_free(own.port("s3"))


def test_a_holder_of_another_user_is_called_that(own: Installation) -> None:
    assert holder(own.port("s3")) == "a process of another user"
