"""Statements about people and their Matrix accounts."""

from __future__ import annotations

from sqlalchemy import ARRAY, Integer, Text, bindparam, delete, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert

from db.engine import Statement
from db.models.matrix import MatrixAccount
from db.models.outbox import Outbox
from db.models.people import User

PERSON = Statement(
    select(User.subject, User.connect_id, User.display_name, MatrixAccount.mxid, MatrixAccount.provisioned_at)
    .outerjoin(MatrixAccount, MatrixAccount.user_id == User.id)
    .where(User.id == bindparam("user_id"))
)

PEOPLE_BY_MXID = Statement(
    select(MatrixAccount.mxid, MatrixAccount.user_id).where(
        MatrixAccount.mxid == func.any(bindparam("mxids", type_=ARRAY(Text)))
    )
)

# A name that was chosen before and turned out to be somebody else's is given up.
GIVE_UP_OTHER_NAMES = Statement(
    delete(MatrixAccount).where(
        MatrixAccount.user_id == bindparam("user_id"),
        MatrixAccount.mxid != bindparam("mxid"),
        MatrixAccount.provisioned_at.is_(None),
    )
)

CHOOSE_NAME = Statement(
    insert(MatrixAccount).values(user_id=bindparam("user_id"), mxid=bindparam("mxid")).on_conflict_do_nothing()
)

HOLDER = Statement(select(MatrixAccount.user_id).where(MatrixAccount.mxid == bindparam("mxid")))

CONFIRM_NAME = Statement(
    update(MatrixAccount)
    .where(MatrixAccount.user_id == bindparam("user_id"), MatrixAccount.provisioned_at.is_(None))
    .values(provisioned_at=func.now())
)

# People whose account was neither made nor is being asked for: their command was lost or is dead.
FORGOTTEN = Statement(
    select(User.id)
    .outerjoin(MatrixAccount, MatrixAccount.user_id == User.id)
    .where(
        MatrixAccount.provisioned_at.is_(None),
        User.status == "active",
        ~exists().where(
            Outbox.destination == "appservice",
            Outbox.topic == "person.registered",
            Outbox.payload["user_id"].astext == func.cast(User.id, Text),
            Outbox.done_at.is_(None),
            Outbox.failed_at.is_(None),
        ),
    )
    .order_by(User.id)
    .limit(bindparam("limit", type_=Integer))
)
