"""GET /v1/media/{media_id}."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from tests.social_api.conftest import PUBLIC_URL, House, Person
from tests.support.clones import Clone
from tests.support.friends import befriend
from tests.support.records import change_media, change_post, upload

NOT_THERE = "0192d1f3-0000-7000-8000-000000000000"


@pytest.mark.parametrize("state", ["pending", "processing"])
async def test_its_owner_sees_how_far_it_is(alice: Person, database: Clone, state: str) -> None:
    media_id = await upload(database, alice.id, state=state)
    media = await alice.get(f"/v1/media/{media_id}")
    assert (media["state"], media["links"], media["failure"]) == (state, None, None)


async def test_its_owner_sees_why_it_failed(alice: Person, database: Clone) -> None:
    media_id = await upload(database, alice.id, state="failed", failure="The file was cut short.")
    media = await alice.get(f"/v1/media/{media_id}")
    assert (media["state"], media["failure"]) == ("failed", "The file was cut short.")


async def test_a_video_has_a_playlist_a_poster_and_its_sound(alice: Person, database: Clone) -> None:
    media_id = await upload(database, alice.id, "video", width=1280, height=720, duration_sec=12)
    await change_media(database, media_id, audio_key=f"{media_id}/1/audio.m4a")
    media = await alice.get(f"/v1/media/{media_id}")
    assert (media["width"], media["height"], media["duration_sec"]) == (1280, 720, 12)
    link = re.escape(PUBLIC_URL) + r"/media/\d{10}\.[A-Za-z0-9_-]{43}/" + str(media_id)
    assert re.fullmatch(link + r"/1/hls/master\.m3u8", media["links"]["playlist"])
    assert re.fullmatch(link + r"/1/poster\.jpg", media["links"]["poster"])
    assert re.fullmatch(link + r"/1/audio\.m4a", media["links"]["audio"])
    assert media["links"]["image"] is None
    left = datetime.fromisoformat(media["links"]["expires_at"]) - datetime.now(UTC)
    assert timedelta(0) < left <= timedelta(minutes=10)


async def test_an_image_has_a_picture_and_no_playlist(alice: Person, database: Clone) -> None:
    media_id = await upload(database, alice.id, "image")
    links = (await alice.get(f"/v1/media/{media_id}"))["links"]
    assert links["image"].endswith(f"/{media_id}/1/photo.jpg")
    assert (links["playlist"], links["audio"]) == (None, None)


async def test_for_others_it_is_not_there_until_it_is_in_a_post_they_may_see(
    alice: Person, bob: Person, charlie: Person, database: Clone
) -> None:
    media_id = str(await upload(database, alice.id))
    address = f"/v1/media/{media_id}"
    assert (await bob.call("GET", address)).status == 404
    await befriend(alice, bob, "bob@meton")
    post = await alice.post("/v1/posts", {"type": "photo", "media": [media_id], "visibility": "friends"})
    assert (await bob.call("GET", address)).status == 200
    assert (await charlie.call("GET", address)).status == 404
    await change_post(database, post["id"], removed_at=datetime.now(UTC))
    assert (await bob.call("GET", address)).status == 404


@pytest.mark.parametrize("media_id", [NOT_THERE, "x", "0"])
async def test_what_does_not_exist_is_not_found(alice: Person, media_id: str) -> None:
    assert (await alice.call("GET", f"/v1/media/{media_id}")).status == 404


async def test_it_is_for_people_who_are_signed_in(house: House) -> None:
    assert (await house.nobody.call("GET", f"/v1/media/{NOT_THERE}")).status == 401
