"""Which tokens are taken."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from social_api.auth.jwks import KeySet
from social_api.auth.tokens import Verifier
from social_api.problems import Unauthorized
from tests.social_api import forged
from tests.social_api.conftest import House
from tests.support.realm import KID, public_jwk

ISSUER = "http://meton.test/auth/realms/meton"
CORPUS = forged.every(ISSUER)


@pytest.fixture
def verifier() -> Verifier:
    async def publish() -> list[dict[str, Any]]:
        return [public_jwk(KID)]

    return Verifier(KeySet(publish), ISSUER)


async def test_a_good_token_is_taken(verifier: Verifier) -> None:
    claims = await verifier.verify(forged.signed(forged.good_claims(ISSUER)))
    assert (claims.preferred_username, claims.azp, claims.roles) == ("mallory", "meton-web", {"member"})


async def test_one_audience_among_others_is_enough(verifier: Verifier) -> None:
    claims = {**forged.good_claims(ISSUER), "aud": ["account", "meton-api"]}
    assert await verifier.verify(forged.signed(claims))


@pytest.mark.parametrize("name", CORPUS)
async def test_a_forged_token_is_refused(verifier: Verifier, name: str) -> None:
    with pytest.raises(Unauthorized):
        await verifier.verify(CORPUS[name])


async def test_each_forged_token_is_answered_401_with_a_problem_document(house: House) -> None:
    corpus = forged.every(house.settings.issuer)
    for name, token in corpus.items():
        answer = await house.nobody.call("GET", "/v1/me", headers={"Authorization": f"Bearer {token}"})
        assert (answer.status, answer.body["type"]) == (401, "http://meton.test/api/problems/unauthorized"), name
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="meton"'
        assert answer.headers["Content-Type"] == "application/problem+json"


async def test_the_header_must_be_as_the_standard_has_it(house: House) -> None:
    token = house.realm.token(house.settings.issuer, "alice")
    for template in ("bearer {}", "BEARER {}", "Bearer  {}", "Basic {}", "{}", "Token {}", "Bearer", "", "Bearer\t{}"):
        assert await status_for(house, template.format(token)) == 401, template
    assert await status_for(house, f"Bearer \xe9{token}") == 401  # no ASCII, which headers may yet carry
    # HTTP drops blanks around a header's value, so one at its end is no part of the token
    assert await status_for(house, f"Bearer {token} ") == 200


async def test_a_header_given_twice_is_refused(house: House) -> None:
    token = house.realm.token(house.settings.issuer, "alice")
    twice = [("Authorization", f"Bearer {token}"), ("Authorization", f"Bearer {token}")]
    async with house.http.get(f"{house.url}/api/v1/me", headers=twice) as answer:
        assert answer.status == 401


async def test_a_token_in_the_address_is_not_looked_at(house: House) -> None:
    token = house.realm.token(house.settings.issuer, "alice")
    assert (await house.nobody.call("GET", f"/v1/me?access_token={token}")).status == 401


async def status_for(house: House, authorization: str) -> int:
    """The status of `GET /v1/me` with this header, sent byte for byte."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(house.url.rpartition(":")[2]))
    request = f"GET /api/v1/me HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: {authorization}\r\n\r\n"
    writer.write(request.encode("latin-1"))
    status = int((await reader.readline()).split()[1])
    writer.close()
    await writer.wait_closed()
    return status
