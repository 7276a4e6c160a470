"""Is it up? Each probe returns None when it is, and a few words when it is not."""

from __future__ import annotations

import json
import socket
import urllib.error
import urllib.request

PROBE_SECONDS = 5.0
# a proxy of the environment has no business with loopback
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def port_answers(port: int) -> str | None:
    """Something accepts connections on this loopback port."""
    try:
        socket.create_connection(("127.0.0.1", port), PROBE_SECONDS).close()
    except OSError:
        return f"no answer on port {port}"
    return None


def http_ok(url: str, *, accept: tuple[int, ...] = (200,)) -> str | None:
    """A GET of `url` answers with an accepted status; else the reason a health document gives, or the status."""
    try:
        with _OPENER.open(url, timeout=PROBE_SECONDS) as answer:
            status, body = answer.status, b""
    except urllib.error.HTTPError as error:
        status, body = error.code, error.read(10_000)
    except (OSError, TimeoutError):
        return f"no answer from {url}"
    return None if status in accept else reason(body) or f"{url} answers {status}"


def reason(body: bytes) -> str | None:
    """What a service's /health document names as `wrong`: a list, or what by its name."""
    try:
        document = json.loads(body)
    except ValueError:
        return None
    wrong = document.get("wrong") if isinstance(document, dict) else None
    if isinstance(wrong, dict):
        return ", ".join(f"{name}: {what}" for name, what in wrong.items()) or None
    return (", ".join(str(what) for what in wrong) or None) if isinstance(wrong, list) else None
