"""A real nginx with the project's own configuration for each test; behind it an echo and the real S3."""

from __future__ import annotations

import asyncio
import base64
import hmac
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

import pytest
from aiohttp import ClientSession, WSMsgType, web
from aiohttp.test_utils import TestServer
from uuid_utils.compat import uuid7

from stack import programs
from stack.components import gateway as component
from stack.installation import Installation
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

HOST = "localhost"


class Answer(NamedTuple):
    """What came back on a connection, undoctored by an HTTP library; status 0: the connection was just closed."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def all(self, name: str) -> list[str]:
        """Every value of a header."""
        return [value for key, value in self.headers if key.lower() == name.lower()]


@dataclass
class Gateway:
    """nginx at work. `port` is its only one; `log` has its access log."""

    port: int
    log: Path
    http: ClientSession = field(repr=False)

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://{HOST}:{self.port}"

    async def raw(self, target: str, *lines: str, method: str = "GET", host: str | None = HOST) -> Answer:
        """Send exactly this target and these header lines."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            head = [f"{method} {target} HTTP/1.1", *([f"Host: {host}"] if host else []), "Connection: close", *lines]
            writer.write("\r\n".join([*head, "", ""]).encode())
            async with asyncio.timeout(20):
                return await _answer(reader, bodiless=method == "HEAD")
        finally:
            writer.close()
            await writer.wait_closed()


async def _answer(reader: asyncio.StreamReader, *, bodiless: bool) -> Answer:
    try:
        start = (await reader.readuntil(b"\r\n\r\n")).decode()
    except asyncio.IncompleteReadError:
        return Answer(0, [], b"")
    status, *headers = start.rstrip().split("\r\n")
    named = [(name, value.strip()) for name, _, value in (line.partition(":") for line in headers)]
    length = next((int(value) for name, value in named if name.lower() == "content-length"), None)
    body = b"" if bodiless else await (reader.read() if length is None else reader.readexactly(length))
    return Answer(int(status.split()[1]), named, body)


async def echo(request: web.Request) -> web.StreamResponse:
    """Says what arrived. `?wait=SECONDS` lets it think first; a socket is echoed; CORS as Synapse has it."""
    if request.headers.get("Upgrade") == "websocket":
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await socket.send_str(f"{request.headers['X-Forwarded-For']} said {message.data}")
        return socket
    await asyncio.sleep(float(request.query.get("wait", 0)))  # a long poll is the client's wish
    received = 0
    async for chunk in request.content.iter_any():
        received += len(chunk)
    said = {
        "target": request.raw_path,
        "method": request.method,
        "received": received,
        "headers": {name.title(): value for name, value in request.headers.items()},
    }
    cors = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "X-Requested-With, Content-Type"}
    return web.json_response(said, headers=cors if request.path.startswith("/_matrix") else {})


@pytest.fixture
async def behind() -> AsyncIterator[TestServer]:
    """Stands for social_api, Keycloak and Synapse."""
    app = web.Application(client_max_size=1 << 30)
    app.router.add_route("*", "/{path:.*}", echo)
    async with TestServer(app) as server:
        yield server


@dataclass
class Nginx:
    """Starts gateways for one test; `values` and `environment` are the component's, but for what a test changes."""

    folder: Path
    values: dict[str, str]
    environment: dict[str, str]

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Gateway]:
        """nginx until the end of the block."""
        template = Path(__file__).parents[2].joinpath("gateway/nginx.conf").read_text(encoding="utf-8")
        log = self.folder / "access.log"
        configuration = self.folder / "nginx.conf"
        configuration.write_text(
            component.render(template, self.values).replace("/dev/stdout", str(log)), encoding="utf-8"
        )
        process = await asyncio.create_subprocess_exec(
            *(programs.NGINX, "-e", "stderr", "-p", f"{self.folder}/", "-c", configuration.name),
            env={"PATH": os.environ["PATH"], **self.environment},
        )
        async with ClientSession() as http:
            gateway = Gateway(int(self.values["METON_GATEWAY_LISTEN"].rpartition(":")[2]), log, http)

            async def answers() -> bool:
                assert process.returncode is None, "nginx did not start"
                try:
                    return (await gateway.raw("/")).status == 200
                except ConnectionError:
                    return False

            try:
                await eventually(answers, 10)
                yield gateway
            finally:
                if process.returncode is None:
                    process.terminate()
                await process.wait()


@pytest.fixture
def nginx(installation: Installation, tmp_path: Path, unused_tcp_port: int, behind: TestServer) -> Nginx:
    """The component's own values, on a free port and with the echo behind it; the S3 is the installation's."""
    values = component.values(installation) | {
        "METON_GATEWAY_STATE": str(tmp_path),
        "METON_GATEWAY_LISTEN": f"127.0.0.1:{unused_tcp_port}",
        "METON_PUBLIC_URL": f"http://{HOST}:{unused_tcp_port}",
        "METON_MATRIX_SERVER": f"{HOST}:{unused_tcp_port}",
        **dict.fromkeys(("METON_SOCIAL_API", "METON_KEYCLOAK", "METON_SYNAPSE"), f"127.0.0.1:{behind.port}"),
    }
    return Nginx(tmp_path, values, dict(component.environment(installation)))


@pytest.fixture
async def gateway(nginx: Nginx) -> AsyncIterator[Gateway]:
    """A gateway at work."""
    async with nginx.running() as running:
        yield running


@dataclass
class Links:
    """Artifacts in the bucket, and links to them as social_api signs them."""

    s3: S3Client
    key: bytes

    def store(self, name: str, body: bytes, content_type: str = "application/octet-stream") -> UUID:
        """Put one artifact of a new media item."""
        media_id = uuid7()
        self.s3.put_object(Bucket="media", Key=f"{media_id}/{name}", Body=body, ContentType=content_type)
        return media_id

    def signature(self, media_id: UUID, expiry: int) -> str:
        """What stands for leave to see `media_id` until `expiry`."""
        digest = hmac.digest(self.key, f"v1\n{expiry}\n{media_id}".encode(), "sha256")
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    def folder(self, media_id: UUID, expires_in: int = 600) -> str:
        """The path of a media item, signed."""
        expiry = int(time.time()) + expires_in
        return f"/media/{expiry}.{self.signature(media_id, expiry)}/{media_id}"


@pytest.fixture
def links(s3: S3Client, installation: Installation) -> Links:
    """Signs with the installation's key."""
    return Links(s3, installation.secret("media_signing_key").encode())
