"""PUT and DELETE /v1/me/avatar and /v1/me/cover."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from db.engine import Statement
from db.models import MediaItem, User
from tests.social_api.conftest import PUBLIC_URL, Person
from tests.support.clones import Clone
from tests.support.racing import race
from tests.support.records import upload

AVATAR, COVER = "/v1/me/avatar", "/v1/me/cover"
FIELDS = {AVATAR: "profile_pic_url", COVER: "cover_url"}
FILES = {AVATAR: "poster.jpg", COVER: "photo.jpg"}
BOTH = pytest.mark.parametrize("path", [AVATAR, COVER])


def chosen(media: UUID) -> dict[str, str]:
    return {"media_id": str(media)}


async def pictures(database: Clone) -> dict[UUID, tuple[bool, UUID | None]]:
    """Of every file, whether it is a picture of a person, and in which post it is."""
    async with database.reading() as tx:
        rows = await tx.rows(Statement(select(MediaItem.id, MediaItem.is_picture, MediaItem.post_id)))
    return {row["id"]: (row["is_picture"], row["post_id"]) for row in rows}


@BOTH
async def test_a_picture_is_chosen_and_seen(alice: Person, bob: Person, database: Clone, path: str) -> None:
    media = await upload(database, alice.id)
    me = await alice.put(path, chosen(media))
    assert me[FIELDS[path]].startswith(f"{PUBLIC_URL}/media/")
    assert me[FIELDS[path]].endswith(f"/{media}/1/{FILES[path]}")
    assert (await bob.get("/v1/profiles/alice@meton"))[FIELDS[path]] == me[FIELDS[path]]
    assert await alice.get("/v1/me") == me


async def test_it_stands_beside_ones_name_everywhere(alice: Person, bob: Person, database: Clone) -> None:
    me = await alice.put(AVATAR, chosen(await upload(database, alice.id)))
    request = await alice.post("/v1/friend-requests", {"connect_id": "bob@meton"})
    post = await alice.post("/v1/posts", {"caption": "hello"})
    listed = await bob.get("/v1/friend-requests")
    assert request["person"]["profile_pic_url"] is None
    assert listed["items"][0]["person"]["profile_pic_url"] == me["profile_pic_url"]
    assert (await bob.get(f"/v1/posts/{post['id']}"))["author"]["profile_pic_url"] == me["profile_pic_url"]


@BOTH
async def test_a_picture_is_taken_away_and_free_again(alice: Person, database: Clone, path: str) -> None:
    media = await upload(database, alice.id)
    await alice.put(path, chosen(media))
    for _ in range(2):
        assert (await alice.call("DELETE", path)).status == 204
        assert (await alice.get("/v1/me"))[FIELDS[path]] is None
    assert await pictures(database) == {media: (False, None)}
    await alice.post("/v1/posts", {"type": "photo", "media": [str(media)]})
    assert (await alice.call("PUT", path, chosen(media))).status == 422


async def test_another_picture_frees_the_one_before_unless_it_is_the_cover(alice: Person, database: Clone) -> None:
    first, second, third = [await upload(database, alice.id) for _ in range(3)]
    for path, media in ((AVATAR, first), (COVER, first), (AVATAR, second), (AVATAR, second), (AVATAR, third)):
        await alice.put(path, chosen(media))
    assert await pictures(database) == {first: (True, None), second: (False, None), third: (True, None)}


@pytest.mark.parametrize(
    "columns", [{"kind": "video"}, {"kind": "audio"}, {"state": "processing"}, {"state": "failed"}]
)
@BOTH
async def test_what_is_no_image_that_is_ready_is_refused(
    alice: Person, database: Clone, columns: dict[str, Any], path: str
) -> None:
    answer = await alice.call("PUT", path, chosen(await upload(database, alice.id, **columns)))
    assert (answer.status, answer.body["type"].rpartition("/")[2]) == (422, "picture-not-usable")
    assert (await alice.get("/v1/me"))[FIELDS[path]] is None


async def test_a_file_of_somebody_else_and_one_that_is_not_there_are_refused_alike(
    alice: Person, bob: Person, database: Clone
) -> None:
    not_own = await alice.call("PUT", AVATAR, chosen(await upload(database, bob.id)))
    not_there = await alice.call("PUT", AVATAR, chosen(uuid4()))
    assert not_own.status == not_there.status == 422
    assert {**not_own.body, "instance": ""} == {**not_there.body, "instance": ""}


async def test_a_refused_file_leaves_the_picture_as_it_was(alice: Person, bob: Person, database: Clone) -> None:
    me = await alice.put(AVATAR, chosen(await upload(database, alice.id)))
    await alice.call("PUT", AVATAR, chosen(await upload(database, bob.id)))
    assert await alice.get("/v1/me") == me


@BOTH
async def test_a_picture_cannot_be_posted_nor_a_posted_one_be_a_picture(
    alice: Person, database: Clone, path: str
) -> None:
    picture, posted = [await upload(database, alice.id) for _ in range(2)]
    await alice.put(path, chosen(picture))
    assert (await alice.call("POST", "/v1/posts", {"type": "photo", "media": [str(picture)]})).status == 422
    await alice.post("/v1/posts", {"type": "photo", "media": [str(posted)]})
    assert (await alice.call("PUT", path, chosen(posted))).status == 422


@pytest.mark.parametrize("order", [1, -1])
async def test_of_fifty_that_want_a_file_for_a_post_and_for_a_picture_one_kind_gets_it(
    alice: Person, database: Clone, order: int
) -> None:
    media = await upload(database, alice.id)
    calls = (
        lambda: alice.call("POST", "/v1/posts", {"type": "photo", "media": [str(media)]}),
        lambda: alice.call("PUT", AVATAR, chosen(media)),
    )
    first, second = await race(*calls[::order], times=25)
    posted, put = (first, second) if order == 1 else (second, first)
    posts = sum(answer.status == 201 for answer in posted)
    assert (posts, {answer.status for answer in put}) in ((1, {422}), (0, {200}))
    async with database.reading() as tx:
        avatar = await tx.value(Statement(select(User.avatar_id).where(User.id == alice.id)))
    assert await pictures(database) == {media: (avatar is not None, (await pictures(database))[media][1])}
    assert (avatar is None) == (posts == 1)
