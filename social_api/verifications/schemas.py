"""Verification on the wire."""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from social_api.moments import Moment
from social_api.profiles.schemas import PersonSummary

Provider = Annotated[
    str, Meta(min_length=2, max_length=50, pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]*$", examples=["DigiLocker"])
]
TokenId = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"^[!-~]+$", examples=["in.gov.digilocker-9f2c"])]
DocumentToken = Annotated[str, Meta(min_length=8, max_length=4096, pattern=r"^[^\u0000]+$", examples=["9f2c61d0b7"])]
Reason = Annotated[str, Meta(max_length=500, pattern=r"^[^\u0000]*$", examples=["The name is another one."])]


class NewVerification(Struct, frozen=True, forbid_unknown_fields=True):
    """What an identity provider gave. Never a document or its number: of `document_token` a salted hash is kept."""

    provider: Provider
    token_id: TokenId
    document_token: DocumentToken


class VerificationView(Struct, frozen=True):
    """How far one's verification is. After a refusal `status` is `none` again and `reason` says why."""

    status: Literal["none", "pending", "verified"]
    provider: str | None = None
    requested_at: Moment | None = None
    decided_at: Moment | None = None
    reason: str | None = None


class VerificationCase(Struct, frozen=True):
    """Somebody who waits for a decision; `token_id` is what to ask the provider about."""

    user_id: UUID
    person: PersonSummary
    provider: str
    token_id: str
    requested_at: Moment


class Decision(Struct, frozen=True, forbid_unknown_fields=True):
    """Whether the person is who they say; a refusal needs a reason, which they are told."""

    approved: bool
    reason: Reason | None = None
