"""Uploading, and looking how far an upload is."""

from uuid import UUID

from uuid_utils.compat import uuid7

from db import outbox
from db.engine import Transaction
from social_api.auth import Actor
from social_api.media import queries, uploads
from social_api.media.links import LinkSigner
from social_api.media.schemas import MediaChange, MediaTicket, MediaView, NewMedia
from social_api.media.uploads import UploadSigner
from social_api.media.views import media_view
from social_api.problems import Conflict, NotFound, Text


class TooManyUploads(Conflict):
    """Many uploads were begun and not finished."""

    name = "too-many-uploads"
    title = Text("Too many unfinished uploads", "बहुत से अपलोड अधूरे हैं")
    detail = Text(
        "At most {limit} uploads can be on their way at once: finish some first.",
        "एक समय में अधिकतम {limit} अपलोड चल सकते हैं: पहले कुछ पूरे करें।",
    )


async def create(actor: Actor, tx: Transaction, body: NewMedia, upload_signer: UploadSigner) -> MediaTicket:
    """Begin an upload.

    Answers a form to POST the file with, straight to the object store. Call `complete` when it is there.
    """
    limit = uploads.limit_for(body)
    await tx.row(queries.LOCK_PERSON, viewer=actor.user_id)
    if await tx.value(queries.COUNT_PENDING, viewer=actor.user_id) >= uploads.PENDING_MAX:
        raise TooManyUploads(limit=uploads.PENDING_MAX)
    media_id = uuid7()
    await tx.execute(
        queries.INSERT,
        media=media_id,
        viewer=actor.user_id,
        kind=body.kind,
        mime_type=body.mime_type,
        byte_size=body.byte_size,
        storage_key=uploads.object_key(media_id),
        alt_text=_said(body.alt_text),
    )
    form = upload_signer.form(media_id, body.mime_type, body.byte_size, limit.lifetime)
    return MediaTicket(id=media_id, upload=form)


async def complete(
    actor: Actor, tx: Transaction, media_id: UUID, link_signer: LinkSigner, request_id: str
) -> MediaView:
    """Say that the upload is there.

    Only a hint that makes things faster: uploads are found without it too. Doing it again changes nothing.
    """
    if await tx.execute(queries.ANNOUNCE, media=media_id, viewer=actor.user_id):
        await outbox.emit(tx, "media_worker", "upload.announced", {"media_id": media_id}, request_id=request_id)
    elif not await tx.value(queries.IS_OWN, media=media_id, viewer=actor.user_id):
        raise NotFound
    return await show(actor, tx, media_id, link_signer)


async def change(
    actor: Actor, tx: Transaction, media_id: UUID, body: MediaChange, link_signer: LinkSigner
) -> MediaView:
    """Say in words what a file of one's own shows."""
    if not await tx.execute(queries.DESCRIBE, media=media_id, viewer=actor.user_id, alt_text=_said(body.alt_text)):
        raise NotFound
    return await show(actor, tx, media_id, link_signer)


async def show(actor: Actor, tx: Transaction, media_id: UUID, link_signer: LinkSigner) -> MediaView:
    """Show a file and how far it is.

    Its owner sees it always, others when it is part of a post that they may see.
    """
    stored = await tx.value(queries.SHOW, media=media_id, viewer=actor.user_id)
    if stored is None:
        raise NotFound
    return media_view(stored, link_signer)


def _said(alt_text: str | None) -> str | None:
    return (alt_text or "").strip() or None
