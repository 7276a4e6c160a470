"""What a command to Matrix is: a coroutine that does it there, and answers what is to be written down here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from appservice.homeserver import Homeserver
from db.engine import Database, Transaction
from db.outbox import Entry


@dataclass(frozen=True, slots=True)
class Tools:
    """What commands work with."""

    database: Database
    homeserver: Homeserver


# Runs in the transaction that sets the outbox row done.
Effect = Callable[[Transaction], Awaitable[None]]
# Repeated whenever it was broken off, so each step first looks whether it is done.
Command = Callable[[Tools, Entry], Awaitable[Effect]]


async def no_effect(tx: Transaction) -> None:
    """Nothing more to write down."""
