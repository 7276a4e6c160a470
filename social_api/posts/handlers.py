"""Making posts, showing them, changing them, taking them away."""

from datetime import UTC, datetime
from uuid import UUID

from db import withdrawal
from db.engine import Transaction
from social_api.auth import Actor
from social_api.media.links import LinkSigner
from social_api.pages import Listing, Page
from social_api.posts import queries, write_queries, writing
from social_api.posts.finding import check_visible
from social_api.posts.schemas import NewPost, PostChange, PostView, RevisionView, Waiting
from social_api.posts.views import bare, listing, load
from social_api.problems import Forbidden, NotFound
from social_api.profiles.people import find

_NEWEST = UUID(int=2**128 - 1)
_END_OF_TIME = datetime(9999, 12, 31, tzinfo=UTC)
_LATEST = 2**31 - 1


async def create(actor: Actor, tx: Transaction, body: NewPost, link_signer: LinkSigner, request_id: str) -> PostView:
    """Make a post.

    With media that are still being prepared it appears, to everyone at once, when all of them are ready; until then
    only its author sees it, as drafts and scheduled posts. Passing the same post on twice without words is done once.
    """
    made = await writing.create(tx, actor, body, request_id)
    return await show(actor, tx, made.id, link_signer) if made.row is None else bare(made.row, link_signer)


async def show(actor: Actor, tx: Transaction, post_id: UUID, link_signer: LinkSigner) -> PostView:
    """Show a post.

    Links to its media are good for some minutes.
    """
    posts = await load(tx, actor, [post_id], link_signer)
    if post_id not in posts:
        raise NotFound
    return posts[post_id]


async def change(  # noqa: PLR0917 (what the adapter gives, by name)
    actor: Actor, tx: Transaction, post_id: UUID, body: PostChange, link_signer: LinkSigner, request_id: str
) -> PostView:
    """Change one's own post.

    What a published post said before stays to be read by whoever may see it. Only people whom it names for the first
    time are told.
    """
    await writing.change(tx, actor, post_id, body, request_id)
    return await show(actor, tx, post_id, link_signer)


async def publish(actor: Actor, tx: Transaction, post_id: UUID, link_signer: LinkSigner, request_id: str) -> PostView:
    """Publish a draft, or a scheduled post before its time.

    One that is published already is answered as it is.
    """
    await writing.publish(tx, actor, post_id, request_id)
    return await show(actor, tx, post_id, link_signer)


async def delete(actor: Actor, tx: Transaction, post_id: UUID, request_id: str) -> None:
    """Delete one's own post, for everyone and for good.

    What only passes it on goes with it, soon after the answer; a repost with words stays. This is also how one takes a
    repost back.
    """
    if not await tx.value(write_queries.DELETE, post=post_id, viewer=actor.user_id):
        await check_visible(tx, actor, post_id)
        raise Forbidden
    await withdrawal.announce(tx, post_id, request_id)


async def revisions(actor: Actor, tx: Transaction, post_id: UUID, page: Page) -> Listing[RevisionView]:
    """List what a post said since it was published, newest first.

    Words that were for some people only stay theirs and the author's when the post is opened to others.
    """
    (below,) = page.after(tuple[int]) or (_LATEST,)
    await check_visible(tx, actor, post_id)
    rows = await tx.rows(queries.REVISIONS, post=post_id, viewer=actor.user_id, below=below, limit=page.fetch)
    return page.listing(
        rows,
        lambda row: RevisionView(revision=row["revision"], caption=row["caption"], written_at=row["written_at"]),
        lambda row: (row["revision"],),
    )


async def waiting(
    actor: Actor, tx: Transaction, query: Waiting, page: Page, link_signer: LinkSigner
) -> Listing[PostView]:
    """List one's own posts that are not published, newest first: drafts, scheduled ones, those that wait for media."""
    (before,) = page.after(tuple[UUID]) or (_NEWEST,)
    rows = await tx.rows(queries.WAITING, viewer=actor.user_id, state=query.state, before_id=before, limit=page.fetch)
    return await listing(tx, actor, page, rows, link_signer, "id")


async def by_person(
    actor: Actor, tx: Transaction, connect_id: str, page: Page, link_signer: LinkSigner
) -> Listing[PostView]:
    """List a person's posts, newest first."""
    before, before_id = page.after(tuple[datetime, UUID]) or (_END_OF_TIME, _NEWEST)
    person = await find(tx, actor, connect_id)
    rows = await tx.rows(
        queries.BY_PERSON,
        person=person,
        viewer=actor.user_id,
        before=before,
        before_id=before_id,
        limit=page.fetch,
    )
    return await listing(tx, actor, page, rows, link_signer, "published_at", "id")


async def reposts(
    actor: Actor, tx: Transaction, post_id: UUID, page: Page, link_signer: LinkSigner
) -> Listing[PostView]:
    """List the posts that pass a post on, newest first."""
    (before,) = page.after(tuple[UUID]) or (_NEWEST,)
    await check_visible(tx, actor, post_id)
    rows = await tx.rows(queries.REPOSTS, post=post_id, viewer=actor.user_id, before_id=before, limit=page.fetch)
    return await listing(tx, actor, page, rows, link_signer, "id")


async def mentioning(actor: Actor, tx: Transaction, page: Page, link_signer: LinkSigner) -> Listing[PostView]:
    """List the posts that mention oneself, newest first."""
    (before,) = page.after(tuple[UUID]) or (_NEWEST,)
    rows = await tx.rows(queries.MENTIONING, viewer=actor.user_id, before_id=before, limit=page.fetch)
    return await listing(tx, actor, page, rows, link_signer, "id")
