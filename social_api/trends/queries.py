"""What trends ask of the database; event_worker counts them."""

from sqlalchemy import Float, Integer, Text, bindparam, or_, select

from db.engine import Statement
from db.models import TrendingHashtag

_score, _hashtag = bindparam("score", type_=Float()), bindparam("hashtag", type_=Text())

LIST = Statement(
    select(TrendingHashtag.hashtag, TrendingHashtag.authors, TrendingHashtag.posts, TrendingHashtag.score)
    .where(
        TrendingHashtag.score <= _score,
        or_(TrendingHashtag.score < _score, TrendingHashtag.hashtag > _hashtag),
    )
    .order_by(TrendingHashtag.score.desc(), TrendingHashtag.hashtag)
    .limit(bindparam("limit", type_=Integer()))
)
