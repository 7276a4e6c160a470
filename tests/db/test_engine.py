"""A statement is compiled once and asked with what it needs; a transaction is all or nothing."""

from __future__ import annotations

import asyncio
import socket
import uuid
from datetime import timedelta

import asyncpg
import pytest
from sqlalchemy import ARRAY, Integer, Text, Uuid, bindparam, func, insert, literal, select, update

from db.engine import Database, Statement
from db.models import Post, User
from tests.db.cast import broken_off, person
from tests.support.clones import Clone

COUNT = Statement(select(func.count()).select_from(User))
BY_ID = Statement(select(User.id, User.connect_id, User.settings).where(User.id == bindparam("user_id")))


def test_a_statement_numbers_its_parameters_and_keeps_its_constants() -> None:
    day, handle = timedelta(days=1), bindparam("handle", type_=Text())
    statement = Statement(select(User.id).where(User.connect_id == handle, User.created_at + day > func.now()))
    assert statement.sql.count("$1") == statement.sql.count("$2") == 1
    assert statement.arguments({"handle": "alice@meton"}) == ["alice@meton", day]


async def test_words_and_numbers_that_it_holds_are_in_its_text(database: Clone) -> None:
    """So PostgreSQL knows them when it plans: a partial index is about a word, not about a parameter."""
    words = ("active", "o'clock", "back\\slash", 'quo"te', "50% :of $1", "नमस्ते")
    statement = Statement(select(*(literal(word) for word in words), literal(-7), literal(value=True)))
    assert statement.arguments({}) == []
    async with database.reading() as tx:
        row = await tx.row(statement)
    assert row is not None
    assert tuple(row) == (*words, -7, True)


def test_a_parameter_used_twice_is_sent_once() -> None:
    viewer = bindparam("viewer", type_=Uuid())
    statement = Statement(select(Post.id).where((Post.user_id == viewer) | (Post.id == viewer)))
    assert len(statement.arguments({"viewer": uuid.uuid4()})) == 1


def test_a_missing_or_unknown_value_is_named() -> None:
    with pytest.raises(TypeError, match="needs parameter 'user_id'"):
        BY_ID.arguments({})
    with pytest.raises(TypeError, match="has no parameter other"):
        BY_ID.arguments({"user_id": uuid.uuid4(), "other": 1})


def test_a_statement_that_would_change_its_text_is_refused() -> None:
    with pytest.raises(ValueError, match=r"column == func\.any"):
        Statement(select(User.id).where(User.status.in_(["active", "suspended"])))


def test_an_insert_returns_nothing_unless_told_to() -> None:
    values = insert(User).values(connect_id=bindparam("connect_id"))
    assert "RETURNING" not in Statement(values).sql
    assert Statement(values.returning(User.id)).sql.endswith("RETURNING users.id")


async def test_rows_row_and_value_answer_as_they_say(database: Clone) -> None:
    alice = await person(database, "alice")
    async with database.reading() as tx:
        [row] = await tx.rows(BY_ID, user_id=alice)
        assert (row["id"], row["connect_id"]) == (alice, "alice@meton")
        assert await tx.row(BY_ID, user_id=alice) == row
        assert await tx.row(BY_ID, user_id=uuid.uuid4()) is None
        assert await tx.value(BY_ID, user_id=alice) == alice
        assert await tx.value(COUNT) == 1
        assert tx.statements == 5


async def test_constants_may_be_lists(database: Clone) -> None:
    await person(database, "alice")
    statement = Statement(
        select(User.connect_id).where(User.status == func.any(literal(["active", "erased"], ARRAY(Text)))).limit(1)
    )
    async with database.reading() as tx:
        assert await tx.value(statement) == "alice@meton"


async def test_execute_tells_how_many_rows_it_touched(database: Clone) -> None:
    alice = await person(database, "alice")
    rename = Statement(update(User).where(User.id == bindparam("user_id")).values(bio=bindparam("bio_text")))
    async with database.transaction() as tx:
        assert await tx.execute(rename, user_id=alice, bio_text="hello") == 1
        assert await tx.execute(rename, user_id=uuid.uuid4(), bio_text="hello") == 0


async def test_json_travels_as_python_objects(database: Clone) -> None:
    alice = await person(database, "alice")
    change = Statement(update(User).where(User.id == bindparam("user_id")).values(settings=bindparam("new")))
    settings = {"भाषा": ["hi", None, 1.5], "deep": {"er": True}}
    async with database.transaction() as tx:
        await tx.execute(change, user_id=alice, new=settings)
        row = await tx.row(BY_ID, user_id=alice)
    assert row is not None
    assert row["settings"] == settings


async def test_a_transaction_that_fails_leaves_nothing(database: Clone) -> None:
    async with broken_off(database) as tx:
        await tx.connection.execute("DELETE FROM identity_cursor")
    async with database.reading() as tx:
        assert await tx.connection.fetchval("SELECT count(*) FROM identity_cursor") == 1


async def test_reading_begins_no_transaction(database: Clone) -> None:
    async with database.reading() as tx:
        assert not tx.connection.is_in_transaction()
    async with database.transaction() as tx:
        assert tx.connection.is_in_transaction()


async def test_a_statement_that_takes_too_long_is_stopped(database: Clone) -> None:
    impatient = await Database.open(
        database.url(), database.password(), name="impatient", minimum=0, statement_timeout_ms=200
    )
    endless = Statement(select(func.count()).select_from(func.generate_series(1, bindparam("n", type_=Integer))))
    async with impatient.reading() as tx:
        with pytest.raises(asyncpg.QueryCanceledError):
            await tx.value(endless, n=2_000_000_000)
        assert await tx.value(endless, n=3) == 3
    await impatient.close()


async def test_a_connection_gives_up_on_a_machine_that_is_gone(database: Clone) -> None:
    async with database.reading() as tx:
        peer = tx.connection._transport.get_extra_info("socket")  # shown nowhere else
        assert peer.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        assert peer.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 20_000


async def test_a_notification_is_heard_until_the_listener_leaves(database: Clone) -> None:
    heard: asyncio.Queue[str] = asyncio.Queue()
    async with database.listening("news", heard.put_nowait):
        await _tell(database, "one")
        assert await asyncio.wait_for(heard.get(), 10) == "one"
    await _tell(database, "two")
    async with database.listening("news", heard.put_nowait):
        await _tell(database, "three")
        assert await asyncio.wait_for(heard.get(), 10) == "three"


async def test_a_wrong_password_is_refused(database: Clone) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        await Database.open(database.url(), "wrong", name="intruder", minimum=1)


async def _tell(database: Database, news: str) -> None:
    async with database.transaction() as tx:
        await tx.connection.execute("SELECT pg_notify('news', $1)", news)
