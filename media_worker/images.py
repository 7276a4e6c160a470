"""Makes a photo fit to show: upright, at most 2048 pixels a side, without what the camera wrote into it."""

from __future__ import annotations

import struct
from pathlib import Path

from media_worker import ffmpeg
from media_worker.ffmpeg import Source, UnusableError
from media_worker.ladder import Artifacts

STILL_CONTAINERS = frozenset({"jpeg_pipe", "png_pipe", "webp_pipe"})
PHOTO = "photo.jpg"
THUMB = "thumb.jpg"
PHOTO_SIDE = 2048
THUMB_SIDE = 320
BASELINE_FRAME = 0xC0
SECONDS = 60


async def make(path: Path, source: Source, folder: Path) -> Artifacts:
    """Write the photo and its thumbnail into `folder`; UnusableError when the file is no photo of a supported kind."""
    if source.container not in STILL_CONTAINERS or source.picture is None:
        raise UnusableError("The file is not a photo of a supported kind (JPEG, PNG or WebP).")
    filters = (
        f"[0:{source.picture.stream}]split[large][small];"
        f"[large]{_fitting(PHOTO_SIDE)}[photo];[small]{_fitting(THUMB_SIDE)}[thumb]"
    )
    await ffmpeg.convert(
        [
            *(*ffmpeg.reading(path), "-filter_complex", filters),
            *("-map", "[photo]", *_jpeg("2"), PHOTO, "-map", "[thumb]", *_jpeg("4"), THUMB),
        ],
        folder=folder,
        seconds=SECONDS,
    )
    width, height = jpeg_size((folder / PHOTO).read_bytes())
    return Artifacts(PHOTO, THUMB, None, width, height, None, "image/jpeg")


def jpeg_size(data: bytes) -> tuple[int, int]:
    """Width and height as the frame header of a baseline JPEG (which is what we write) says; ValueError without one."""
    place = 2
    while place + 9 <= len(data):
        _, marker, length = struct.unpack_from(">BBH", data, place)
        if marker == BASELINE_FRAME:
            height, width = struct.unpack_from(">HH", data, place + 5)
            return width, height
        place += 2 + length
    raise ValueError("no baseline frame header in this JPEG")


def _fitting(side: int) -> str:
    """Scaled down to fit a square, never enlarged; side data (EXIF with its GPS place) is dropped."""
    bounds = f"w=min(iw\\,{side}):h=min(ih\\,{side})"
    return f"scale={bounds}:force_original_aspect_ratio=decrease,setsar=1,sidedata=mode=delete"


def _jpeg(quality: str) -> list[str]:
    return ["-map_metadata", "-1", "-frames:v", "1", "-update", "1", "-q:v", quality]
