"""What the account asks of the database."""

from sqlalchemy import Boolean, Text, Uuid, bindparam, case, delete, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert

from db.engine import Statement
from db.models import (
    AuthSession,
    FormerHandle,
    MatrixAccount,
    MediaItem,
    Revocation,
    User,
)

_ME = bindparam("me", type_=Uuid())
_CONNECT_ID = bindparam("handle", type_=Text())
_MEDIA = bindparam("media", type_=Uuid())
_KEY = bindparam("object_key", type_=Text())

SHOW = Statement(
    select(
        User.id,
        User.connect_id,
        User.display_name,
        User.email,
        User.bio,
        User.profile_pic_url,
        User.cover_url,
        User.language,
        User.verified_status,
        User.is_private,
        User.created_at,
        MatrixAccount.mxid,
    )
    .join(MatrixAccount, MatrixAccount.user_id == User.id, isouter=True)
    .where(User.id == _ME)
)

LOCK_NAME = Statement(select(User.display_name).where(User.id == _ME).with_for_update(key_share=True))
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

SETTINGS = Statement(select(User.settings).where(User.id == _ME))
CHANGE_SETTINGS = Statement(
    update(User)
    .where(User.id == _ME)
    .values(settings=User.settings.concat(bindparam("change", type_=JSONB())))
    .returning(User.settings)
)

SET_PRIVACY = Statement(update(User).where(User.id == _ME).values(is_private=bindparam("is_private_", type_=Boolean())))

LOCK_HANDLE = Statement(select(User.connect_id, User.handle_changed_at).where(User.id == _ME).with_for_update())
RENAME = Statement(update(User).where(User.id == _ME).values(connect_id=_CONNECT_ID, handle_changed_at=func.now()))
GIVE_UP = Statement(insert(FormerHandle).values(connect_id=_CONNECT_ID, user_id=_ME))
TAKE_BACK = Statement(delete(FormerHandle).where(FormerHandle.connect_id == _CONNECT_ID, FormerHandle.user_id == _ME))

LOCK_PICTURES = Statement(select(User.avatar_id, User.cover_id).where(User.id == _ME).with_for_update(key_share=True))
# Posts and pictures of people take files by changing their rows, so of two that want one the second sees the first.
TAKE = Statement(
    update(MediaItem)
    .where(
        MediaItem.id == _MEDIA,
        MediaItem.user_id == _ME,
        MediaItem.kind == "image",
        MediaItem.transcoding_status == "done",
        MediaItem.post_id.is_(None),
    )
    .values(is_picture=True)
    .returning(MediaItem.playlist_key.label("photo"), MediaItem.thumb_key.label("thumb"))
)
SET_AVATAR = Statement(update(User).where(User.id == _ME).values(avatar_id=_MEDIA, profile_pic_url=_KEY))
SET_COVER = Statement(update(User).where(User.id == _ME).values(cover_id=_MEDIA, cover_url=_KEY))
RELEASE = Statement(
    update(MediaItem)
    .where(
        MediaItem.id == _MEDIA,
        ~exists().where(User.id == _ME, or_(User.avatar_id == _MEDIA, User.cover_id == _MEDIA)),
    )
    .values(is_picture=False)
)

DEACTIVATE = Statement(
    update(User).where(User.id == _ME, User.status == "active").values(status="deactivated", deactivated_at=func.now())
)
END_SESSIONS = Statement(
    update(AuthSession)
    .where(AuthSession.user_id == _ME, AuthSession.ended_at.is_(None))
    .values(ended_at=func.now(), previous_answer=None, keycloak_token=None)
)
REVOKE = Statement(
    insert(Revocation).values(subject=bindparam("subject_", type_=Text()), reason="deactivated by the person")
)
