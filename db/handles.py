"""Handles: what a good one is, who may have which, and one change of one at a time."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import count
from uuid import UUID

from sqlalchemy import Text, Uuid, bindparam, func, literal, or_, select

from db.engine import Statement, Transaction
from db.models.people import FormerHandle, User

DOMAIN = "meton"
SHORTEST, LONGEST = 3, 30
PATTERN = r"[a-z0-9]+(?:[._-][a-z0-9]+)*"
"""Starts and ends with a letter or digit, no two separators in a row."""

# Names that people take for the house's own, that addresses or mail use, or that mean nobody or everybody.
RESERVED = frozenset(
    """
    about abuse access account accounts admin administration administrator admins all anonymous api app apps assets
    audit auth authentication billing blog bot bots business careers channel channels chat client community compliance
    config contact copyright dashboard data delete demo deleted dev developer developers dmca dns docs download
    downloads element email emergency error errors everybody everyone example explore faq favicon feed feedback
    followers following ftp grievance grievanceofficer group groups guest health help helpdesk here home host
    hostmaster http https imap info internal invite jobs keycloak legal live local localhost login logout mail
    mailerdaemon matrix me media member members meton metonadmin metonapp metonhelp metonofficial metonsecurity
    metonsupport metonteam mod moderation moderator moderators mods news nobody noc noreply notification notifications
    null oauth observer office official owner password payment payments ping police pop postmaster post posts
    press privacy profile profiles public register registration report reports reset robots root safety sales
    search security self service services session sessions settings setup signin signout signup smtp social spam ssl
    staff static status stories story sudo superuser support synapse sysadmin system team terms test tos trending trust
    trustandsafety undefined unknown uploads user username users verification verified verify void web webhook
    webmaster welcome well wellknown wiki wpad www
    """.split()  # noqa: SIM905 - a list would be two hundred lines
)
"""Without separators: `ad.min` is `admin`."""

_GOOD = re.compile(PATTERN)
_SEPARATORS = re.compile(r"[._-]")
_SEPARATOR_RUNS = re.compile(r"[._-]{2,}")


def connect_id_of(name: str) -> str:
    """The handle of somebody called `name`."""
    return f"{name}@{DOMAIN}"


def is_good(name: str) -> bool:
    """Whether `name` can be the part of a handle before the `@`."""
    return SHORTEST <= len(name) <= LONGEST and _GOOD.fullmatch(name) is not None


def is_reserved(name: str) -> bool:
    """Whether nobody can have `name` because it would mislead."""
    return _SEPARATORS.sub("", name) in RESERVED


def suggestions(username: str) -> Iterator[str]:
    """Good names for somebody whom Keycloak calls `username`, without end and each once: the name itself where it will
    do, and with a number.
    """
    plain = "".join(c for c in unicodedata.normalize("NFKD", username.lower()) if not unicodedata.combining(c))
    plain = _SEPARATOR_RUNS.sub("-", re.sub(r"[^a-z0-9._-]", "-", plain)).strip("._-") or "person"
    yield from (name for name in (plain,) if is_good(name) and not is_reserved(name))
    given: set[str] = set()  # a long name that ends in digits is cut, and `…1` with 10 would be `…` with 110
    for number in map(str, count(2)):
        name = plain[: LONGEST - len(number)].rstrip("._-") + number
        if is_good(name) and name not in given:
            given.add(name)
            yield name


async def hold(tx: Transaction, *connect_ids: str) -> None:
    """Let no other transaction that calls this give or take these handles until `tx` ends.

    A handle is in `users` or in `former_handles`, never in those of two people, which no constraint over two tables can
    say: what is read after this stays true. Always in one order, so that nobody waits in a circle.
    """
    for connect_id in sorted(connect_ids, key=lambda handle: (len(handle), handle)):
        await tx.execute(_LOCK, connect_id=connect_id)


async def is_taken(tx: Transaction, connect_id: str, by_other_than: UUID | None = None) -> bool:
    """Whether somebody has or had this handle; with `by_other_than`, somebody else than that person."""
    return bool(await tx.value(_IS_TAKEN, connect_id=connect_id, except_for=by_other_than))


_CONNECT_ID = bindparam("connect_id", type_=Text())
_EXCEPT_FOR = bindparam("except_for", type_=Uuid())
_LOCK = Statement(select(func.pg_advisory_xact_lock(func.hashtextextended(_CONNECT_ID, literal(0x4A2D)))))
_IS_TAKEN = Statement(
    select(
        or_(
            select(User.id).where(User.connect_id == _CONNECT_ID, User.id.is_distinct_from(_EXCEPT_FOR)).exists(),
            select(FormerHandle.user_id)
            .where(FormerHandle.connect_id == _CONNECT_ID, FormerHandle.user_id.is_distinct_from(_EXCEPT_FOR))
            .exists(),
        )
    )
)
