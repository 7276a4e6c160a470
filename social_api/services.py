"""What handlers may ask for beside their transaction."""

from __future__ import annotations

from dataclasses import dataclass

from redis.asyncio import Redis

from db.engine import Database
from social_api.auth.authenticator import Authenticator
from social_api.auth.revocations import Revocations
from social_api.feed.fragments import Fragments
from social_api.keycloak import Keycloak
from social_api.media.links import LinkSigner
from social_api.media.uploads import UploadSigner
from social_api.settings import Settings


@dataclass(frozen=True, slots=True)
class Services:
    """Each field is what a handler gets for a parameter of that name.

    A slice that needs one more adds a field here and the line that makes it in `app.py`.
    """

    settings: Settings
    database: Database
    valkey: Redis
    keycloak: Keycloak
    revocations: Revocations
    authenticator: Authenticator
    upload_signer: UploadSigner
    link_signer: LinkSigner
    fragments: Fragments
