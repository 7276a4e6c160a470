"""What every table shares: names of constraints, how Python types become columns, and the columns most tables have.

Constraints are named as PostgreSQL names them when nobody does: so these models agree with the given DDL.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, MetaData, Text, Uuid, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, mapped_column

Json = dict[str, Any]

Id = Annotated[UUID, mapped_column(primary_key=True, server_default=text("uuidv7()"))]
Created = Annotated[datetime, mapped_column(server_default=func.now())]
UserId = Annotated[UUID, mapped_column(ForeignKey("users.id", ondelete="CASCADE"))]
Count = Annotated[int, mapped_column(server_default=text("0"))]
JsonObject = Annotated[Json, mapped_column(JSONB, server_default=text("'{}'::jsonb"))]


class Base(DeclarativeBase):
    """All tables of the database `meton`; `Base.metadata` is what Alembic compares with."""

    metadata = MetaData(
        naming_convention={
            "pk": "%(table_name)s_pkey",
            "uq": "%(table_name)s_%(column_0_N_name)s_key",
            "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
            "ck": "%(table_name)s_%(constraint_name)s_check",
        }
    )
    type_annotation_map: ClassVar = {str: Text, datetime: DateTime(timezone=True), UUID: Uuid(), Json: JSONB}


def one_of(column: str, *values: str) -> CheckConstraint:
    """The column holds one of `values` (or NULL, where the column allows it)."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def not_negative(column: str) -> CheckConstraint:
    """A counter that never falls below zero."""
    return CheckConstraint(f"{column} >= 0", name=column)
