"""What lists of friends ask of the database. Whose list it is stands in every statement: others' are not there."""

from sqlalchemy import Integer, Text, Uuid, and_, bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from db.audience import VIEWER, are_friends, is_member, is_visible
from db.engine import Statement
from db.models import AudienceList, AudienceMember, User
from social_api.profiles.queries import summary

_LIST = bindparam("audience_list", type_=Uuid())
_MEMBER = bindparam("member", type_=Uuid())
_BEFORE = bindparam("before", type_=Uuid())
_LIMIT = bindparam("limit", type_=Integer())
_NAME = bindparam("name", type_=Text())

_CUSTOM = and_(AudienceList.owner_id == VIEWER, AudienceList.kind == "custom")
_CLOSE_FRIENDS = and_(AudienceList.owner_id == VIEWER, AudienceList.kind == "closefriends")
_NAMED = and_(AudienceList.id == _LIST, _CUSTOM)

_shown_members = (
    select(func.count())
    .select_from(AudienceMember)
    .where(AudienceMember.list_id == AudienceList.id, is_visible(AudienceMember.member_id))
    .correlate(AudienceList)
    .scalar_subquery()
)
_lists = select(AudienceList.id, AudienceList.name, _shown_members.label("member_count"), AudienceList.created_at)
LIST = Statement(_lists.where(_CUSTOM, AudienceList.id < _BEFORE).order_by(AudienceList.id.desc()).limit(_LIMIT))
SHOW = Statement(_lists.where(_NAMED))

# One at a time for each person, so that the count that follows is still true when the row is written.
LOCK_OWNER = Statement(select(User.id).where(User.id == VIEWER).with_for_update(key_share=True))
COUNT = Statement(select(func.count()).select_from(AudienceList).where(_CUSTOM))
INSERT = Statement(
    insert(AudienceList)
    .values(owner_id=VIEWER, kind="custom", name=_NAME)
    .on_conflict_do_nothing()
    .returning(AudienceList.id)
)
RENAME = Statement(update(AudienceList).where(_NAMED).values(name=_NAME))
DELETE = Statement(delete(AudienceList).where(_NAMED))
MAKE_CLOSE_FRIENDS = Statement(
    insert(AudienceList).values(owner_id=VIEWER, kind="closefriends").on_conflict_do_nothing()
)

FIND = Statement(select(AudienceList.id).where(_NAMED))
FIND_CLOSE_FRIENDS = Statement(select(AudienceList.id).where(_CLOSE_FRIENDS))
# One at a time for each list, likewise for the count of its members.
LOCK = Statement(select(AudienceList.id).where(_NAMED).with_for_update(key_share=True))
LOCK_CLOSE_FRIENDS = Statement(select(AudienceList.id).where(_CLOSE_FRIENDS).with_for_update(key_share=True))

MEMBERS = Statement(
    select(AudienceMember.id, summary(User).label("person"))
    .join(User, User.id == AudienceMember.member_id)
    .where(AudienceMember.list_id == _LIST, AudienceMember.id < _BEFORE, is_visible(User.id))
    .order_by(AudienceMember.id.desc())
    .limit(_LIMIT)
)
STANDING = Statement(
    select(
        are_friends(VIEWER, _MEMBER).label("is_friend"),
        is_member(_LIST, _MEMBER).label("is_member"),
        select(func.count())
        .select_from(AudienceMember)
        .where(AudienceMember.list_id == _LIST)
        .scalar_subquery()
        .label("members"),
    )
)
ADD = Statement(insert(AudienceMember).values(list_id=_LIST, member_id=_MEMBER))
REMOVE = Statement(delete(AudienceMember).where(AudienceMember.list_id == _LIST, AudienceMember.member_id == _MEMBER))
