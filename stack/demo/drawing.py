"""Pictures for the demo people, drawn here: hills under a sky, as PNG."""

from __future__ import annotations

import math
import struct
import zlib
from dataclasses import dataclass

WIDTH, HEIGHT = 480, 360
HILLS = 3

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Scene:
    """A sky that goes from one colour to another, and hills before it; `seed` gives them their shape."""

    alt_text: str
    top: Colour
    horizon: Colour
    hill: Colour
    seed: int
    width: int = WIDTH
    height: int = HEIGHT


def draw(scene: Scene) -> bytes:
    """The picture as a PNG file."""
    columns = list(zip(*(_ridge(scene, number) for number in range(HILLS)), strict=True))
    far, middle, near = (bytes(_mixed(scene.horizon, scene.hill, (n + 1) / HILLS)) for n in range(HILLS))
    rows = bytearray()
    for y in range(scene.height):
        sky = bytes(_mixed(scene.top, scene.horizon, y / scene.height))
        pixels = (near if c <= y else middle if b <= y else far if a <= y else sky for a, b, c in columns)
        rows += b"\0" + b"".join(pixels)
    head = struct.pack(">IIBBBBB", scene.width, scene.height, 8, 2, 0, 0, 0)
    chunks = _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(bytes(rows))) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def _ridge(scene: Scene, number: int) -> list[float]:
    """How far from the top the nth range of hills begins, for each column."""
    base = scene.height * (0.5 + 0.17 * number)
    waves = [(scene.height * 0.11 / wave, wave * 2.3 / scene.width, scene.seed * wave + number) for wave in (1, 2, 5)]
    return [
        base + sum(size * math.sin(2 * x * pace + phase) for size, pace, phase in waves) for x in range(scene.width)
    ]


def _mixed(one: Colour, other: Colour, share: float) -> Colour:
    first, second, third = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return first, second, third


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
