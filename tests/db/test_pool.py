"""A pool lends a connection to one at a time, in turn, and never lends one that may be in the middle of something."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial

import asyncpg
import pytest

from db.pool import Connection, Pool
from tests.support.clones import Clone
from tests.support.waiting import eventually

Opener = Callable[..., Pool]
ENDLESS = "SELECT count(*) FROM generate_series(1, 2000000000)"


@pytest.fixture
async def opened(database: Clone) -> AsyncIterator[Opener]:
    """Makes pools of connections to the test's database; they are closed at its end."""
    pools: list[Pool] = []

    async def connect() -> Connection:
        return await asyncpg.connect(database.url(), password=database.password())

    def of(maximum: int, **seconds: float) -> Pool:
        pools.append(Pool(connect, maximum, **seconds))
        return pools[-1]

    yield of
    for pool in pools:
        await asyncio.wait_for(pool.close(), 10)  # which also shows that every place has been given back


@asynccontextmanager
async def lent(pool: Pool) -> AsyncIterator[Connection]:
    """A connection of the pool as `Database` borrows it."""
    connection, error = await pool.take(), None
    try:
        yield connection
    except BaseException as raised:
        error = raised
        raise
    finally:
        pool.put(connection, error)


async def backend(pool: Pool) -> int:
    """The process of PostgreSQL behind the next connection."""
    async with lent(pool) as connection:
        return int(connection.get_server_pid())


async def is_at_work(database: Clone, process: int) -> bool:
    async with database.reading() as tx:
        return bool(
            await tx.connection.fetchval(
                "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid = $1 AND state = 'active')", process
            )
        )


async def is_gone(database: Clone, process: int) -> bool:
    async with database.reading() as tx:
        asked = "SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = $1)"
        return bool(await tx.connection.fetchval(asked, process))


async def is_closed(connection: Connection) -> bool:
    return bool(connection.is_closed())


async def test_the_connection_used_last_is_used_next(opened: Opener) -> None:
    pool = opened(3)
    one, other = await pool.take(), await pool.take()
    assert one is not other
    pool.put(one)
    pool.put(other)
    assert await pool.take() is other
    assert await pool.take() is one
    pool.put(one)
    pool.put(other)


async def test_connections_are_at_hand_from_the_start_when_asked_for(opened: Opener, database: Clone) -> None:
    pool = opened(3)
    await pool.fill(2)
    async with database.reading() as tx:
        count = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        assert await tx.connection.fetchval(count) == 2 + 1


async def test_who_comes_when_all_are_in_use_waits_in_line(opened: Opener) -> None:
    pool = opened(1)
    served: list[int] = []

    async def use(number: int) -> None:
        async with lent(pool) as connection:
            served.append(number)
            await connection.fetchval("SELECT 1")

    await asyncio.gather(*(use(number) for number in range(20)))
    assert served == list(range(20))


async def test_who_waits_too_long_is_told_why_and_takes_no_place_with_them(opened: Opener) -> None:
    pool = opened(2, wait_seconds=0.05)
    async with lent(pool), lent(pool):
        with pytest.raises(TimeoutError, match=r"all 2 connections were in use for 0\.05 seconds"):
            await pool.take()
    async with lent(pool), lent(pool):
        pass


@pytest.mark.parametrize("given_first", [True, False])
async def test_who_stops_waiting_takes_no_place_with_them(opened: Opener, given_first: bool) -> None:
    pool = opened(1)
    held = await pool.take()
    waiting = asyncio.create_task(pool.take())
    await asyncio.sleep(0)  # now it waits
    if given_first:
        pool.put(held)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    if not given_first:
        pool.put(held)
    assert await asyncio.wait_for(backend(pool), 5) == held.get_server_pid()


