"""What changes posts in the database: a post and all that hangs on its words in one statement."""

from typing import Any

from sqlalchemy import (
    CTE,
    Boolean,
    DateTime,
    Integer,
    Select,
    SmallInteger,
    Text,
    Uuid,
    and_,
    bindparam,
    case,
    column,
    delete,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert
from sqlalchemy.orm import aliased

from db import publication
from db.audience import VIEWER, can_view, follows, is_published, is_visible
from db.engine import Statement
from db.live import hears
from db.models import (
    AudienceList,
    MediaItem,
    Poll,
    PollOption,
    Post,
    PostHashtag,
    PostMention,
    PostRevision,
    User,
)
from social_api.posts.queries import told, whom_for

_POST = bindparam("post", type_=Uuid())
_MEDIA = bindparam("media", type_=ARRAY(Uuid()))
_HASHTAGS = bindparam("hashtags", type_=ARRAY(Text()))
_NAMES = bindparam("names", type_=ARRAY(Text()))
_TYPE = bindparam("type", type_=Text())
_CAPTION = bindparam("caption", type_=Text())
_META = bindparam("meta", type_=JSONB())
_VISIBILITY = bindparam("visibility", type_=Text())
_LIST = bindparam("list_id", type_=Uuid())
_REPLIES = bindparam("replies", type_=Text())
_DRAFT = bindparam("draft", type_=Boolean())
_PUBLISH_AT = bindparam("publish_at", type_=DateTime(timezone=True))
_PUBLISH = bindparam("publish", type_=Boolean())
_REPOST_OF = bindparam("repost_of", type_=Uuid())

# -- whom and what a text names ---------------------------------------------------------------------------------------


def named(names: Any = _NAMES) -> Select[Any]:
    """The people of these handles whom the viewer can see and who let the viewer mention them."""
    allowed = User.settings["mentions_from"].astext
    return select(User.id).where(
        User.connect_id == func.any(names),
        is_visible(User.id),
        or_(
            User.id == VIEWER,
            allowed.is_(None),
            allowed == "everyone",
            and_(allowed == "followed", follows(User.id, VIEWER)),
        ),
    )


def _tagging(post: CTE) -> CTE:
    hashtag = func.unnest(_HASHTAGS).column_valued("hashtag")
    return (
        insert(PostHashtag)
        .from_select(["post_id", "hashtag"], select(post.c.id, hashtag))
        .on_conflict_do_nothing()
        .cte("tagging")
    )


def _naming(post: CTE) -> CTE:
    people = named().subquery("people")
    return (
        insert(PostMention)
        .from_select(["post_id", "user_id"], select(post.c.id, people.c.id))
        .on_conflict_do_nothing()
        .returning(PostMention.user_id)
        .cte("naming")
    )


def _announcing(post: CTE) -> CTE:
    return publication.announcing(select(post.c.id).where(post.c.appears)).cte("announcing")


# -- making -----------------------------------------------------------------------------------------------------------

# In the order of ids, so that two posts that want the same files wait for each other and never for ever.
_files = select(
    MediaItem.id,
    MediaItem.kind,
    MediaItem.transcoding_status,
    MediaItem.failure,
    MediaItem.duration_sec,
    MediaItem.width,
    MediaItem.height,
)
LOCK_MEDIA = Statement(
    _files.where(
        MediaItem.id == func.any(_MEDIA),
        MediaItem.user_id == VIEWER,
        or_(MediaItem.post_id.is_(None), MediaItem.post_id == _POST),
        ~MediaItem.is_picture,
    )
    .order_by(MediaItem.id)
    .with_for_update()
)
LOCK_OWN_LIST = Statement(
    select(AudienceList.id)
    .where(AudienceList.id == _LIST, AudienceList.owner_id == VIEWER, AudienceList.kind == "custom")
    .with_for_update(read=True, key_share=True)
)
ORIGINAL = Statement(
    select(Post.id, Post.visibility, case((Post.caption.is_(None), Post.repost_of)).label("passes_on")).where(
        Post.id == _REPOST_OF, is_published(), can_view()
    )
)
# Held, so that it is not taken back before it was shown.
OWN_REPOST = Statement(
    select(Post.id)
    .where(Post.user_id == VIEWER, Post.repost_of == _REPOST_OF, Post.caption.is_(None), Post.deleted_at.is_(None))
    .with_for_update(read=True)
)
_born = (
    insert(Post)
    .from_select(
        [
            "id", "user_id", "type", "caption", "meta", "visibility", "audience_list_id", "replies", "draft",
            "publish_at", "published_at", "repost_of",
        ],
        select(
            _POST, User.id, _TYPE, _CAPTION, _META,
            func.coalesce(_VISIBILITY, User.settings["default_visibility"].astext, "public"),
            _LIST,
            func.coalesce(_REPLIES, User.settings["default_replies"].astext, "everyone"),
            _DRAFT, _PUBLISH_AT,
            case((_PUBLISH, func.now())),
            _REPOST_OF,
        ).where(User.id == VIEWER),
    )
    # somebody has one plain repost of a post; there is no other conflict
    .on_conflict_do_nothing()
    .returning(*Post.__table__.c, Post.published_at.is_not(None).label("appears"))
    .cte("born")
)  # fmt: skip  # the columns and what goes into them look alike
_made = select(*told(_born.c, User)).join(User, User.id == _born.c.user_id)
# Who is named is found by a statement of its own: what it costs depends on how many there are, and PostgreSQL would
# plan all of this anew for each post.
INSERT = Statement(_made.add_cte(_tagging(_born), _announcing(_born)))
# Another statement, because PostgreSQL makes ready for an update of posts even where there is nothing to count.
INSERT_REPOST = Statement(
    _made.add_cte(
        _tagging(_born),
        _announcing(_born),
        update(Post).where(Post.id == _born.c.repost_of).values(repost_count=Post.repost_count + 1).cte("counting"),
    )
)
_people = named().subquery("people")
NAME = Statement(
    insert(PostMention).from_select(["post_id", "user_id"], select(_POST, _people.c.id)).on_conflict_do_nothing()
)
_place = func.unnest(_MEDIA).table_valued("id", with_ordinality="place", name="chosen").render_derived()
ATTACH = Statement(
    update(MediaItem).where(MediaItem.id == _place.c.id).values(post_id=_POST, position=_place.c.place.cast(Integer))
)
DETACH = Statement(
    update(MediaItem)
    .where(MediaItem.post_id == _POST, MediaItem.id != func.all(_MEDIA))
    .values(post_id=None, position=0)
)
_answers = (
    func.unnest(bindparam("options", type_=ARRAY(Text())))
    .table_valued(column("text", Text()), with_ordinality="place", name="answers")
    .render_derived()
)
_asked = (
    insert(Poll)
    .values(
        post_id=_POST,
        multiple=bindparam("multiple", type_=Boolean()),
        closes_at=bindparam("closes_at", type_=DateTime(timezone=True)),
    )
    .returning(Poll.post_id)
    .cte("asked")
)
ASK = Statement(
    insert(PollOption).from_select(
        ["post_id", "position", "text"],
        select(_asked.c.post_id, (_answers.c.place - 1).cast(SmallInteger), _answers.c.text),
    )
)
UNASK = Statement(delete(Poll).where(Poll.post_id == _POST))

# -- changing ---------------------------------------------------------------------------------------------------------

LOCK = Statement(
    select(
        Post.id,
        Post.type,
        Post.caption,
        Post.meta,
        Post.visibility,
        Post.audience_list_id,
        Post.replies,
        Post.draft,
        Post.publish_at,
        Post.published_at,
        Post.removed_at,
        Post.revision,
        Post.repost_of,
    )
    .where(Post.id == _POST, Post.user_id == VIEWER, Post.deleted_at.is_(None))
    .with_for_update()
)
FILES = Statement(_files.where(MediaItem.post_id == _POST))
# Held: a vote that is being cast comes before the change, and any other after it.
POLL = Statement(select(Poll.closes_at, Poll.voter_count).where(Poll.post_id == _POST).with_for_update(read=True))
_REWRITTEN = bindparam("rewritten", type_=Boolean())
_kept = (
    insert(PostRevision)
    .from_select(
        ["post_id", "revision", "caption", "meta", "written_at"],
        select(
            Post.id,
            Post.revision,
            Post.caption,
            Post.meta.concat(whom_for()),
            func.coalesce(Post.edited_at, Post.published_at),
        ).where(Post.id == _POST, _REWRITTEN, Post.published_at.is_not(None)),
    )
    .cte("kept")
)
_changed = (
    update(Post)
    .where(Post.id == _POST)
    .values(
        type=_TYPE,
        caption=_CAPTION,
        meta=_META,
        visibility=_VISIBILITY,
        audience_list_id=_LIST,
        replies=_REPLIES,
        draft=_DRAFT,
        publish_at=_PUBLISH_AT,
        published_at=case((_PUBLISH, func.now()), else_=Post.published_at),
        revision=Post.revision + case((_REWRITTEN, 1), else_=0),
        edited_at=case((and_(_REWRITTEN, Post.published_at.is_not(None)), func.now()), else_=Post.edited_at),
    )
    .returning(Post.id, _PUBLISH.label("appears"))
    .cte("changed")
)
_untagging = (
    delete(PostHashtag).where(PostHashtag.post_id == _POST, PostHashtag.hashtag != func.all(_HASHTAGS)).cte("untagging")
)
_unnaming = delete(PostMention).where(PostMention.post_id == _POST, PostMention.user_id.not_in(named())).cte("unnaming")
_newly_named = _naming(_changed)
CHANGE = Statement(
    select(func.array(select(_newly_named.c.user_id).scalar_subquery())).add_cte(
        _kept, _changed, _tagging(_changed), _untagging, _unnaming, _announcing(_changed)
    )
)
HEARERS = Statement(
    select(User.id)
    .join(Post, Post.id == _POST)
    .where(User.id == func.any(bindparam("people", type_=ARRAY(Uuid()))), hears(User.id, VIEWER), can_view(User.id))
)

# -- taking away ------------------------------------------------------------------------------------------------------

_gone = (
    update(Post)
    .where(Post.id == _POST, Post.user_id == VIEWER, Post.deleted_at.is_(None))
    .values(deleted_at=func.now())
    .returning(Post.id, Post.repost_of)
    .cte("gone")
)
_passed_on = aliased(Post)
DELETE = Statement(
    select(_gone.c.id).add_cte(
        update(_passed_on)
        .where(_passed_on.id == _gone.c.repost_of)
        .values(repost_count=_passed_on.repost_count - 1)
        .cte("discounting")
    )
)
