"""Who may use a port that only this machine reaches: not everybody on this machine."""

from __future__ import annotations

import socket
import ssl
from http.client import HTTPConnection

import pytest

from stack.installation import Installation

GRPC = ("weed_master_grpc", "weed_volume_grpc", "weed_filer_grpc", "s3_grpc")
HTTP2 = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\x00\x00\x00\x04\x00\x00\x00\x00\x00"
SETTINGS = b"\x04"  # the kind of the first frame of a server that agrees


def connected(installation: Installation, port: str) -> socket.socket:
    return socket.create_connection(("127.0.0.1", installation.port(port)), timeout=10)


@pytest.mark.parametrize("port", GRPC)
def test_grpc_is_for_holders_of_the_certificate(installation: Installation, port: str) -> None:
    stranger = ssl.create_default_context()
    stranger.check_hostname, stranger.verify_mode = False, ssl.CERT_NONE
    stranger.set_alpn_protocols(["h2"])
    refused = pytest.raises(ssl.SSLError, match="certificate required")
    with connected(installation, port) as line, stranger.wrap_socket(line) as talk, refused:
        talk.recv(1)


@pytest.mark.parametrize("port", GRPC)
def test_grpc_is_not_spoken_in_clear(installation: Installation, port: str) -> None:
    with connected(installation, port) as line:
        line.sendall(HTTP2)
        assert line.recv(5)[3:4] != SETTINGS


@pytest.mark.parametrize(
    ("port", "path"),
    [
        ("weed_master", "/dir/assign"),
        ("weed_master", "/submit"),
        ("weed_master", "/col/delete?collection=nothing"),
        ("weed_filer", "/buckets/uploads/"),
        ("weed_volume", "/1,01637037d6"),
        ("s3", "/uploads"),
    ],
)
def test_files_are_not_had_or_lost_without_leave(installation: Installation, port: str, path: str) -> None:
    line = HTTPConnection("127.0.0.1", installation.port(port), timeout=10)
    line.request("GET", path)
    assert line.getresponse().status in (401, 403, 404)
    line.close()
