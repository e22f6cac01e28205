"""A very small real film, for whoever must hand over a video without making one: moving picture, sound, index at the front."""

from __future__ import annotations

import zlib
from pathlib import Path

from kit.media.ffmpeg import run


def tiny_film(seconds: float, text: str, path: Path) -> None:
    """Write a 720x1280 H.264 and AAC film of `seconds` to `path`; `text` decides its colours and its chord.

    Colours drift over a moving gradient, so no two frames are alike, and two texts give two films. Raises MediaError when ffmpeg fails.
    """
    seed = zlib.crc32(text.encode())
    colours = ":".join(
        f"c{i}=0x{(seed >> (5 * i)) & 0xFF | 0x40:02x}{(seed >> (7 * i)) & 0xFF:02x}{(seed >> i) & 0xFF | 0x30:02x}"
        for i in range(3)
    )
    root = 196 + seed % 12 * 11
    chord = "+".join(
        f"0.08*sin({2 * 3.14159265 * root * ratio:.3f}*t)*(0.7+0.3*sin(5*t+{ratio}))" for ratio in (1, 1.25, 1.5)
    )
    picture = f"gradients=s=720x1280:r=30:n=3:{colours}:seed={seed & 0xFFFF}:speed=0.06:d={seconds:.3f}"
    sound = f"aevalsrc='{chord}|{chord}':s=48000:d={seconds:.3f}"
    encode = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "96k"]
    lavfi = ["-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound]
    run(
        [*lavfi, *encode, "-t", f"{seconds:.3f}", "-movflags", "+faststart", "-f", "mp4", "-y", str(path)],
        timeout=60 + 10 * seconds,
    )
