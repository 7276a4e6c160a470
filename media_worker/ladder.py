"""Makes a video or a sound playable everywhere: HLS in fMP4 with aligned renditions, poster, thumbnails, sound apart.

One FFmpeg run decodes the source once and writes all of it: a run for each rendition took twice as long.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from media_worker import ffmpeg
from media_worker.ffmpeg import Picture, Source, UnusableError

STANDARD = (240, 480, 720)  # length of the shorter side
TOP_KBPS = 3400  # at 720
SEGMENT_SECONDS = 4
MAX_SECONDS = 3 * 60 * 60
LENGTH_TOLERANCE = 0.1  # more than this part missing, and the file was cut short
TILES = 100
TILE_COLUMNS = 10
TILE_WIDTH = 160

MASTER = "hls/master.m3u8"
AUDIO_PLAYLIST = "hls/audio/index.m3u8"
POSTER = "poster.jpg"
SPRITE = "thumbs.jpg"
THUMBNAILS = "thumbs.vtt"
SOUND = "audio.m4a"

_CLEAN = ["-map_metadata", "-1", "-map_chapters", "-1"]  # where and with what it was filmed is nobody's business


@dataclass(frozen=True, slots=True)
class Rung:
    """One rendition; sizes in pixels, `kbps` is its ceiling."""

    name: str
    width: int
    height: int
    kbps: int


@dataclass(frozen=True, slots=True)
class Artifacts:
    """What was made: paths relative to the job's folder, the size to show it at, and its length in seconds."""

    playlist: str | None
    thumb: str | None
    audio: str | None
    width: int | None
    height: int | None
    duration: float | None
    mime_type: str


def rungs(picture: Picture) -> tuple[Rung, ...]:
    """The standard renditions that need no enlarging, and the source's own size when that is well above the best."""
    short = min(picture.width, picture.height)
    sides = [side for side in STANDARD if side <= short]
    if short < STANDARD[-1] and (not sides or short >= 1.25 * sides[-1]):
        sides.append(short)
    return tuple(_rung(picture, side) for side in sides)


