"""Votes on the wire."""

from typing import Annotated

from msgspec import Meta, Struct

Position = Annotated[int, Meta(ge=0, le=9)]


class Vote(Struct, frozen=True, forbid_unknown_fields=True):
    """What one chooses: positions of the poll's options, from 0; exactly one unless the poll takes `multiple`."""

    options: Annotated[list[Position], Meta(min_length=1, max_length=10, examples=[[0]])]
