"""What social_api is told when tests run it themselves."""

from __future__ import annotations

from ipaddress import ip_network

from social_api.settings import Settings
from stack.installation import Installation
from tests.support.clones import Clone
from tests.support.realm import Realm

PUBLIC_URL = "http://meton.test"


def settings(installation: Installation, database: Clone, realm: Realm, valkey_database: int) -> Settings:
    """As its own database role; rate limits are out of the way of tests of other things."""
    return Settings(
        public_url=PUBLIC_URL,
        listen_host="127.0.0.1",
        listen_port=0,
        gateway_networks=(ip_network("127.0.0.0/8"),),
        database_url=database.url("social_api"),
        database_password=database.password("social_api"),
        valkey_url=f"redis://social_api@127.0.0.1:{installation.port('valkey')}/{valkey_database}",
        valkey_password=installation.secret("valkey_social_api"),
        keycloak_url=realm.url,
        keycloak_realm="meton",
        keycloak_client_id="meton-api",
        keycloak_client_secret="unused by the realm of tests",
        s3_access_key="meton-uploader",
        s3_secret_key=installation.secret("s3_uploader"),
        media_signing_key=installation.secret("media_signing_key"),
        cursor_key=installation.secret("cursor_key"),
        rate_limit_factor=1000.0,
        log_level="error",
    )
