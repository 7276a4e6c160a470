"""Keycloak: the accounts. Installations share its program; what one of them writes is in its own folder."""

from __future__ import annotations

from collections.abc import Mapping

from stack import keycloak_access, probes, realm
from stack import keycloak_distribution as distribution
from stack.components.component import Component, Say
from stack.files import private_folder
from stack.installation import Installation

# The serial collector and the first compiler alone: 120 MB less and quicker up than Java's own choice, and fast enough
# for one machine, where a login's cost is the hashing of the password.
MEMORY = (
    "-Xms64m",
    "-Xmx320m",
    "-XX:MaxMetaspaceSize=256m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
)
CONFIGURATION = """\
db-url=jdbc:postgresql://127.0.0.1:{postgres}/keycloak
db-username=keycloak
db-password={database_password}
db-pool-min-size=2
db-pool-max-size=15
http-enabled=true
http-host=127.0.0.1
http-port={keycloak}
http-management-port={keycloak_management}
hostname={public_url}/auth
proxy-headers=xforwarded
proxy-trusted-addresses=127.0.0.1
# one node: no cluster, and none of its ports
cache=local
spi-theme--folder--dir={themes}
# a health question during the start is no news
log-level=info,io.smallrye.health:error
# only read while Keycloak makes its first realm; stack.realm replaces it by permanent ones
bootstrap-admin-client-id={bootstrap_client}
bootstrap-admin-client-secret={bootstrap_secret}
"""
# Keycloak has no option of its own for this: connections that PostgreSQL has dropped are noticed before they are used,
# else each would cost somebody an error page after a restart of PostgreSQL
DATASOURCE = "quarkus.datasource.jdbc.validate-on-borrow=true\n"
THEMES = "keycloak-realm/themes"


def prepare(installation: Installation, say: Say) -> None:
    """Keycloak's program, and a home for this installation that borrows it."""
    distribution.install(installation.runtime, say)
    home = installation.folder("keycloak")
    private_folder(home / "tmp")
    program = distribution.built_home(installation.runtime) / "lib"
    link = home / "lib"
    if not link.is_symlink() or link.readlink() != program:
        link.unlink(missing_ok=True)
        link.symlink_to(program)


def files(installation: Installation) -> Mapping[str, str]:
    """keycloak.conf; a file, as an environment is open to more eyes and arguments to all."""
    settings = CONFIGURATION.format(
        **{name: installation.port(name) for name in ("postgres", "keycloak", "keycloak_management")},
        public_url=installation.public_url,
        themes=installation.root / THEMES,
        database_password=installation.secret("db_keycloak"),
        bootstrap_client=keycloak_access.BOOTSTRAP_CLIENT,
        bootstrap_secret=installation.secret("keycloak_bootstrap"),
    )
    return {"conf/keycloak.conf": settings, "conf/quarkus.properties": DATASOURCE}


def command(installation: Installation) -> list[str]:
    """Java itself, so that signals reach it."""
    home = installation.folder("keycloak")
    temporary = f"-Djava.io.tmpdir={home / 'tmp'}"
    return distribution.java_command(home, (*MEMORY, temporary), "start", "--optimized")


COMPONENT = Component(
    name="keycloak",
    needs=("postgres",),
    ports=("keycloak", "keycloak_management"),
    prepare=prepare,
    files=files,
    command=command,
    code=(THEMES,),  # themes are cached until the next start
    ready=lambda installation: probes.http_ok(f"{installation.url('keycloak_management')}/auth/health/ready"),
    after_start=(("bringing the realm in line", realm.bring_in_line),),
    stop_seconds=20,
    ready_seconds=180,  # the first start makes 90 tables; a slow disk needs its time
)
