"""Signed addresses for what was made of an upload; the gateway checks them without asking anyone.

`{public}/media/{expiry}.{signature}/{media_id}/{file…}`: the signature stands in a folder, so that the relative
addresses inside a playlist inherit it. It covers one media id and all that lies under it. Sign only what the viewer
was found to be allowed to see: whoever has a link may use it until it expires.
"""

import base64
import hmac
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from uuid import UUID

WINDOW_SECONDS = 300


class LinkSigner:
    """Makes links with the key that the gateway also has.

    `clock` gives epoch seconds.
    """

    def __init__(self, public_url: str, key: bytes, clock: Callable[[], float] = time.time) -> None:
        self._public_url = public_url
        self._key = key
        self._clock = clock
        # the same files are shown again and again, and a link holds for minutes
        self._sign = lru_cache(maxsize=16384)(self._signed)

    def expiry(self) -> int:
        """Epoch seconds at which links made now end: 5 to 10 minutes ahead.

        It moves in steps, so that a browser that asks again within a step gets the same address and uses its cache.
        """
        return (int(self._clock()) // WINDOW_SECONDS + 2) * WINDOW_SECONDS

    def link(self, media_id: UUID | str, object_key: str, expiry: int) -> str:
        """The address of `object_key` (which starts with the media id) in the bucket `media` until `expiry`."""
        return f"{self._sign(str(media_id), expiry)}/{object_key}"

    def link_now(self, object_key: str) -> str:
        """The address of `object_key` for someone who asks now."""
        return self.link(object_key.partition("/")[0], object_key, self.expiry())

    def _signed(self, media_id: str, expiry: int) -> str:
        digest = hmac.digest(self._key, f"v1\n{expiry}\n{media_id}".encode(), "sha256")
        signature = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        return f"{self._public_url}/media/{expiry}.{signature}"


def moment(expiry: int) -> datetime:
    """Epoch seconds as a time."""
    return datetime.fromtimestamp(expiry, UTC)
