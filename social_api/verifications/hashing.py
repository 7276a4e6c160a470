"""What is kept of a document token: enough to know it again, too little to guess it."""

import asyncio
import hashlib
import os

_N, _R, _P = 2**14, 8, 1
_SALT_BYTES = 16


async def salted(token: str) -> str:
    """A hash of `token` with a salt of its own: `scrypt$n$r$p$salt$hash`, the last two in hexadecimal.

    Slow on purpose, since tokens of some providers are short; so it runs beside the event loop.
    """
    salt = os.urandom(_SALT_BYTES)
    hashed = await asyncio.to_thread(hashlib.scrypt, token.encode(), salt=salt, n=_N, r=_R, p=_P)
    return f"scrypt${_N}${_R}${_P}${salt.hex()}${hashed.hex()}"
