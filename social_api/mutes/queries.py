"""What muting asks of the database."""

from sqlalchemy import DateTime, Integer, Text, Uuid, and_, bindparam, delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from db.audience import is_visible
from db.engine import Statement
from db.models import Mute, MutedWord, User
from social_api.profiles.queries import summary

_ACTOR = bindparam("actor", type_=Uuid())
_PERSON = bindparam("person", type_=Uuid())
_WORD = bindparam("word", type_=Text())
_EXPIRES_AT = bindparam("expires_at", type_=DateTime(timezone=True))
_LIMIT = bindparam("limit", type_=Integer())

# So that muting somebody again is a new mute and not the old one of back then, and words that have had their time do
# not count.
FORGET_EXPIRED = Statement(delete(Mute).where(Mute.muter_id == _ACTOR, Mute.expires_at <= func.now()))
FORGET_EXPIRED_WORDS = Statement(
    delete(MutedWord).where(MutedWord.user_id == _ACTOR, MutedWord.expires_at <= func.now())
)

MUTE = Statement(
    insert(Mute)
    .values(muter_id=_ACTOR, muted_id=_PERSON, expires_at=_EXPIRES_AT)
    .on_conflict_do_update(index_elements=["muter_id", "muted_id"], set_={"expires_at": _EXPIRES_AT})
)
UNMUTE = Statement(delete(Mute).where(Mute.muter_id == _ACTOR, Mute.muted_id == _PERSON))
LIST = Statement(
    select(Mute.id, Mute.expires_at, Mute.created_at, summary(User).label("person"))
    .join(User, User.id == Mute.muted_id)
    .where(
        Mute.muter_id == _ACTOR,
        Mute.id < bindparam("before", type_=Uuid()),
        or_(Mute.expires_at.is_(None), Mute.expires_at > func.now()),
        is_visible(Mute.muted_id, _ACTOR),
    )
    .order_by(Mute.id.desc())
    .limit(_LIMIT)
)

# One at a time for each person, so that the count is still true when they commit.
LOCK_PERSON = Statement(select(User.id).where(User.id == _ACTOR).with_for_update(key_share=True))
MUTE_WORD = Statement(
    insert(MutedWord)
    .values(user_id=_ACTOR, word=_WORD, pattern=bindparam("pattern", type_=Text()), expires_at=_EXPIRES_AT)
    .on_conflict_do_update(index_elements=["user_id", "word"], set_={"expires_at": _EXPIRES_AT})
)
WORDS_FIT = Statement(
    select(
        and_(
            func.count() <= bindparam("most", type_=Integer()),
            func.sum(func.char_length(MutedWord.pattern)) <= bindparam("longest", type_=Integer()),
        )
    ).where(MutedWord.user_id == _ACTOR)
)
UNMUTE_WORD = Statement(delete(MutedWord).where(MutedWord.user_id == _ACTOR, MutedWord.word == _WORD))
LIST_WORDS = Statement(
    select(MutedWord.word, MutedWord.expires_at, MutedWord.created_at)
    .where(
        MutedWord.user_id == _ACTOR,
        MutedWord.word > bindparam("after", type_=Text()),
        or_(MutedWord.expires_at.is_(None), MutedWord.expires_at > func.now()),
    )
    .order_by(MutedWord.word)
    .limit(_LIMIT)
)
