"""PostgreSQL 18: the databases meton, synapse and keycloak, each with roles of least privilege."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import connection, cursor, encrypt_password

from stack import programs
from stack.components import migrations
from stack.components.component import Component, Say
from stack.environment import SERVICES
from stack.installation import Installation
from stack.trouble import Trouble

# database: (owner, who else may connect, locale). Synapse insists on the C locale.
DATABASES: dict[str, tuple[str, tuple[str, ...], str]] = {
    "meton": ("meton_owner", SERVICES, "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LC_COLLATE 'C' LC_CTYPE 'C'"),
    "synapse": ("synapse", (), "LOCALE_PROVIDER libc LC_COLLATE 'C' LC_CTYPE 'C'"),
    "keycloak": ("keycloak", (), "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LC_COLLATE 'C' LC_CTYPE 'C'"),
}
ROLES = ("meton_owner", *SERVICES, "synapse", "keycloak")

CONFIGURATION = """\
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = ''
max_connections = 100
shared_buffers = 256MB
work_mem = 4MB
maintenance_work_mem = 32MB
max_wal_size = 512MB
jit = off
password_encryption = scram-sha-256
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %u@%d '
# no statement, parameter or row in the log: they are about people
log_error_verbosity = terse
log_min_error_statement = panic
log_parameter_max_length_on_error = 0
log_parameter_max_length = 0
"""
# throw-away data only: need not outlive a crash of the machine, but does outlive one of PostgreSQL, which tests cause;
# several processes of tests need more connections than one installation
THROWAWAY = """\
max_connections = 200
fsync = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
"""
ACCESS = "host all all 127.0.0.1/32 scram-sha-256\n"


def prepare(installation: Installation, say: Say) -> None:
    """initdb beside the final place, so that a kill in between leaves nothing half made."""
    folder = installation.folder("postgres")
    if (folder / "data").is_dir():
        return
    say("making the database cluster")
    fresh = folder / "data.new"
    shutil.rmtree(fresh, ignore_errors=True)
    words = [
        *(str(programs.postgres("initdb")), "-D", str(fresh), "-U", "postgres", "-E", "UTF8"),
        *(
            "--auth-local=reject",
            "--auth-host=scram-sha-256",
            f"--pwfile={installation.secret_file('postgres_superuser')}",
        ),
        *("--locale-provider=builtin", "--locale=C.UTF-8", "--no-instructions"),
        *(["--no-sync"] if installation.throwaway else []),
    ]
    done = subprocess.run(words, env={"LC_ALL": "C"}, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Trouble(f"PostgreSQL's initdb failed: {done.stderr.strip()}", "Mend that, then run `./meton up` again.")
    fresh.rename(folder / "data")


def files(installation: Installation) -> Mapping[str, str]:
    """The server's own settings; the cluster's made-up ones are not used."""
    settings = CONFIGURATION.format(port=installation.port("postgres"))
    return {"postgresql.conf": settings + (THROWAWAY if installation.throwaway else ""), "pg_hba.conf": ACCESS}


def command(_: Installation) -> list[str]:
    """The server in the foreground."""
    return [str(programs.postgres("postgres")), "-D", "data", "--config-file=postgresql.conf", "--hba-file=pg_hba.conf"]


def connect(installation: Installation, role: str, database: str) -> connection:
    """A connection as one role, with its own password; raises psycopg2.OperationalError."""
    secret = "postgres_superuser" if role == "postgres" else f"db_{role}"
    return psycopg2.connect(
        host="127.0.0.1",
        port=installation.port("postgres"),
        user=role,
        password=installation.secret(secret),
        dbname=database,
        connect_timeout=5,
    )


@contextmanager
def superuser(installation: Installation, database: str = "postgres") -> Iterator[cursor]:
    """A cursor in autocommit for the few things only the superuser may do."""
    with closing(connect(installation, "postgres", database)) as session:
        session.autocommit = True
        with session.cursor() as questions:
            yield questions


def ready(installation: Installation) -> str | None:
    """It answers a query, which a mere open port during recovery would not say."""
    try:
        with superuser(installation) as questions:
            questions.execute("SELECT 1")
    except psycopg2.OperationalError as error:
        return str(error).strip().splitlines()[0]
    return None


def make_databases(installation: Installation) -> None:
    """Roles with their present passwords, databases with their owners; PUBLIC may connect nowhere."""
    with superuser(installation) as questions:
        for role in ROLES:
            _make_role(questions, role, installation.secret(f"db_{role}"))
        for database, (owner, others, locale) in DATABASES.items():
            _make_database(questions, database, owner, locale)
            _let_in(questions, database, (owner, *others))
        for database in ("postgres", "template1"):
            _let_in(questions, database, ())


def _make_role(questions: cursor, role: str, password: str) -> None:
    questions.execute("SELECT FROM pg_roles WHERE rolname = %s", (role,))
    if questions.fetchone() is None:
        questions.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(role)))
    # the server is sent the verifier, so the password itself can be in no log of it
    verifier = encrypt_password(password, role, questions.connection, "scram-sha-256")
    change = sql.SQL("ALTER ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD {}")
    questions.execute(change.format(sql.Identifier(role), sql.Literal(verifier)))


def _make_database(questions: cursor, database: str, owner: str, locale: str) -> None:
    questions.execute("SELECT FROM pg_database WHERE datname = %s", (database,))
    if questions.fetchone() is None:
        make = sql.SQL("CREATE DATABASE {} OWNER {} ENCODING 'UTF8' TEMPLATE template0 {}")
        questions.execute(make.format(sql.Identifier(database), sql.Identifier(owner), sql.SQL(locale)))


def _let_in(questions: cursor, database: str, roles: tuple[str, ...]) -> None:
    questions.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(database)))
    for role in roles:
        questions.execute(
            sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(sql.Identifier(database), sql.Identifier(role))
        )


COMPONENT = Component(
    name="postgres",
    ports=("postgres",),
    prepare=prepare,
    files=files,
    command=command,
    ready=ready,
    after_start=(("making roles and databases", make_databases), ("migrating the database meton", migrations.upgrade)),
    stop_signal="INT",  # fast: do not wait for clients
    stop_seconds=30,
)
