"""FFmpeg is kept on a short leash: it reads one file, for so long, and never outlives who asked for it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from media_worker import ffmpeg
from media_worker.ffmpeg import CrashedError, UnusableError
from tests.media_worker.conftest import children, proc, program
from tests.media_worker.footage import Footage
from tests.support.waiting import eventually

ENDLESS = ["-re", "-f", "lavfi", "-i", "testsrc2=size=320x240", "-f", "null", "-"]


async def encoders() -> list[int]:
    return [pid for pid in children(os.getpid()) if "ffmpeg" in program(pid)]


HOSTILE = {
    "an empty file": b"",
    "text": b"hello, I am a film\n" * 100,
    "a playlist of local files": b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n/etc/passwd\n#EXT-X-ENDLIST\n",
    "a list of local files": b"ffconcat version 1.0\nfile /etc/passwd\n",
    "a session description": b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n",
    "a stream description": b'<?xml version="1.0"?><MPD><BaseURL>file:///etc/passwd</BaseURL></MPD>',
    "subtitles": b"1\n00:00:00,000 --> 00:00:01,000\nhello\n",
    "the start of a video": b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41" + b"\0\0\0\x08free",
    "noise": bytes(range(256)) * 40,
}


@pytest.mark.parametrize("what", HOSTILE)
async def test_what_is_no_media_file_is_refused(what: str, tmp_path: Path) -> None:
    path = tmp_path / "original.mp4"
    path.write_bytes(HOSTILE[what])
    with pytest.raises(UnusableError):
        await ffmpeg.probe(path)


async def test_a_file_cut_in_two_is_refused(footage: Footage, tmp_path: Path) -> None:
    path = tmp_path / "original"
    path.write_bytes(footage.video().read_bytes()[:100_000])
    with pytest.raises(UnusableError, match="damaged"):
        await ffmpeg.probe(path)


async def test_a_picture_of_absurd_size_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "original"
    header = b"\xff\xd8\xff\xc0\x00\x11\x08\xff\xff\xff\xff\x03\x01\x22\x00\x02\x11\x01\x03\x11\x01"
    path.write_bytes(header + b"\xff\xda\x00\x0c\x03\x01\x00\x02\x11\x03\x11\x00\x3f\x00" + b"\0" * 1000 + b"\xff\xd9")
    with pytest.raises(UnusableError):
        await ffmpeg.convert([*ffmpeg.reading(path), "-f", "null", "-"], folder=tmp_path, seconds=10)


async def test_it_is_ended_when_its_time_is_up(tmp_path: Path) -> None:
    with pytest.raises(UnusableError, match="time allowed"):
        await ffmpeg.convert(ENDLESS, folder=tmp_path, seconds=1)
    assert await encoders() == []


async def test_it_is_ended_when_nobody_waits_for_it_any_more(tmp_path: Path) -> None:
    converting = asyncio.create_task(ffmpeg.convert(ENDLESS, folder=tmp_path, seconds=60))
    await eventually(encoders, 10)
    converting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await converting
    assert await encoders() == []


async def test_that_it_was_killed_is_not_blamed_on_the_file(tmp_path: Path) -> None:
    converting = asyncio.create_task(ffmpeg.convert(ENDLESS, folder=tmp_path, seconds=60))
    [encoder] = await eventually(encoders, 10)
    os.kill(encoder, signal.SIGKILL)
    with pytest.raises(CrashedError, match="SIGKILL"):
        await converting


async def test_it_yields_to_everything_else_and_has_bounds(tmp_path: Path) -> None:
    converting = asyncio.create_task(ffmpeg.convert(ENDLESS, folder=tmp_path, seconds=60))
    [encoder] = await eventually(encoders, 10)
    niceness, limits = os.getpriority(os.PRIO_PROCESS, encoder), proc(encoder, "limits")
    converting.cancel()
    assert niceness == os.nice(0) + 10
    assert f"Max file size             {4 * 1024**3}" in limits
    assert f"Max address space         {6 * 1024**3}" in limits


async def test_it_dies_with_the_one_who_asked_for_it(tmp_path: Path) -> None:
    script = (
        "import asyncio, pathlib; from media_worker import ffmpeg;"
        f"asyncio.run(ffmpeg.convert({ENDLESS!r}, folder=pathlib.Path({str(tmp_path)!r}), seconds=60))"
    )
    asking = await asyncio.create_subprocess_exec(sys.executable, "-c", script)

    async def started() -> list[int]:
        return [pid for pid in children(asking.pid) if "ffmpeg" in program(pid)]

    [encoder] = await eventually(started, 20)
    asking.kill()
    await asking.wait()
    killed = time.monotonic()

    async def gone() -> bool:
        return not program(encoder)

    await eventually(gone, 5)
    assert time.monotonic() - killed < 5
