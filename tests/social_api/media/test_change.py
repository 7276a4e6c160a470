"""PATCH /v1/media/{media_id}: what a file shows, in words."""

from __future__ import annotations

import pytest

from tests.social_api.conftest import Person
from tests.support.clones import Clone
from tests.support.records import upload


async def test_a_file_is_described_and_read_with_its_post(alice: Person, bob: Person, database: Clone) -> None:
    media_id = await upload(database, alice.id)
    changed = await alice.call("PATCH", f"/v1/media/{media_id}", {"alt_text": " एक लाल ट्रेन "})
    assert (changed.status, changed.body["alt_text"]) == (200, "एक लाल ट्रेन")
    post = await alice.post("/v1/posts", {"type": "photo", "media": [str(media_id)]})
    assert (await bob.get(f"/v1/posts/{post['id']}"))["media"][0]["alt_text"] == "एक लाल ट्रेन"
    for nothing in (None, " "):
        assert (await alice.call("PATCH", f"/v1/media/{media_id}", {"alt_text": nothing})).body["alt_text"] is None


async def test_a_file_is_described_as_its_upload_begins(alice: Person) -> None:
    file = {"kind": "image", "mime_type": "image/png", "byte_size": 9, "alt_text": "A red train"}
    ticket = await alice.post("/v1/media", file)
    assert (await alice.get(f"/v1/media/{ticket['id']}"))["alt_text"] == "A red train"


async def test_the_file_of_someone_else_stays(alice: Person, bob: Person, database: Clone) -> None:
    media_id = str(await upload(database, alice.id))
    await alice.post("/v1/posts", {"type": "photo", "media": [media_id]})
    assert (await bob.call("PATCH", f"/v1/media/{media_id}", {"alt_text": "x"})).status == 404


@pytest.mark.parametrize("body", [{}, {"alt_text": "x" * 1501}, {"alt_text": "nul\u0000"}, {"alt_text": 1}])
async def test_what_is_no_description_is_refused(alice: Person, database: Clone, body: dict[str, object]) -> None:
    media_id = await upload(database, alice.id)
    assert (await alice.call("PATCH", f"/v1/media/{media_id}", body)).status == 422
