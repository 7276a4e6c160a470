"""A form that the API signed lets one file into the bucket of uploads, and nothing else passes there."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from aiohttp import FormData
from uuid_utils.compat import uuid7

from social_api.media.schemas import UploadForm
from social_api.media.uploads import UploadSigner
from stack.installation import Installation
from tests.gateway.conftest import Gateway

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

MEDIA_ID = uuid7()


def form(gateway: Gateway, installation: Installation, size: int) -> UploadForm:
    signer = UploadSigner(gateway.url, "meton-uploader", installation.secret("s3_uploader"))
    return signer.form(MEDIA_ID, "video/mp4", size, timedelta(minutes=5))


async def send(gateway: Gateway, ticket: UploadForm, body: bytes, query: str = "", **changed: str) -> int:
    fields = FormData()
    for name, value in {**ticket.fields, **changed}.items():
        fields.add_field(name, value)
    fields.add_field("file", BytesIO(body), filename="film.mp4")
    async with gateway.http.post(ticket.url + query, data=fields, allow_redirects=False) as answer:
        assert "Location" not in answer.headers
        return answer.status


async def test_an_upload_goes_straight_into_the_bucket(
    gateway: Gateway, installation: Installation, s3: S3Client
) -> None:
    body = bytes(3_000_000)
    assert await send(gateway, form(gateway, installation, len(body)), body) == 204
    stored = s3.head_object(Bucket="uploads", Key=f"{MEDIA_ID}/original")
    assert (stored["ContentLength"], stored["ContentType"]) == (len(body), "video/mp4")


async def test_a_form_lets_in_what_it_says_and_nothing_else(gateway: Gateway, installation: Installation) -> None:
    ticket = form(gateway, installation, 100)
    assert await send(gateway, ticket, bytes(101)) == 400
    assert await send(gateway, ticket, bytes(99)) == 400
    assert await send(gateway, ticket, bytes(100), key=f"{uuid7()}/original") == 403
    assert await send(gateway, ticket, bytes(100), **{"Content-Type": "text/html"}) == 403
    assert await send(gateway, ticket, bytes(100), **{"x-amz-signature": "0" * 64}) == 403


async def test_nobody_is_led_elsewhere(gateway: Gateway, installation: Installation) -> None:
    ticket = form(gateway, installation, 100)
    status = await send(gateway, ticket, bytes(100), success_action_redirect="https://evil.example/")
    assert status in (204, 303, 403)


async def test_a_query_does_not_make_another_request_of_it(gateway: Gateway, installation: Installation) -> None:
    assert await send(gateway, form(gateway, installation, 100), bytes(100), query="?delete") == 204


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
async def test_the_bucket_can_be_neither_read_nor_changed(gateway: Gateway, method: str) -> None:
    assert (await gateway.raw("/uploads", "Content-Length: 0", method=method)).status == 405
    for target in ("/uploads/", f"/uploads/{MEDIA_ID}/original", "/uploads?list-type=2"):
        answer = await gateway.raw(target, "Content-Length: 0", method=method)
        assert answer.status in (404, 405)
