"""A signed link is good for one media item until it ends, and for nothing else. The bucket behind is the real one."""

from __future__ import annotations

import time

import pytest
from uuid_utils.compat import uuid7

from social_api.media.links import LinkSigner
from tests.gateway.conftest import Gateway, Links, Nginx

PLAYLIST = b"#EXTM3U\n240p/index.m3u8\n"


async def test_a_good_link_gives_the_object(gateway: Gateway, links: Links) -> None:
    media_id = links.store("1/hls/master.m3u8", PLAYLIST, "application/vnd.apple.mpegurl")
    answer = await gateway.raw(f"{links.folder(media_id)}/1/hls/master.m3u8", "Origin: https://elsewhere.example")
    assert (answer.status, answer.body) == (200, PLAYLIST)
    assert answer.all("Content-Type") == ["application/vnd.apple.mpegurl"]
    assert answer.all("Cache-Control") == ["private, max-age=3600, immutable"]
    assert answer.all("Access-Control-Allow-Origin") == ["*"]
    assert answer.all("X-Content-Type-Options") == ["nosniff"]
    assert not [name for name, _ in answer.headers if "amz" in name.lower()]


async def test_it_is_the_link_that_the_api_makes(gateway: Gateway, links: Links) -> None:
    media_id = links.store("1/poster.jpg", b"poster", "image/jpeg")
    signer = LinkSigner(gateway.url, links.key)
    async with gateway.http.get(signer.link(media_id, f"{media_id}/1/poster.jpg", signer.expiry())) as answer:
        assert (answer.status, await answer.read()) == (200, b"poster")


async def test_what_a_playlist_names_is_covered_by_its_link(gateway: Gateway, links: Links) -> None:
    media_id = links.store("1/hls/master.m3u8", PLAYLIST)
    links.s3.put_object(Bucket="media", Key=f"{media_id}/1/hls/240p/index.m3u8", Body=b"segments")
    async with gateway.http.get(f"{gateway.url}{links.folder(media_id)}/1/hls/master.m3u8") as answer:
        named = answer.url.join(type(answer.url)("240p/index.m3u8"))
    async with gateway.http.get(named) as answer:
        assert (answer.status, await answer.read()) == (200, b"segments")


async def test_an_expired_link_is_gone(gateway: Gateway, links: Links) -> None:
    media_id = links.store("1/poster.jpg", b"poster")
    assert (await gateway.raw(f"{links.folder(media_id, 600)}/1/poster.jpg")).status == 200
    assert (await gateway.raw(f"{links.folder(media_id, -1)}/1/poster.jpg")).status == 410


async def test_an_altered_link_is_refused(gateway: Gateway, links: Links) -> None:
    media_id, other = links.store("1/poster.jpg", b"poster"), links.store("1/poster.jpg", b"of somebody else")
    expiry = int(time.time()) + 600
    signature = links.signature(media_id, expiry)
    altered = {
        **{
            f"character {place}": (
                expiry,
                signature[:place] + ("A" if signature[place] != "A" else "B") + signature[place + 1 :],
            )
            for place in (0, 1, 20, 42)
        },
        "stretched": (expiry + 1, signature),
        "of another key": (expiry, Links(links.s3, b"another key").signature(media_id, expiry)),
        "of another item": (expiry, links.signature(other, expiry)),
    }
    answers = {
        what: (await gateway.raw(f"/media/{until}.{sign}/{media_id}/1/poster.jpg")).status
        for what, (until, sign) in altered.items()
    }
    assert answers == dict.fromkeys(altered, 403)
    moved = await gateway.raw(f"/media/{expiry}.{signature}/{other}/1/poster.jpg")
    assert (moved.status, b"somebody else" in moved.body) == (403, False)


async def test_nothing_but_a_clean_path_below_the_item_is_found(gateway: Gateway, links: Links) -> None:
    media_id, other = links.store("1/poster.jpg", b"poster"), links.store("1/poster.jpg", b"of somebody else")
    folder, poster = links.folder(media_id), f"{other}/1/poster.jpg"
    targets = [
        f"/media/{media_id}/1/poster.jpg",
        f"{folder[:40]}/{media_id}/1/poster.jpg",
        *("/media/", folder.rpartition("/")[0] + "/", folder, f"{folder}/"),
        *(f"{folder}/../{poster}", f"{folder}/./../{poster}", f"{folder}/1/../../{poster}"),
        *(f"{folder}/..%2f{poster}", f"{folder}/%2e%2e/{poster}", f"{folder}/%252e%252e/{poster}"),
        *(f"{folder}/..;/{poster}", f"{folder}//1/poster.jpg", f"{folder}/..%5c{poster}", f"{folder}/1/%70oster.jpg"),
        *(f"{folder}/.hidden", f"{folder}/1/poster.jpg/", f"{folder}/a/b/c/d/e/f", f"{folder}/1/poster.jpg%3facl"),
    ]
    answers = {target: await gateway.raw(target) for target in targets}
    assert {target: answer.status for target, answer in answers.items()} == dict.fromkeys(targets, 404)
    assert (await gateway.raw(f"{folder}/1/%00")).status == 400


