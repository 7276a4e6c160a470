"""In an encrypted room nothing readable is sent, and the room stays encrypted.

Clients encrypt by themselves; this is for the one that forgets (a bot, an old client, a script with a token). Synapse
itself would store its plaintext and hand it to the appservice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

from synapse.api.errors import Codes
from synapse.events import EventBase
from synapse.module_api import NOT_SPAM, JsonDict, ModuleApi

ENCRYPTION = "m.room.encryption"
MEGOLM = "m.megolm.v1.aes-sha2"
# Matrix defines these in clear also where messages are encrypted.
READABLE = frozenset({"m.reaction", "m.room.redaction"})
# All that the specification puts beside the ciphertext: whatever else stands there can be read.
ENVELOPE = frozenset({"algorithm", "ciphertext", "device_id", "sender_key", "session_id", "m.relates_to"})
BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")
# Where a message's words stand, in whatever event they are put.
WORDS = frozenset({"body", "formatted_body", "msgtype", "m.new_content", "m.text"})
LONGEST_REACTION = 128
"""Characters: an emoji, or the address of one made by people; no letter."""
CACHED_ROOMS = 100_000

Verdict = Literal["NOT_SPAM"] | tuple[Codes, JsonDict]


class EncryptedRooms:
    """Answers Synapse's question about each event that a local user sends; membership events are not asked about."""

    def __init__(self, api: ModuleApi) -> None:
        self._api = api
        self._encrypted: set[str] = set()  # rooms known to be encrypted, which they stay

    async def check(self, event: EventBase) -> Verdict:
        """NOT_SPAM, or M_FORBIDDEN with a sentence for the person."""
        if event.type == ENCRYPTION and event.content.get("algorithm") != MEGOLM:
            return _forbidden("Encryption cannot be turned off or changed to another algorithm.")
        if event.type == "m.room.redaction" and await self._turns_encryption_off(event):
            return _forbidden("Encryption cannot be turned off.")
        if _may_be_in_clear(event) or _is_ciphertext(event):
            return NOT_SPAM
        if await self._is_encrypted(event.room_id):
            return _forbidden("This room is encrypted: messages that are not encrypted are refused here.")
        return NOT_SPAM

    async def _turns_encryption_off(self, event: EventBase) -> bool:
        """Redacting the event that turned encryption on would leave the room without an algorithm."""
        return event.redacts is not None and event.redacts == await self._encryption_event(event.room_id)

    async def _is_encrypted(self, room_id: str) -> bool:
        if room_id in self._encrypted:
            return True
        if await self._encryption_event(room_id) is None:
            return False
        if len(self._encrypted) >= CACHED_ROOMS:
            self._encrypted.clear()
        self._encrypted.add(room_id)
        return True

    async def _encryption_event(self, room_id: str) -> str | None:
        state = await self._api.get_room_state(room_id, [(ENCRYPTION, "")])
        event = state.get((ENCRYPTION, ""))
        return event.event_id if event else None


def _may_be_in_clear(event: EventBase) -> bool:
    """State, reactions and redactions, as long as they are not made to carry a message."""
    content = event.content
    return (event.is_state() or event.type in READABLE) and WORDS.isdisjoint(content) and _relates(content)


def _is_ciphertext(event: EventBase) -> bool:
    content = event.content
    ciphertext = content.get("ciphertext")
    return (
        event.type == "m.room.encrypted"
        and not event.is_state()
        and content.get("algorithm") == MEGOLM
        and ENVELOPE.issuperset(content)
        and isinstance(ciphertext, str)
        and BASE64.fullmatch(ciphertext) is not None
        and _relates(content)
    )


def _relates(content: Mapping[str, Any]) -> bool:
    """Whether `m.relates_to`, which is never encrypted, says how events belong together and nothing more."""
    relation = content.get("m.relates_to", {})
    if not isinstance(relation, Mapping) or not WORDS.isdisjoint(relation):
        return False
    key = relation.get("key", "")
    return isinstance(key, str) and len(key) <= LONGEST_REACTION


def _forbidden(sentence: str) -> Verdict:
    return Codes.FORBIDDEN, {"error": sentence}
