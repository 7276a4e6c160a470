"""A photo is shown upright, in a bearable size, and says nothing of where it was taken."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from media_worker import ffmpeg, images
from media_worker.ffmpeg import UnusableError
from media_worker.ladder import Artifacts
from tests.media_worker.footage import Footage


async def made(path: Path, folder: Path) -> Artifacts:
    original = folder / "original"
    shutil.copyfile(path, original)
    (folder / "artifacts").mkdir()
    return await images.make(original, await ffmpeg.probe(original), folder / "artifacts")


@pytest.mark.parametrize("kind", ["jpg", "png", "webp"])
async def test_a_photo_keeps_its_size_and_gets_a_thumbnail(footage: Footage, tmp_path: Path, kind: str) -> None:
    artifacts = await made(footage.photo(kind=kind), tmp_path)
    assert (artifacts.playlist, artifacts.thumb, artifacts.mime_type) == (images.PHOTO, images.THUMB, "image/jpeg")
    assert (artifacts.width, artifacts.height) == (640, 480)
    assert images.jpeg_size((tmp_path / "artifacts/thumb.jpg").read_bytes()) == (320, 240)


async def test_a_large_photo_is_scaled_down(footage: Footage, tmp_path: Path) -> None:
    artifacts = await made(footage.photo(1500, 4000), tmp_path)
    assert (artifacts.width, artifacts.height) == (768, 2048)


async def test_a_photo_taken_upright_is_turned_and_forgets_its_place(footage: Footage, tmp_path: Path) -> None:
    assert b"Exif" in footage.photo_with_place().read_bytes()
    artifacts = await made(footage.photo_with_place(), tmp_path)
    assert (artifacts.width, artifacts.height) == (480, 640)
    for name in (images.PHOTO, images.THUMB):
        assert b"Exif" not in (tmp_path / "artifacts" / name).read_bytes()


async def test_a_video_is_no_photo(footage: Footage, tmp_path: Path) -> None:
    with pytest.raises(UnusableError, match="not a photo"):
        await made(footage.video(320, 240, 1), tmp_path)


def test_a_jpeg_without_a_frame_has_no_size() -> None:
    with pytest.raises(ValueError, match="frame header"):
        images.jpeg_size(b"\xff\xd8\xff\xe0\x00\x04\x00\x00")
