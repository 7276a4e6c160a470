"""Signed links: the gateway checks them with the same key and these same words."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from social_api.media.links import LinkSigner

MEDIA = UUID("0192d1f3-0000-7000-8000-000000000001")
KEY = b"the key that the gateway has too"
FORM = re.compile(r"http://meton\.test/media/(\d{10})\.([A-Za-z0-9_-]{43})/([0-9a-f-]{36})/(.+)")
TIMES = st.integers(min_value=1_700_000_000, max_value=9_000_000_000)


def signer(now: float) -> LinkSigner:
    return LinkSigner("http://meton.test", KEY, clock=lambda: now)


def test_a_link_has_the_form_that_the_gateway_reads() -> None:
    links = signer(1_790_000_000)
    found = FORM.fullmatch(links.link(MEDIA, f"{MEDIA}/3/hls/master.m3u8", links.expiry()))
    assert found is not None
    expiry, signature, media_id, file = found.groups()
    assert (media_id, file) == (str(MEDIA), "3/hls/master.m3u8")
    want = hmac.new(KEY, f"v1\n{expiry}\n{media_id}".encode(), hashlib.sha256).digest()
    assert base64.urlsafe_b64decode(signature + "=") == want


@given(TIMES)
def test_a_link_lives_five_to_ten_minutes(now: int) -> None:
    assert 300 < signer(now).expiry() - now <= 600


@given(TIMES)
def test_links_made_soon_after_each_other_are_mostly_the_same(now: int) -> None:
    start = now - now % 300
    assert signer(start).expiry() == signer(start + 299.9).expiry() != signer(start + 300).expiry()


@given(st.uuids(), st.uuids())
def test_each_media_id_has_its_own_signature(one: UUID, other: UUID) -> None:
    links = signer(1_790_000_000)
    same = links.link(one, "x", links.expiry()) == links.link(other, "x", links.expiry())
    assert same == (one == other)
