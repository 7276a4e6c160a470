"""One worker at a time has an item; whoever lost it can write nothing; a post appears when its last item is ready."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from db.engine import Database
from media_worker import items
from media_worker.ffmpeg import UnusableError
from media_worker.items import MAX_ATTEMPTS, Lease, LeaseLostError
from media_worker.ladder import MASTER, POSTER, SOUND, Artifacts
from tests.media_worker.conftest import Uploads

MADE = Artifacts(MASTER, POSTER, SOUND, 1280, 720, 12.4, "video/mp4")


async def leased(own: Database, media_id: UUID) -> Lease | None:
    async with own.transaction() as tx:
        return await items.lease(tx, media_id)


async def in_work(own: Database, uploads: Uploads, post: UUID | None = None) -> Lease:
    media_id = await uploads.declare(post=post)
    async with own.transaction() as tx:
        assert await items.uploaded(tx, media_id, 7, None)
    lease = await leased(own, media_id)
    assert lease is not None
    return lease


async def end_lease(uploads: Uploads, media_id: UUID) -> None:
    """As if LEASE_SECONDS had passed without a heartbeat."""
    async with uploads.database.transaction() as tx:
        await tx.connection.execute("UPDATE media_items SET lease_until = now() WHERE id = $1", media_id)


async def complete(own: Database, lease: Lease, made: Artifacts = MADE) -> None:
    async with own.transaction() as tx:
        await items.complete(tx, lease, made, None)


async def test_what_was_made_is_written_down_and_told(own: Database, uploads: Uploads) -> None:
    lease = await in_work(own, uploads)
    await complete(own, lease)
    item = await uploads.item(lease.media_id)
    prefix = f"{lease.media_id}/1"
    assert (item["transcoding_status"], item["lease_until"], item["mime_type"]) == ("done", None, "video/mp4")
    assert (item["playlist_key"], item["thumb_key"]) == (f"{prefix}/hls/master.m3u8", f"{prefix}/poster.jpg")
    assert (item["width"], item["height"], item["duration_sec"]) == (1280, 720, 12)
    async with uploads.database.reading() as tx:
        [sound] = await tx.connection.fetch("SELECT uploader_id, storage_key, duration_sec FROM sounds")
    assert tuple(sound) == (uploads.author, f"{prefix}/audio.m4a", 12)
    assert await uploads.told() == ["media.ready"]


async def test_an_item_in_work_is_not_given_to_a_second_worker(own: Database, uploads: Uploads) -> None:
    lease = await in_work(own, uploads)
    assert await leased(own, lease.media_id) is None
    async with own.transaction() as tx:
        standing = await items.standing(tx, lease.media_id)
    assert standing is not None
    assert 0 < standing.seconds_left <= items.LEASE_SECONDS
    assert not standing.worn_out


async def test_many_who_want_an_item_at_once_leave_one_who_has_it(own: Database, uploads: Uploads) -> None:
    lease = await in_work(own, uploads)
    await end_lease(uploads, lease.media_id)
    got = await asyncio.gather(*(leased(own, lease.media_id) for _ in range(5)))
    assert [one.token for one in got if one] == [2]


async def test_a_worker_that_lost_its_lease_writes_nothing(own: Database, uploads: Uploads) -> None:
    stale = await in_work(own, uploads)
    await end_lease(uploads, stale.media_id)
    fresh = await leased(own, stale.media_id)
    assert fresh is not None
    assert fresh.prefix != stale.prefix
    before = await uploads.item(stale.media_id)
    with pytest.raises(LeaseLostError):
        await complete(own, stale)
    async with own.transaction() as tx:
        with pytest.raises(LeaseLostError):
            await items.renew(tx, stale)
        assert not await items.give_back(tx, stale, counts=True)
        assert not await items.fail(tx, stale.media_id, stale.token, "no", None)
        assert not await items.fail(tx, stale.media_id, None, "no", None)
    assert await uploads.item(stale.media_id) == before
    assert await uploads.told() == []
    await complete(own, fresh)


async def test_a_renewed_lease_lasts(own: Database, uploads: Uploads) -> None:
    lease = await in_work(own, uploads)
    async with uploads.database.transaction() as tx:
        await tx.connection.execute("UPDATE media_items SET lease_until = now() + interval '1 s'")
    async with own.transaction() as tx:
        await items.renew(tx, lease)
        standing = await items.standing(tx, lease.media_id)
    assert standing is not None
    assert standing.seconds_left == pytest.approx(items.LEASE_SECONDS, abs=1)


async def test_an_attempt_that_was_broken_off_in_good_order_does_not_count(own: Database, uploads: Uploads) -> None:
    lease = await in_work(own, uploads)
    async with own.transaction() as tx:
        assert await items.give_back(tx, lease, counts=False)
    assert (await uploads.item(lease.media_id))["attempts"] == 0
    assert await leased(own, lease.media_id) is not None


async def test_a_file_that_breaks_the_worker_three_times_is_worn_out(own: Database, uploads: Uploads) -> None:
    lease: Lease | None = await in_work(own, uploads)
    for _ in range(MAX_ATTEMPTS):
        assert lease is not None
        await end_lease(uploads, lease.media_id)
        last, lease = lease, await leased(own, lease.media_id)
    assert lease is None
    async with own.transaction() as tx:
        standing = await items.standing(tx, last.media_id)
        assert standing is not None
        assert standing.worn_out
        assert await items.fail(tx, last.media_id, None, items.WORN_OUT, None)
    assert (await uploads.item(last.media_id))["failure"] == items.WORN_OUT
    assert await uploads.told() == ["media.failed"]


async def test_a_post_appears_with_its_last_item(own: Database, uploads: Uploads) -> None:
    post = await uploads.post("photo")
    leases = [await in_work(own, uploads, post) for _ in range(3)]
    for lease in leases[:2]:
        await complete(own, lease)
        assert not await uploads.is_published(post)
    await complete(own, leases[2])
    assert await uploads.is_published(post)
    assert await uploads.told() == ["media.ready"] * 3 + ["post.published"]


async def test_items_that_end_at_the_same_moment_publish_their_post_once(own: Database, uploads: Uploads) -> None:
    post = await uploads.post("photo")
    leases = [await in_work(own, uploads, post) for _ in range(4)]
    await asyncio.gather(*(complete(own, lease) for lease in leases))
    assert await uploads.is_published(post)
    assert (await uploads.told()).count("post.published") == 1


async def test_who_waits_for_a_publication_is_told_of_it(own: Database, uploads: Uploads) -> None:
    post = await uploads.post("photo")
    await complete(own, await in_work(own, uploads, post))
    assert [row["payload"] for row in await uploads.outbox("post.published")] == [{"post_id": str(post)}]


@pytest.mark.parametrize("waiting", [{"draft": True}, {"publish_in": "1 hour"}])
async def test_a_post_that_waits_for_more_than_its_media_goes_on_waiting(
    own: Database, uploads: Uploads, waiting: dict[str, Any]
) -> None:
    post = await uploads.post("photo", **waiting)
    await complete(own, await in_work(own, uploads, post))
    assert not await uploads.is_published(post)
    assert await uploads.outbox("post.published") == []
    assert await uploads.told() == ["media.ready"]


async def test_a_post_whose_time_has_come_appears_with_its_last_item(own: Database, uploads: Uploads) -> None:
    post = await uploads.post("photo", publish_in="-1 second")
    await complete(own, await in_work(own, uploads, post))
    assert await uploads.is_published(post)


async def test_a_video_that_lies_is_no_reel(own: Database, uploads: Uploads) -> None:
    lying, upright = [await in_work(own, uploads, await uploads.post("reel")) for _ in range(2)]
    with pytest.raises(UnusableError, match="upright"):
        await complete(own, lying)
    await complete(own, upright, replace(MADE, width=720, height=1280))


async def test_a_draft_takes_any_video(own: Database, uploads: Uploads) -> None:
    lease = await in_work(own, uploads, await uploads.post("reel", draft=True))
    assert lease.post_type is None
    await complete(own, lease, replace(MADE, duration=200.0))


async def test_a_post_with_a_failed_item_does_not_appear(own: Database, uploads: Uploads) -> None:
    post = await uploads.post("photo")
    good, bad = await in_work(own, uploads, post), await in_work(own, uploads, post)
    async with own.transaction() as tx:
        assert await items.fail(tx, bad.media_id, bad.token, "The file is damaged.", None)
    await complete(own, good)
    assert not await uploads.is_published(post)


async def test_a_post_deleted_meanwhile_stays_away(own: Database, uploads: Uploads) -> None:
    post = await uploads.post()
    lease = await in_work(own, uploads, post)
    async with uploads.database.transaction() as tx:
        await tx.connection.execute("UPDATE posts SET deleted_at = now()")
    await complete(own, lease)
    assert not await uploads.is_published(post)


async def test_a_video_too_long_for_the_reel_it_was_put_into_is_refused(own: Database, uploads: Uploads) -> None:
    lease = await in_work(own, uploads, await uploads.post("reel"))
    long = Artifacts(MASTER, POSTER, None, 720, 1280, 91.0, "video/mp4")
    with pytest.raises(UnusableError, match="at most 90 seconds"):
        await complete(own, lease, long)
    assert (await uploads.item(lease.media_id))["transcoding_status"] == "processing"
