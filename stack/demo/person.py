"""One of the demo people at the API: every act looks first whether it was done before."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from stack.installation import Installation
from stack.signing_in import access_token
from stack.trouble import Trouble

SECONDS = 30.0
READY_SECONDS = 60.0
POLL_SECONDS = 0.2
STATES = ("draft", "scheduled", "processing")


class Person:
    """Signed in; each method raises Trouble when a part of Meton refuses."""

    def __init__(self, installation: Installation, name: str) -> None:
        self.name = name
        self.handle = f"{name}@meton"
        self._api = f"{installation.url('gateway')}/api"
        self._gateway, self._public_url = installation.url("gateway"), installation.public_url
        self._token = access_token(installation, name, installation.secret(f"demo_{name}"))
        self._written: dict[str, str] | None = None

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """One request."""
        headers = {"Authorization": f"Bearer {self._token}", "Idempotency-Key": str(uuid.uuid4())}
        content = None if body is None else json.dumps(body).encode()
        if content is not None:
            headers["Content-Type"] = "application/json"
        text = self._send(method, f"{self._api}{path}", content, headers)
        return json.loads(text) if text else None

    def listed(self, path: str) -> Iterator[dict[str, Any]]:
        """All items of a list."""
        more = "&" if "?" in path else "?"
        cursor = ""
        while True:
            page = self.call("GET", f"{path}{more}limit=100{cursor}")
            yield from page["items"]
            if page["next"] is None:
                return
            cursor = f"&cursor={quote(page['next'])}"

    def written(self) -> dict[str, str]:
        """The posts of one's own, also those that wait: ids by caption."""
        if self._written is None:
            mine = [f"/v1/profiles/{self.handle}/posts", *(f"/v1/posts?state={state}" for state in STATES)]
            self._written = {post["caption"]: post["id"] for path in mine for post in self.listed(path)}
        return self._written

    def post(self, body: Mapping[str, Any]) -> None:
        """Write a post."""
        self.written()[body["caption"]] = self.call("POST", "/v1/posts", body)["id"]

    def comment(self, post: str, text: str, parent: str | None = None) -> str:
        """The id of one's comment with this text, which is made unless it is there."""
        path = f"/v1/comments/{parent}/replies" if parent else f"/v1/posts/{post}/comments"
        for comment in self.listed(path):
            if comment["text"] == text and comment["author"]["connect_id"] == self.handle:
                return str(comment["id"])
        made = self.call("POST", f"/v1/posts/{post}/comments", {"text": text, "parent_comment_id": parent})
        return str(made["id"])

    def upload(self, content: bytes, mime_type: str, alt_text: str) -> str:
        """The id of a file, which is there but perhaps not ready."""
        about = {"kind": mime_type.partition("/")[0], "mime_type": mime_type, "byte_size": len(content)}
        ticket = self.call("POST", "/v1/media", {**about, "alt_text": alt_text})
        boundary = uuid.uuid4().hex
        form = ticket["upload"]
        fields = "".join(
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in form["fields"].items()
        )
        file = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="file"\r\n\r\n'
        body = fields.encode() + file.encode() + content + f"\r\n--{boundary}--\r\n".encode()
        # signed for the public address; it may be one that this machine cannot reach
        url = form["url"].replace(self._public_url, self._gateway, 1)
        headers = {
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            "Host": self._public_url.partition("//")[2],
        }
        self._send("POST", url, body, headers)
        self.call("POST", f"/v1/media/{ticket['id']}/complete")
        return str(ticket["id"])

    def await_ready(self, media_id: str) -> None:
        """Return when a file of one's own can be shown."""
        deadline = time.monotonic() + READY_SECONDS
        while (media := self.call("GET", f"/v1/media/{media_id}"))["state"] != "done":
            if media["state"] == "failed" or time.monotonic() > deadline:
                reason = media["failure"] or f"not ready after {READY_SECONDS:.0f} s"
                raise Trouble(f"{self.name}'s picture: {reason}", "./meton logs media_worker, then ./meton demo")
            time.sleep(POLL_SECONDS)

    def _send(self, method: str, url: str, content: bytes | None, headers: dict[str, str]) -> bytes:
        request = urllib.request.Request(url, content, headers, method=method)  # noqa: S310 (our own gateway)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=SECONDS) as answer:
                return bytes(answer.read())
        except (urllib.error.HTTPError, OSError) as error:
            reason = error.read(300).decode(errors="replace") if isinstance(error, urllib.error.HTTPError) else ""
            path = url.removeprefix(self._api)
            raise Trouble(
                f"{self.name} could not {method} {path}: {error} {reason}", "./meton doctor, then ./meton demo"
            ) from error