def _rung(picture: Picture, side: int) -> Rung:
    scale = Fraction(side, min(picture.width, picture.height))
    # a picture half the size needs about a third of the bits
    kbps = max(100, round(TOP_KBPS * (side / STANDARD[-1]) ** 1.5))
    width, height = _even(picture.width * scale), _even(picture.height * scale)
    # rounding to even must not enlarge either
    return Rung(f"{side}p", min(width, picture.width // 2 * 2 or 2), min(height, picture.height // 2 * 2 or 2), kbps)


def _even(length: Fraction | float) -> int:
    """Chroma is stored for pairs of pixels."""
    return max(2, 2 * round(length / 2))


def frame_rate(fps: Fraction) -> Fraction:
    """At most about 30 frames a second, by whole divisions so that motion stays even; 30 when unknown."""
    if not 1 <= fps <= 1000:
        return Fraction(30)
    while fps > 31:
        fps /= 2
    return fps.limit_denominator(1001)


async def make(path: Path, source: Source, folder: Path) -> Artifacts:
    """Write all artifacts of `path` into `folder`. Raises UnusableError when it is empty, too long or cut short."""
    duration = source.duration or await ffmpeg.measure(path)
    if not 0 < duration <= MAX_SECONDS:
        raise UnusableError("The recording is empty." if duration <= 0 else "The recording is longer than three hours.")
    steps = rungs(source.picture) if source.picture else ()
    for name in [*(rung.name for rung in steps), *(["audio"] if source.audio is not None else [])]:
        (folder / "hls" / name).mkdir(parents=True)
    await ffmpeg.convert(arguments(path, source, steps, duration), folder=folder, seconds=120 + 20 * duration)
    played = _played_seconds(folder, f"hls/{steps[0].name}/index.m3u8" if steps else AUDIO_PLAYLIST)
    if played < duration * (1 - LENGTH_TOLERANCE) - 1:
        raise UnusableError("The file was cut short.")
    if steps:
        (folder / THUMBNAILS).write_text(_thumbnail_track(_tile_height(steps), duration), encoding="utf-8")
    return Artifacts(
        playlist=MASTER,
        thumb=POSTER if steps else None,
        audio=SOUND if source.audio is not None else None,
        width=steps[-1].width if steps else None,
        height=steps[-1].height if steps else None,
        duration=played,
        mime_type="video/mp4" if steps else "audio/mp4",
    )


def arguments(path: Path, source: Source, steps: tuple[Rung, ...], duration: float) -> list[str]:
    """FFmpeg's arguments for the one run: what each output is made of, then the outputs."""
    filters: list[str] = []
    outputs: list[str] = []
    if source.picture:
        filters += _picture_filters(source.picture, steps, duration)
        outputs += _stills()
    if source.audio is not None:
        filters.append(
            f"[0:{source.audio}]aresample=48000:async=1:first_pts=0,loudnorm=I=-16:TP=-1.5:LRA=11,"
            "aresample=48000,aformat=channel_layouts=stereo,asplit=2[heard][kept]"
        )
        outputs += ["-map", "[kept]", *_CLEAN, *_aac(), "-movflags", "+faststart", SOUND]
    outputs += _hls(steps, source.audio is not None)
    return [*ffmpeg.reading(path), "-filter_complex", ";".join(filters), *outputs]


def _picture_filters(picture: Picture, steps: tuple[Rung, ...], duration: float) -> list[str]:
    names = "".join(f"[raw{number}]" for number in range(len(steps)))
    chains = [f"[0:{picture.stream}]fps={frame_rate(picture.fps)},split={len(steps) + 2}{names}[posed][sampled]"]
    for number, rung in enumerate(steps):
        chains.append(f"[raw{number}]scale={rung.width}:{rung.height},setsar=1,format=yuv420p[seen{number}]")
    best, every, pose = steps[-1], _tile_seconds(duration), min(1.0, duration / 2)
    chains.append(f"[posed]select=gte(t\\,{pose:.3f}),scale={best.width}:{best.height},setsar=1[poster]")
    count = _tile_count(duration)
    chains.append(
        f"[sampled]select=isnan(prev_selected_t)+gte(t-prev_selected_t\\,{every:.3f}-0.001),"
        f"scale={TILE_WIDTH}:{_tile_height(steps)},setsar=1,"
        f"tile={min(count, TILE_COLUMNS)}x{math.ceil(count / TILE_COLUMNS)}:nb_frames={count}[sprite]"
    )
    return chains


def _stills() -> list[str]:
    still = [*_CLEAN, "-frames:v", "1", "-update", "1", "-q:v"]
    return ["-map", "[poster]", *still, "3", POSTER, "-map", "[sprite]", *still, "5", SPRITE]


def _aac() -> list[str]:
    return ["-c:a", "aac", "-b:a", "128k", "-ar", "48000"]


def _hls(steps: tuple[Rung, ...], audible: bool) -> list[str]:
    """One HLS output with all renditions: a single muxer keeps their segments aligned."""
    given: list[str] = []
    for number, rung in enumerate(steps):
        rate = [f"-maxrate:v:{number}", f"{rung.kbps}k", f"-bufsize:v:{number}", f"{2 * rung.kbps}k"]
        given += ["-map", f"[seen{number}]", *rate]
    if steps:
        given += ["-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-profile:v", "main", "-sc_threshold", "0"]
        given += ["-force_key_frames", f"expr:gte(t,n_forced*{SEGMENT_SECONDS})"]
    if audible:
        given += ["-map", "[heard]", *_aac()]
    group = ",agroup:sound" if audible else ""
    streams = [f"v:{number}{group},name:{rung.name}" for number, rung in enumerate(steps)]
    if audible:
        streams.append(f"a:0{group},name:audio,default:yes" if steps else "a:0,name:audio")
    return [
        *(*given, *_CLEAN, "-f", "hls", "-hls_time", str(SEGMENT_SECONDS), "-hls_playlist_type", "vod"),
        *("-hls_segment_type", "fmp4", "-hls_flags", "independent_segments", "-hls_fmp4_init_filename", "init.mp4"),
        *("-hls_segment_filename", "hls/%v/%05d.m4s", "-master_pl_name", Path(MASTER).name),
        *("-var_stream_map", " ".join(streams), "hls/%v/index.m3u8"),
    ]


def _played_seconds(folder: Path, playlist: str) -> float:
    listed = (folder / playlist).read_text(encoding="utf-8")
    return sum(float(length) for length in re.findall(r"^#EXTINF:([0-9.]+)", listed, re.MULTILINE))


def _tile_seconds(duration: float) -> float:
    return max(1.0, duration / TILES)


def _tile_count(duration: float) -> int:
    return max(1, min(TILES, math.ceil(duration / _tile_seconds(duration) - 0.001)))


def _tile_height(steps: tuple[Rung, ...]) -> int:
    return _even(TILE_WIDTH * steps[-1].height / steps[-1].width)


def _thumbnail_track(height: int, duration: float) -> str:
    """The WebVTT track that says which part of the sprite shows which seconds."""
    every, cues = _tile_seconds(duration), ["WEBVTT\n"]
    for number in range(_tile_count(duration)):
        start, end = number * every, min((number + 1) * every, duration)
        row, column = divmod(number, TILE_COLUMNS)
        place = f"{SPRITE}#xywh={column * TILE_WIDTH},{row * height},{TILE_WIDTH},{height}"
        cues.append(f"{_clock(start)} --> {_clock(end)}\n{place}\n")
    return "\n".join(cues)


def _clock(seconds: float) -> str:
    """Seconds as WebVTT writes them: 00:01:02.500."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(int(minutes), 60)
    return f"{hours:02d}:{minutes:02d}:{rest:06.3f}"