async def test_a_connection_that_cannot_be_made_leaves_its_place(database: Clone) -> None:
    refusals = 3

    async def connect() -> Connection:
        nonlocal refusals
        refusals -= 1
        password = database.password() if refusals < 0 else "wrong"
        return await asyncpg.connect(database.url(), password=password)

    pool = Pool(connect, 1)
    for _ in range(3):
        with pytest.raises(asyncpg.InvalidPasswordError):
            await pool.take()
    assert await asyncio.wait_for(backend(pool), 5)
    await pool.close()


@pytest.mark.parametrize("by", ["cancelling", "timeout"])
async def test_a_use_broken_off_in_a_query_stops_it_and_its_connection_is_not_used_again(
    opened: Opener, database: Clone, by: str
) -> None:
    pool = opened(1)
    process = await backend(pool)

    async def use() -> None:
        async with lent(pool) as connection:
            await connection.fetchval(ENDLESS, timeout=0.5 if by == "timeout" else None)

    use_of_it = asyncio.create_task(use())
    if by == "cancelling":
        await eventually(partial(is_at_work, database, process))
        use_of_it.cancel()
    with pytest.raises(asyncio.CancelledError if by == "cancelling" else TimeoutError):
        await use_of_it
    async with lent(pool) as connection:  # only now that PostgreSQL is done with the other, as there is room for one
        assert connection.get_server_pid() != process
        assert await connection.fetchval("SELECT 'mine'") == "mine"
    await eventually(partial(is_gone, database, process))


async def test_an_error_of_a_statement_or_of_ours_costs_no_connection(opened: Opener) -> None:
    pool = opened(1)
    process = await backend(pool)
    with pytest.raises(asyncpg.DivisionByZeroError):
        async with lent(pool) as connection:
            await connection.fetchval("SELECT 1 / 0")
    with pytest.raises(LookupError):
        async with lent(pool):
            raise LookupError
    assert await backend(pool) == process


async def test_a_connection_left_in_a_transaction_is_not_used_again(opened: Opener, database: Clone) -> None:
    pool = opened(1)
    async with lent(pool) as connection:
        await connection.execute("BEGIN")
        process = connection.get_server_pid()
    assert await backend(pool) != process
    await eventually(partial(is_gone, database, process))


async def test_connections_that_postgresql_ended_are_replaced(opened: Opener, database: Clone) -> None:
    pool = opened(2)
    used, idle = await pool.take(), await pool.take()
    pool.put(idle)
    processes = [used.get_server_pid(), idle.get_server_pid()]
    query = asyncio.create_task(used.fetchval(ENDLESS))
    await eventually(partial(is_at_work, database, processes[0]))
    async with database.reading() as tx:
        await tx.connection.execute("SELECT pg_terminate_backend(pid) FROM unnest($1::int[]) AS pid", processes)
    with pytest.raises(asyncpg.PostgresError) as error:
        await query
    pool.put(used, error.value)
    await eventually(partial(is_closed, idle))
    async with lent(pool) as one, lent(pool) as other:
        assert {one.get_server_pid(), other.get_server_pid()}.isdisjoint(processes)


async def test_what_is_not_needed_for_a_while_is_closed(opened: Opener, database: Clone) -> None:
    pool = opened(3, spare_seconds=0.1)
    taken = [await pool.take() for _ in range(3)]
    for connection in taken:
        pool.put(connection)

    async def spare_is_closed() -> bool:
        process = await backend(pool)  # one is enough now
        assert process == taken[2].get_server_pid() or taken[2].is_closed()
        return bool(taken[0].is_closed() and taken[1].is_closed())

    await eventually(spare_is_closed)
    assert not taken[2].is_closed()


async def test_closing_waits_for_those_in_use_and_lends_no_more(opened: Opener) -> None:
    pool = opened(2)
    await pool.fill(2)
    connection = await pool.take()
    closing = asyncio.create_task(pool.close())
    await asyncio.sleep(0)
    with pytest.raises(asyncpg.InterfaceError, match="closed"):
        await pool.take()
    assert await connection.fetchval("SELECT 'still here'") == "still here"
    assert not closing.done()
    pool.put(connection)
    await asyncio.wait_for(closing, 5)
    assert connection.is_closed()
