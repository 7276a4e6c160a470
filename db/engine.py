"""How statements reach PostgreSQL: SQLAlchemy Core says what is asked, asyncpg asks it.

A `Statement` is compiled once, when its module is imported; a `Transaction` runs it. Core's own per-call cost and that
of asyncpg's pool were more than half of a small request (docs/decisions/asyncpg.md), so neither is on this path.
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Self

import asyncpg
import msgspec
from sqlalchemy import BindParameter, Executable, Insert
from sqlalchemy.dialects.postgresql import asyncpg as asyncpg_dialect

from db.pool import Connection, Pool

# the kernel gives a connection up when nobody has answered for 20 seconds
_NOTICE_LOSS = (
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 10),
    (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 5),
    (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 20_000),
)


class _Compiler(asyncpg_dialect.PGCompiler_asyncpg):
    """Writes words and numbers that a statement itself holds into its text.

    As parameters they would be sent and read at each call, and PostgreSQL could not know that `status = $1` is what a
    partial index is about: it plans a statement once for all parameters.
    """

    def visit_bindparam(self, bindparam: BindParameter[Any], *positional: Any, **options: Any) -> str:
        """The text of one parameter."""
        if not bindparam.required and isinstance(bindparam.value, str | int):
            options["literal_binds"] = True
        return str(super().visit_bindparam(bindparam, *positional, **options))  # type: ignore[no-untyped-call] # Core's


_DIALECT = asyncpg_dialect.dialect(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]
_DIALECT.statement_compiler = _Compiler

OUTAGES = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""What a statement may raise while PostgreSQL is away or goes: the last when its connection is cut in mid-sentence."""
AWAY = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.TransactionRollbackError,
)
"""Of these, what the statement itself cannot be at fault for: PostgreSQL is away, restarts, or breaks off its work."""


class Statement:
    """A Core statement as PostgreSQL text with numbered parameters, compiled once.

    Named `bindparam`s are given at each call; of the values that the statement itself holds, words and numbers are part
    of the text, and others travel as parameters too.
    """

    __slots__ = ("_constants", "_known", "_names", "sql")

    def __init__(self, core: Executable) -> None:
        if isinstance(core, Insert):
            # else Core adds RETURNING for the key the server makes, and RETURNING takes the right to SELECT
            core = core.inline()
        compiled = core.compile(dialect=_DIALECT)  # type: ignore[attr-defined]
        if "__[POSTCOMPILE_" in str(compiled):
            raise ValueError(
                "in_() changes the text at each call: write column == func.any(bindparam(…)), or for constants "
                "column == func.any(literal([…], ARRAY(Text)))"
            )
        self.sql: str = str(compiled)
        self._names: tuple[str, ...] = tuple(compiled.positiontup or ())
        self._known = frozenset(self._names)
        self._constants: dict[str, Any] = {
            name: compiled.binds[name].value for name in self._names if not compiled.binds[name].required
        }

    def arguments(self, values: dict[str, Any]) -> list[Any]:
        """The positional arguments for one call; raises TypeError for a missing or an unknown name."""
        if not values.keys() <= self._known:
            raise TypeError(f"statement has no parameter {', '.join(sorted(values.keys() - self._known))}")
        try:
            return [values[name] if name in values else self._constants[name] for name in self._names]
        except KeyError as error:
            raise TypeError(f"statement needs parameter {error}") from None


class Transaction:
    """One connection for the length of one unit of work; counts its statements so that tests can bound them."""

    __slots__ = ("connection", "statements")

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.statements = 0

    async def rows(self, statement: Statement, **values: Any) -> list[asyncpg.Record]:
        """All rows."""
        self.statements += 1
        found: list[asyncpg.Record] = await self.connection.fetch(statement.sql, *statement.arguments(values))
        return found

    async def row(self, statement: Statement, **values: Any) -> asyncpg.Record | None:
        """The first row, or None."""
        self.statements += 1
        return await self.connection.fetchrow(statement.sql, *statement.arguments(values))

    async def value(self, statement: Statement, **values: Any) -> Any:
        """The first column of the first row, or None."""
        self.statements += 1
        return await self.connection.fetchval(statement.sql, *statement.arguments(values))

    async def execute(self, statement: Statement, **values: Any) -> int:
        """Run a write; returns how many rows it touched."""
        self.statements += 1
        tag = await self.connection.execute(statement.sql, *statement.arguments(values))
        count = re.search(r"(\d+)$", tag)
        return int(count[1]) if count else 0


class Database:
    """The connections of one service role, at most so many."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @classmethod
    async def open(
        cls,
        url: str,
        password: str,
        *,
        name: str,
        minimum: int = 1,
        maximum: int = 8,
        statement_timeout_ms: int = 15_000,
    ) -> Self:
        """Connect; `name` appears in pg_stat_activity. Raises OSError or asyncpg.PostgresError when that fails."""

        async def connect() -> Connection:
            connection = await asyncpg.connect(
                url,
                password=password,
                timeout=10,
                connection_class=_Connection,
                server_settings={
                    "application_name": name,
                    "statement_timeout": str(statement_timeout_ms),
                    "idle_in_transaction_session_timeout": "60000",
                    "timezone": "UTC",
                },
            )
            await _speak_json(connection)
            return connection

        pool = Pool(connect, maximum)
        await pool.fill(minimum)
        return cls(pool)

    async def close(self) -> None:
        """Close all connections, waiting for those in use."""
        await self._pool.close()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """BEGIN … COMMIT; an exception rolls back and goes on."""
        async with self.reading() as tx, tx.connection.transaction():
            yield tx

    def reading(self) -> AbstractAsyncContextManager[Transaction]:
        """For reads: no BEGIN and COMMIT round trips, each statement sees what is committed when it starts."""
        return _Borrowing(self._pool)

    @asynccontextmanager
    async def listening(
        self, channel: str, heard: Callable[[str], None]
    ) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
        """Call `heard` with the payload of each NOTIFY on `channel`, on a connection of its own.

        Notifications are a wake-up, never the truth: the caller also polls, and reopens this when the connection ends.
        """
        async with self.reading() as tx:
            connection = tx.connection

            def forward(_connection: object, _pid: int, _channel: str, payload: object) -> None:
                heard(str(payload))

            await connection.add_listener(channel, forward)
            try:
                yield connection
            finally:
                if not connection.is_closed():
                    await connection.remove_listener(channel, forward)


class _Borrowing(AbstractAsyncContextManager[Transaction]):
    """One connection for the length of a block; a generator would cost more than the pool does."""

    __slots__ = ("_connection", "_pool")

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def __aenter__(self) -> Transaction:
        self._connection = await self._pool.take()
        return Transaction(self._connection)

    async def __aexit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        self._pool.put(self._connection, error)


class _Connection(asyncpg.Connection):  # type: ignore[misc] # asyncpg tells no types
    """Fails by itself when PostgreSQL's machine is gone: a timer for each statement took a tenth of a small request."""

    def __init__(self, protocol: Any, transport: asyncio.Transport, *rest: Any) -> None:
        super().__init__(protocol, transport, *rest)
        peer = transport.get_extra_info("socket")
        for level, option, value in _NOTICE_LOSS:
            peer.setsockopt(level, option, value)


async def _speak_json(connection: Connection) -> None:
    """JSON travels as Python objects, through msgspec."""
    for kind in ("json", "jsonb"):
        await connection.set_type_codec(
            kind,
            schema="pg_catalog",
            encoder=lambda value: msgspec.json.encode(value).decode(),
            decoder=msgspec.json.decode,
        )
