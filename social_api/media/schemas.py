"""Media on the wire."""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from social_api.moments import Moment

Kind = Literal["image", "video"]
State = Literal["pending", "processing", "done", "failed"]

AltText = Annotated[str, Meta(max_length=1500, pattern=r"^[^\u0000]*$", examples=["A red train on a viaduct"])]


class NewMedia(Struct, frozen=True, forbid_unknown_fields=True):
    """The file someone wants to upload, as their device describes it."""

    kind: Kind
    mime_type: Annotated[str, Meta(max_length=100, examples=["video/mp4"])]
    byte_size: Annotated[int, Meta(ge=1, description="Bytes; the upload must have exactly as many.")]
    alt_text: AltText | None = None


class MediaChange(Struct, frozen=True, forbid_unknown_fields=True):
    """What to change of a file: `alt_text` says in words what it shows, for those who do not see it."""

    alt_text: AltText | None


class UploadForm(Struct, frozen=True):
    """A form to POST as multipart/form-data: these fields first, then the file in a field named `file`."""

    url: str
    fields: dict[str, str]
    expires_at: Moment


class MediaTicket(Struct, frozen=True):
    """A place for the file and the leave to put it there."""

    id: UUID
    upload: UploadForm


class MediaLinks(Struct, frozen=True):
    """Signed addresses, good for some minutes; ask again for fresh ones. What a kind does not have is null."""

    playlist: str | None
    image: str | None
    poster: str | None
    audio: str | None
    expires_at: Moment


class MediaView(Struct, frozen=True):
    """A file and how far it is. `failure` says in words why it will not appear."""

    id: UUID
    kind: Kind
    state: State
    mime_type: str | None
    width: int | None
    height: int | None
    duration_sec: int | None
    failure: str | None
    alt_text: str | None
    links: MediaLinks | None
