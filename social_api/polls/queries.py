"""What votes ask of the database.

Each vote holds the row of its poll first, so votes come one after another, and "has voted" cannot change in between:
the key of `poll_votes` alone would let the same person choose two different answers at once.
"""

from sqlalchemy import Integer, Uuid, bindparam, exists, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert

from db.audience import VIEWER, can_view, is_published
from db.engine import Statement
from db.models import Poll, PollOption, PollVote, Post

_POST = bindparam("post", type_=Uuid())

LOCK = Statement(
    select(Poll.multiple, (Poll.closes_at > func.now()).label("open"))
    .join(Post, Post.id == Poll.post_id)
    .where(Poll.post_id == _POST, is_published(), can_view())
    .with_for_update(key_share=True, of=Poll)
)
HAS_VOTED = Statement(select(exists().where(PollVote.post_id == _POST, PollVote.user_id == VIEWER)))

_cast = (
    insert(PollVote)
    .from_select(
        ["post_id", "position", "user_id"],
        select(PollOption.post_id, PollOption.position, VIEWER).where(
            PollOption.post_id == _POST, PollOption.position == func.any(bindparam("options", type_=ARRAY(Integer())))
        ),
    )
    .returning(PollVote.post_id, PollVote.position)
    .cte("cast")
)
VOTE = Statement(
    update(PollOption)
    .where(PollOption.post_id == _cast.c.post_id, PollOption.position == _cast.c.position)
    .values(vote_count=PollOption.vote_count + 1)
    .add_cte(update(Poll).where(Poll.post_id == _POST).values(voter_count=Poll.voter_count + 1).cte("counted"))
)
