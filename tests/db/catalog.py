"""What PostgreSQL's catalogs say a schema holds, in a form that can be compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg2.extensions
from sqlalchemy import make_url

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Column:
    type: str
    default: str | None
    not_null: bool


@dataclass(frozen=True)
class Catalog:
    """By name; constraints, indexes, triggers and functions as the definition PostgreSQL prints."""

    columns: dict[str, Column]
    constraints: dict[str, str]
    indexes: dict[str, str]
    triggers: dict[str, str]
    functions: dict[str, str]


_COLUMNS = """
SELECT relname || '.' || attname, format_type(atttypid, atttypmod), pg_get_expr(adbin, adrelid), attnotnull
FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
WHERE relnamespace = %(schema)s::regnamespace AND relkind = 'r' AND attnum > 0 AND NOT attisdropped
"""
# NOT NULL is a property of columns above
_CONSTRAINTS = """
SELECT relname || '.' || conname, pg_get_constraintdef(pg_constraint.oid)
FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid
WHERE connamespace = %(schema)s::regnamespace AND contype <> 'n'
"""
_INDEXES = "SELECT tablename || '.' || indexname, indexdef FROM pg_indexes WHERE schemaname = %(schema)s"
_TRIGGERS = """
SELECT relname || '.' || tgname, pg_get_triggerdef(pg_trigger.oid)
FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
WHERE relnamespace = %(schema)s::regnamespace AND NOT tgisinternal
"""
_FUNCTIONS = "SELECT proname, pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = %(schema)s::regnamespace"


def connect(url: str, password: str) -> psycopg2.extensions.connection:
    """A plain connection in autocommit."""
    at = make_url(url)
    connection = psycopg2.connect(host=at.host, port=at.port, user=at.username, dbname=at.database, password=password)
    connection.autocommit = True
    return connection


def read(connection: psycopg2.extensions.connection, schema: str = "public") -> Catalog:
    """Everything in `schema`, but Alembic's own table."""

    def rows(query: str) -> list[Row]:
        with connection.cursor() as cursor:
            cursor.execute(query, {"schema": schema})
            return [row for row in cursor.fetchall() if not row[0].startswith("alembic_version")]

    def definitions(query: str) -> dict[str, str]:
        return {name: definition.replace(f"{schema}.", "") for name, definition in rows(query)}

    return Catalog(
        columns={name: Column(*rest) for name, *rest in rows(_COLUMNS)},
        constraints=definitions(_CONSTRAINTS),
        indexes=definitions(_INDEXES),
        triggers=definitions(_TRIGGERS),
        functions=definitions(_FUNCTIONS),
    )