async def test_what_the_client_says_of_itself_does_not_reach_the_store(gateway: Gateway, links: Links) -> None:
    media_id = links.store("1/poster.jpg", b"poster")
    answer = await gateway.raw(
        f"{links.folder(media_id)}/1/poster.jpg?acl&versionId=1&X-Amz-Signature=no",
        *("Authorization: AWS4-HMAC-SHA256 Credential=x", "X-Amz-Date: 20000101T000000Z", "X-Amz-Security-Token: x"),
    )
    assert (answer.status, answer.body) == (200, b"poster")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
async def test_links_are_for_reading(gateway: Gateway, links: Links, method: str) -> None:
    media_id = links.store("1/poster.jpg", b"poster")
    target = f"{links.folder(media_id)}/1/poster.jpg"
    assert (await gateway.raw(target, "Content-Length: 0", method=method)).status == 405
    assert (await gateway.raw(target)).body == b"poster"


async def test_players_ask_for_ranges(gateway: Gateway, links: Links) -> None:
    body = bytes(range(256)) * 8000
    for name in ("1/hls/240p/00000.m4s", "1/audio.m4a"):
        target = f"{links.folder(links.store(name, body))}/{name}"
        for _ in range(2):  # not cached, cached
            part = await gateway.raw(target, "Range: bytes=100-199")
            assert (part.status, part.body) == (206, body[100:200])
            assert part.all("Content-Range") == [f"bytes 100-199/{len(body)}"]
            assert (await gateway.raw(target, "Range: bytes=-7")).body == body[-7:]
        assert (await gateway.raw(target)).body == body
        assert (await gateway.raw(target, f"Range: bytes={len(body)}-")).status == 416


async def test_players_ask_for_the_head_and_for_leave_first(gateway: Gateway, links: Links) -> None:
    target = f"{links.folder(links.store('1/audio.m4a', b'sound'))}/1/audio.m4a"
    head = await gateway.raw(target, method="HEAD")
    assert (head.status, head.all("Content-Length"), head.body) == (200, ["5"], b"")
    leave = await gateway.raw(target, "Access-Control-Request-Headers: range", method="OPTIONS")
    assert (leave.status, leave.all("Access-Control-Allow-Headers")) == (204, ["Range"])


async def test_what_is_not_there_is_not_found_in_plain_words(gateway: Gateway, links: Links) -> None:
    answer = await gateway.raw(f"{links.folder(uuid7())}/1/poster.jpg")
    assert (answer.status, answer.all("Content-Type")) == (404, ["application/problem+json"])
    assert b"media" not in answer.body


async def test_without_its_key_the_gateway_refuses_everything(nginx: Nginx, links: Links) -> None:
    media_id = links.store("1/poster.jpg", b"poster")
    (nginx.folder / "empty").touch()
    for file in (nginx.folder / "missing", nginx.folder / "empty"):
        nginx.environment["METON_MEDIA_SIGNING_KEY_FILE"] = str(file)
        async with nginx.running() as gateway:
            assert (await gateway.raw(f"{links.folder(media_id)}/1/poster.jpg")).status == 403
            unsigned = Links(links.s3, b"").folder(media_id)
            assert (await gateway.raw(f"{unsigned}/1/poster.jpg")).status == 403


async def test_while_the_store_is_away_players_may_try_again(
    nginx: Nginx, links: Links, unused_tcp_port_factory
) -> None:
    nginx.values["METON_S3"] = f"127.0.0.1:{unused_tcp_port_factory()}"
    async with nginx.running() as gateway:
        answer = await gateway.raw(f"{links.folder(uuid7())}/1/poster.jpg")
    assert (answer.status, answer.all("Access-Control-Allow-Origin")) == (502, ["*"])


async def test_the_log_has_no_link_in_it(gateway: Gateway, links: Links) -> None:
    target = f"{links.folder(links.store('1/poster.jpg', b'poster'))}/1/poster.jpg"
    await gateway.raw(target)
    await gateway.raw(target.replace("poster", "absent"))
    log = gateway.log.read_text(encoding="utf-8")
    assert '"path":"/media"' in log
    assert target.split("/")[2] not in log
    assert target.split("/")[3] not in log
