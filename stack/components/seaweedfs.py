"""SeaweedFS: the S3 storage. Buckets `uploads` (what people send) and `media` (what we make of it)."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from stack import certificates, probes, programs
from stack.components.component import Component, Say
from stack.installation import Installation
from stack.trouble import Trouble

# Write to a bucket includes delete there; nobody may read without a signature
IDENTITIES = {
    "admin": ["Admin", "Read", "List", "Tagging", "Write"],
    "uploader": ["Write:uploads"],
    "worker": ["Read:uploads", "List:uploads", "Write:uploads", "Read:media", "List:media", "Write:media"],
    "edge": ["Read:media"],
}
EVENTS = """\
[notification.webhook]
enabled = true
endpoint = "{url}/s3-events"
bearer_token = "{token}"
timeout_seconds = 5
max_retries = 3
backoff_seconds = 1
max_backoff_seconds = 30
workers = 2
buffer_size = 10000
event_types = ["create"]
path_prefixes = ["/buckets/uploads"]
"""
# with these keys the inner ports refuse whoever does not come through S3: HTTP by tokens, gRPC by the certificate
CERTIFICATE, KEY = "grpc.crt", "grpc.key"
INNER_PORTS = """\
[jwt.signing]
key = "{key}"
[jwt.signing.read]
key = "{key}"
[jwt.filer_signing]
key = "{key}"
[jwt.filer_signing.read]
key = "{key}"
"""
SPEAKING_GRPC = ("master", "volume", "filer", "s3", "admin", "worker", "client")
VOLUME_MEGABYTES = 128
VOLUMES = 400  # × 128 MB: the most this storage may take


def prepare(installation: Installation, _: Say) -> None:
    """weed keeps last time's options and would go on using those we no longer give; and it needs its sockets' names."""
    data = installation.folder("seaweedfs") / "data"
    data.mkdir(exist_ok=True)
    (data / "mini.options").unlink(missing_ok=True)
    certificates.ensure(installation.folder("seaweedfs") / CERTIFICATE, installation.folder("seaweedfs") / KEY)
    strangers = [str(path) for path in _sockets(installation) if path.stat().st_uid != os.geteuid()]
    if strangers:
        raise Trouble(
            f"SeaweedFS of another user left sockets behind that this one would trip over: {', '.join(strangers)}",
            f"Remove them, or take other ports: ./meton up --port-base {installation.port_base + 1000}",
        )


def files(installation: Installation) -> Mapping[str, str]:
    """Who may do what in which bucket, who is told of an upload, and the key of the inner ports."""
    identities = [
        {
            "name": name,
            "credentials": [{"accessKey": f"meton-{name}", "secretKey": installation.secret(f"s3_{name}")}],
            "actions": actions,
        }
        for name, actions in IDENTITIES.items()
    ]
    events = EVENTS.format(url=installation.url("media_worker"), token=installation.secret("s3_event_token"))
    pair = f'cert = "{CERTIFICATE}"\nkey = "{KEY}"\n'
    certified = "".join(f"[grpc.{name}]\n{pair}" for name in SPEAKING_GRPC)
    inner = INNER_PORTS.format(key=installation.secret("weed_jwt"))
    return {
        "s3.json": json.dumps({"identities": identities}, indent=2),
        "notification.toml": events,
        "security.toml": f'{inner}[grpc]\nca = "{CERTIFICATE}"\n{certified}',
    }


def environment(_: Installation) -> Mapping[str, str]:
    """Go's heap gives back what is above this. It asks for 232 MiB, of which it touches half: with less it collects
    garbage several times a second for ever, with a sixth of a processor.
    """
    return {"GOMEMLIMIT": "384MiB"}


def command(installation: Installation) -> list[str]:
    """Everything on loopback, every port ours, nothing sent to the makers."""
    port, sockets = installation.port, installation.sockets
    return [
        str(programs.WEED),
        "-logtostderr=true",  # else it writes files of its own
        "mini",
        "-dir=data",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        f"-master.port={port('weed_master')}",
        f"-master.port.grpc={port('weed_master_grpc')}",
        "-master.telemetry=false",
        f"-master.volumeSizeLimitMB={VOLUME_MEGABYTES}",
        f"-volume.port={port('weed_volume')}",
        f"-volume.port.grpc={port('weed_volume_grpc')}",
        f"-volume.max={VOLUMES}",
        f"-filer.port={port('weed_filer')}",
        f"-filer.port.grpc={port('weed_filer_grpc')}",
        f"-filer.localSocket={sockets}/filer.sock",
        "-filer.exposeDirectoryData=false",
        "-filer.disableDirListing",
        f"-s3.port={port('s3')}",
        f"-s3.port.grpc={port('s3_grpc')}",
        f"-s3.localSocket={sockets}/s3.sock",
        f"-s3.localFilerSocket={sockets}/filer.sock",
        "-s3.config=s3.json",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        "-s3.autoCreateBucket=false",
        f"-s3.allowedOrigins={installation.public_url}",
        "-disableHttp",  # of master and filer: who knows the ports could drop a whole bucket there, without any token
        "-webdav=false",
        "-admin.ui=false",
        f"-admin.port={port('weed_admin')}",
        "-bucket=uploads,media",
    ]


def tidy(installation: Installation) -> None:
    """Remove the gRPC sockets that weed makes in /tmp whatever it is told; their names carry our ports."""
    for path in _sockets(installation):
        if path.stat().st_uid == os.geteuid():
            path.unlink(missing_ok=True)


def _sockets(installation: Installation) -> list[Path]:
    ports = {str(installation.port(name)) for name in PORTS}
    found = Path("/tmp").glob("seaweedfs-*-grpc-*.sock")  # noqa: S108 (weed's own choice, compiled in)
    return [path for path in found if path.stem.rpartition("-")[2] in ports]


PORTS = (
    *("s3", "s3_grpc", "weed_master", "weed_master_grpc", "weed_volume", "weed_volume_grpc"),
    *("weed_filer", "weed_filer_grpc", "weed_admin", "weed_admin_grpc"),
)
COMPONENT = Component(
    name="seaweedfs",
    ports=PORTS,
    prepare=prepare,
    files=files,
    environment=environment,
    command=command,
    # 403 is the right answer to somebody without a signature
    ready=lambda installation: probes.http_ok(f"{installation.url('s3')}/", accept=(200, 403)),
    after_stop=tidy,
    stop_seconds=20,
)
