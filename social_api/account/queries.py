"""What the account asks of the database."""

from sqlalchemy import Boolean, Text, Uuid, bindparam, case, func, select, update

from db.engine import Statement
from db.models import MatrixAccount, User

_ME = bindparam("me", type_=Uuid())

SHOW = Statement(
    select(
        User.id,
        User.connect_id,
        User.display_name,
        User.email,
        User.bio,
        User.profile_pic_url,
        User.language,
        User.verified_status,
        User.created_at,
        MatrixAccount.mxid,
    )
    .join(MatrixAccount, MatrixAccount.user_id == User.id, isouter=True)
    .where(User.id == _ME)
)

# NULL means "as it is", save for the bio, which can be taken away.
CHANGE = Statement(
    update(User)
    .where(User.id == _ME)
    .values(
        display_name=func.coalesce(bindparam("display_name", type_=Text()), User.display_name),
        language=func.coalesce(bindparam("language", type_=Text()), User.language),
        bio=case((bindparam("changes_bio", type_=Boolean()), bindparam("bio", type_=Text())), else_=User.bio),
    )
)
