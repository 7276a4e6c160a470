"""Muting people and words, for a time or for good."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from db.engine import Transaction
from social_api.auth import Actor
from social_api.media.links import LinkSigner
from social_api.mutes import queries
from social_api.mutes.schemas import MutedWordView, MuteTime, MuteView
from social_api.mutes.words import fold, pattern
from social_api.pages import Listing, Page
from social_api.problems import Conflict, Invalid, Text
from social_api.profiles import views
from social_api.profiles.people import find

LONGEST = timedelta(days=366)
"""A year, whichever."""
MOST_WORDS = 200
LONGEST_PATTERN = 10_000
"""Characters of what finds the words: two hundred long ones in several spellings took PostgreSQL 1.3 s to compile."""

_NEWEST = UUID(int=2**128 - 1)


class MuteYourself(Conflict):
    """One's own posts are in one's feed in any case."""

    name = "mute-yourself"
    title = Text("That is you", "यह आप ही हैं")
    detail = Text("You cannot mute yourself.", "आप ख़ुद को म्यूट नहीं कर सकते।")


class TooManyMutedWords(Conflict):
    """Each of them is looked for in every post of a feed."""

    name = "too-many-muted-words"
    title = Text("Too many muted words", "बहुत ज़्यादा म्यूट किए हुए शब्द")
    detail = Text(
        "You can mute {most} words at a time, or fewer long ones.",
        "आप एक समय में {most} शब्द म्यूट कर सकते हैं, लंबे शब्द हों तो इससे कम।",
    )


async def listing(actor: Actor, tx: Transaction, page: Page, link_signer: LinkSigner) -> Listing[MuteView]:
    """List whom you have muted, newest first.

    Mutes that have ended are not there.
    """
    after = page.after(tuple[UUID])
    rows = await tx.rows(queries.LIST, actor=actor.user_id, before=after[0] if after else _NEWEST, limit=page.fetch)
    return page.listing(
        rows,
        lambda row: MuteView(views.person(row["person"], link_signer), row["expires_at"], row["created_at"]),
        lambda row: (row["id"],),
    )


async def mute(actor: Actor, tx: Transaction, connect_id: str, body: MuteTime) -> None:
    """Mute a person.

    Their posts are not in your feed, and you are not told what they do. All else stays as it is, and they do not learn
    of it. Doing it again changes until when.
    """
    until = _until(body)
    person = await find(tx, actor, connect_id)  # nothing else depends on a mute, so nobody needs to be held
    if person == actor.user_id:
        raise MuteYourself
    await tx.execute(queries.FORGET_EXPIRED, actor=actor.user_id)
    await tx.execute(queries.MUTE, actor=actor.user_id, person=person, expires_at=until)


async def unmute(actor: Actor, tx: Transaction, connect_id: str) -> None:
    """Mute a person no longer.

    Doing it again changes nothing.
    """
    person = await find(tx, actor, connect_id)
    await tx.execute(queries.UNMUTE, actor=actor.user_id, person=person)


async def list_words(actor: Actor, tx: Transaction, page: Page) -> Listing[MutedWordView]:
    """List the words you have muted, by the alphabet.

    Those whose time has ended are not there.
    """
    after = page.after(tuple[str])
    rows = await tx.rows(queries.LIST_WORDS, actor=actor.user_id, after=after[0] if after else "", limit=page.fetch)
    return page.listing(
        rows,
        lambda row: MutedWordView(row["word"], row["expires_at"], row["created_at"]),
        lambda row: (row["word"],),
    )


async def mute_word(actor: Actor, tx: Transaction, word: str, body: MuteTime) -> None:
    """Mute a word or phrase of 1 to 50 characters.

    Posts whose caption has it as a whole word, in any case, are not in your feed. Doing it again changes until when.
    """
    folded, until = fold(word), _until(body)
    await tx.execute(queries.LOCK_PERSON, actor=actor.user_id)
    await tx.execute(queries.FORGET_EXPIRED_WORDS, actor=actor.user_id)
    await tx.execute(queries.MUTE_WORD, actor=actor.user_id, word=folded, pattern=pattern(folded), expires_at=until)
    if not await tx.value(queries.WORDS_FIT, actor=actor.user_id, most=MOST_WORDS, longest=LONGEST_PATTERN):
        raise TooManyMutedWords(most=MOST_WORDS)


async def unmute_word(actor: Actor, tx: Transaction, word: str) -> None:
    """Mute a word no longer.

    Doing it again changes nothing.
    """
    await tx.execute(queries.UNMUTE_WORD, actor=actor.user_id, word=fold(word))


def _until(body: MuteTime) -> datetime | None:
    """When the mute ends; raises Invalid for a time that is past or far away."""
    now = datetime.now(UTC)
    if body.expires_at is not None and not now < body.expires_at <= now + LONGEST:
        raise Invalid(("/expires_at", Text("A time within a year from now.", "अब से एक साल के भीतर का समय।")))
    return body.expires_at
