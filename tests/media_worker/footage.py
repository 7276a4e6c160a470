"""Footage made with the bundled FFmpeg: what phones send, and what attackers do."""

from __future__ import annotations

import struct
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import imageio_ffmpeg

SMPTE = "testsrc2=size={width}x{height}:rate={rate}:duration={seconds}"
TONE = "sine=frequency=440:sample_rate=48000:duration={seconds}"
TOLD = "filmed at home"
RIGHT_TOP = 6  # EXIF: to be turned by 90° to the right


@dataclass
class Footage:
    """Makes each file once and keeps it in `folder`."""

    folder: Path
    _made: dict[str, Path] = field(default_factory=dict)

    def video(
        self, width: int = 1280, height: int = 720, seconds: float = 6, *, sound: bool = True, rate: int = 30
    ) -> Path:
        """H.264 with AAC in MP4, the index at the end, as phones write it."""
        inputs = ["-f", "lavfi", "-i", SMPTE.format(width=width, height=height, rate=rate, seconds=seconds)]
        if sound:
            inputs += ["-f", "lavfi", "-i", TONE.format(seconds=seconds)]
        name = f"{width}x{height}-{seconds}s-{rate}fps-{'sound' if sound else 'silent'}.mp4"
        codecs = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"]
        return self.made(name, [*inputs, *codecs, "-metadata", f"comment={TOLD}"])

    def turned(self) -> Path:
        """Filmed upright: stored lying, with the note to turn it."""
        return self.made("turned.mp4", ["-display_rotation", "90", "-i", str(self.video()), "-c", "copy"])

    def without_length(self) -> Path:
        """As browsers record: WebM whose header does not say how long it is."""
        live = ["-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus", "-live", "1"]
        return self.made("recorded.webm", ["-i", str(self.video(320, 240, 3)), *live, "-f", "webm"])

    def sound(self) -> Path:
        """A song with a cover."""
        cover = ["-f", "lavfi", "-i", "color=red:size=64x64:duration=0.04", "-map", "0", "-map", "1"]
        kept = ["-c:v", "mjpeg", "-disposition:v:0", "attached_pic"]
        return self.made("song.mp3", ["-f", "lavfi", "-i", TONE.format(seconds=5), *cover, *kept])

    def photo(self, width: int = 640, height: int = 480, kind: str = "jpg") -> Path:
        """A photo as JPEG, PNG or WebP."""
        source = SMPTE.format(width=width, height=height, rate=1, seconds=1)
        return self.made(f"photo-{width}x{height}.{kind}", ["-f", "lavfi", "-i", source, "-frames:v", "1"])

    def photo_with_place(self) -> Path:
        """A JPEG that is to be turned and says where it was taken."""
        target = self.folder / "place.jpg"
        plain = self.photo().read_bytes()
        target.write_bytes(plain[:2] + _exif(RIGHT_TOP) + plain[2:])
        return target

    def made(self, name: str, arguments: list[str]) -> Path:
        """FFmpeg's output for these arguments."""
        if name not in self._made:
            target = self.folder / name
            program = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-nostdin", "-y", *arguments, str(target)]
            subprocess.run(program, check=True, timeout=60)
            self._made[name] = target
        return self._made[name]


def _exif(orientation: int) -> bytes:
    """An APP1 segment with an orientation and a GPS latitude reference, "N"."""
    entries = struct.pack("<HHII", 0x0112, 3, 1, orientation) + struct.pack("<HHII", 0x8825, 4, 1, 38)
    gps = struct.pack("<H", 1) + struct.pack("<HHI4s", 1, 2, 2, b"N\0\0\0") + struct.pack("<I", 0)
    tiff = b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", 2) + entries + struct.pack("<I", 0) + gps
    body = b"Exif\0\0" + tiff
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body
