"""The gateway: nginx before everything else, the only part that people reach. `gateway/nginx.conf` says what passes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from stack import probes, programs
from stack.components.component import Component
from stack.installation import Installation

_PLACEHOLDER = re.compile(r"\$\{(METON_[A-Z0-9_]+)\}")


def render(template: str, values: Mapping[str, str]) -> str:
    """Fill in ${METON_…}, as envsubst does in containers; nginx's own $variables stay. KeyError for an unknown name."""
    return _PLACEHOLDER.sub(lambda found: values[found[1]], template)


def values(installation: Installation) -> dict[str, str]:
    """What the placeholders of the template stand for here; the template explains each."""
    public = urlsplit(installation.public_url)
    host = public.hostname or "localhost"
    port = public.port or (443 if public.scheme == "https" else 80)
    hosts = dict.fromkeys((host, "localhost", "127.0.0.1", installation.listen))
    return {
        "METON_GATEWAY_FILES": str(installation.root / "gateway"),
        "METON_GATEWAY_STATE": str(installation.folder("gateway")),
        "METON_GATEWAY_LISTEN": f"{installation.listen}:{installation.port('gateway')}",
        "METON_GATEWAY_HOSTS": " ".join(hosts),
        "METON_PUBLIC_URL": installation.public_url,
        "METON_MATRIX_SERVER": f"{host}:{port}",
        **{
            f"METON_{name.upper()}": f"127.0.0.1:{installation.port(name)}"
            for name in ("social_api", "keycloak", "synapse", "s3")
        },
    }


def files(installation: Installation) -> Mapping[str, str]:
    """The template, filled in."""
    template = (installation.root / "gateway/nginx.conf").read_text(encoding="utf-8")
    return {"nginx.conf": render(template, values(installation))}


def environment(installation: Installation) -> Mapping[str, str]:
    """What media.js reads: where the key of links is, and as whom it asks the store."""
    return {
        "METON_MEDIA_SIGNING_KEY_FILE": str(installation.secret_file("media_signing_key")),
        "METON_S3_ACCESS_KEY": "meton-edge",
        "METON_S3_SECRET_KEY_FILE": str(installation.secret_file("s3_edge")),
        "METON_S3_HOST": f"127.0.0.1:{installation.port('s3')}",
    }


def command(installation: Installation) -> list[str]:
    """In the foreground, with nothing written outside of its folder."""
    folder = installation.folder("gateway")
    return [str(programs.NGINX), "-e", "stderr", "-p", f"{folder}/", "-c", "nginx.conf"]


COMPONENT = Component(
    name="gateway",
    ports=("gateway",),
    files=files,
    environment=environment,
    command=command,
    code=("gateway",),
    # what it answers by itself: it is ready before, and without, what stands behind it
    ready=lambda installation: probes.http_ok(f"{installation.url('gateway')}/.well-known/matrix/client"),
    stop_signal="QUIT",
)
