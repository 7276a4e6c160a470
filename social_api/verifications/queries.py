"""What verification asks of the database."""

from sqlalchemy import Integer, Text, Uuid, bindparam, null, select, update
from sqlalchemy.dialects.postgresql import JSONB

from db.engine import Statement
from db.models import User
from social_api.profiles.queries import summary

_PERSON = bindparam("person", type_=Uuid())

SHOW = Statement(select(User.verified_status, User.verification_meta).where(User.id == _PERSON))
LOCK = Statement(
    select(User.verified_status, User.verification_meta)
    .where(User.id == _PERSON, User.status == "active")
    .with_for_update(key_share=True)
)
SET = Statement(
    update(User)
    .where(User.id == _PERSON)
    .values(verified_status=bindparam("status_", type_=Text()), verification_meta=bindparam("meta", type_=JSONB()))
)
_nothing = update(User).where(User.id == _PERSON).values(verified_status="none", verification_meta=null())
WITHDRAW = Statement(_nothing.where(User.verified_status == "pending"))
END = Statement(_nothing.where(User.verified_status != "none"))
PENDING = Statement(
    select(User.id, summary(User).label("person"), User.verification_meta.label("meta"))
    .where(User.verified_status == "pending", User.status == "active", User.id > bindparam("after", type_=Uuid()))
    .order_by(User.id)
    .limit(bindparam("limit", type_=Integer()))
)
