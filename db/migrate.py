"""Bringing a database to the newest schema. Forward only: a mistake is mended by the next migration.

Two may try at once: an advisory lock lets one work while the other waits and then finds nothing to do. A migration that
cannot get its locks or takes too long fails and leaves nothing behind, instead of holding up the services.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, NullPool, create_engine, func, make_url, select, text

from db import grants
from db.models import Base

ADVISORY_LOCK = 0x6D65746F6E  # "meton"
WAIT_FOR_OTHERS = "120s"
LOCK_TIMEOUT = "4s"
STATEMENT_TIMEOUT = "60s"


class MigrationError(Exception):
    """The database cannot be migrated as it is; the message says what to do."""


NEWEST = "head"


def upgrade(url: str, password: str, revision: str = NEWEST) -> None:
    """Run every migration the database lacks, then give each role exactly the rights of db/grants.py.

    `url` names the owner of the tables. Raises MigrationError, or SQLAlchemyError for what PostgreSQL refuses.
    An older `revision` stops there, without rights, which are those of the newest tables: for tests of migrations.
    """
    with _locked(url, password) as connection:
        _require_roles(connection)
        connection.commit()  # so that Alembic begins and ends a transaction for each migration
        command.upgrade(_config(connection), revision)
        if revision != NEWEST:
            return
        for statement in grants.missing_statements(connection):
            connection.execute(text(statement))
        connection.commit()


def differences(url: str, password: str) -> list[str]:
    """What a database lacks or has beyond the migrations, the models and the declared rights; ideally nothing."""
    with _locked(url, password) as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        newest = ScriptDirectory.from_config(_config(connection)).get_current_head()
        found = [f"at migration {context.get_current_revision()}, not {newest}"]
        if context.get_current_revision() == newest:
            found = [f"models: {difference}" for difference in compare_metadata(context, Base.metadata)]
            found += [f"rights: {statement}" for statement in grants.missing_statements(connection)]
    return found


def revisions() -> list[str]:
    """All migrations, oldest first."""
    scripts = ScriptDirectory.from_config(_config(None))
    return [script.revision for script in scripts.walk_revisions()][::-1]


def offline_sql() -> str:
    """All migrations as one SQL script, for reading and for linters."""
    output = io.StringIO()
    command.upgrade(_config(None, output), "head", sql=True)
    return output.getvalue()


@contextmanager
def _locked(url: str, password: str) -> Iterator[Connection]:
    address = make_url(url).set(drivername="postgresql+psycopg2", password=password)
    engine = create_engine(address, poolclass=NullPool, connect_args={"application_name": "meton migrate"})
    with engine.connect() as connection:
        _set(connection, statement_timeout=WAIT_FOR_OTHERS)
        connection.execute(select(func.pg_advisory_lock(ADVISORY_LOCK)))
        _set(connection, statement_timeout=STATEMENT_TIMEOUT, lock_timeout=LOCK_TIMEOUT)
        connection.commit()
        yield connection  # closing the connection gives the lock back


def _set(connection: Connection, **settings: str) -> None:
    for name, value in settings.items():
        connection.execute(select(func.set_config(name, value, False)))


def _require_roles(connection: Connection) -> None:
    absent = grants.missing_roles(connection)
    if absent:
        raise MigrationError(
            f"PostgreSQL has no role {', '.join(absent)}: the stack makes the roles of all services before it migrates "
            "(`./meton up`); make them with CREATE ROLE … LOGIN, then try again"
        )


def _config(connection: Connection | None, output: io.StringIO | None = None) -> Config:
    config = Config(output_buffer=output) if output else Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("file_template", "%%(year)d%%(month).2d%%(day).2d_%%(slug)s")
    config.attributes["connection"] = connection
    return config
