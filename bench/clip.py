"""Is a clip drawn nearly as fast as a film of its size can be encoded at all?

Renders a 10 s clip of two talking people (layers and speech cached, music and mixing not) and, turn about in the same run, encodes
the same pictures with plain ffmpeg: x264 veryfast at the same quality, from the finished clip and from a raw file. Prints every value
and the ratio of medians against the re-encode. Usage: python bench/clip.py [ROUNDS]
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from kit.media.ffmpeg import run, source
from kit.media.film.cache import Cache
from kit.media.film.clip import render_clip
from kit.media.film.facts import VIDEO_ARGS
from kit.media.illustration import scene_layers
from kit.media.specs import CharacterSpec, LineSpec, SceneSpec
from kit.speech.casting import cast_voices
from kit.speech.say import speak

PROMISE = 1.5


def _scene() -> SceneSpec:
    cast = (
        CharacterSpec(
            "daniel",
            "Daniel",
            "a tired surgeon in his forties, dark hair",
            "male",
            "low, gravelly, slow, American",
            True,
        ),
        CharacterSpec("mia", "Mia", "a young nurse with red hair", "female", "bright, fast, American"),
    )
    lines = (
        LineSpec("daniel", "You told me the letter was burned.", "angry"),
        LineSpec("mia", "I lied. I wanted you to live, even if you hated me for it.", "sad"),
    )
    return SceneSpec("bench", "A street at night.", "Two people on a street at night.", cast, lines, "en", seed=7)


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main(rounds: int = 3) -> int:
    """Print all values; 1 when the promise is broken."""
    scene = _scene()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cache = Cache(folder / "cache")
        layers, voices = cache.layers(scene_layers, scene), cast_voices(scene.cast, scene.language)
        clip, plain, raw = folder / "clip.mp4", folder / "plain.mp4", folder / "raw.yuv"
        render = partial(render_clip, scene, layers, voices, clip, duration=10.0, speak=partial(cache.speech, speak))
        print(f"cold (speech not cached): {_timed(render):.2f} s")
        run([*source(clip), "-an", "-f", "rawvideo", "-y", str(raw)], timeout=300)
        form = ["-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", f"{layers.width}x{layers.height}", "-r", "30"]
        peers = {
            "re-encode": [*source(clip), *VIDEO_ARGS, "-c:a", "copy", "-y", str(plain)],
            "raw encode": [*form, *source(raw), *VIDEO_ARGS, "-y", str(plain)],
        }
        values: dict[str, list[float]] = {"clip": [], **{name: [] for name in peers}}
        for _ in range(rounds):
            values["clip"].append(_timed(render))
            for name, args in peers.items():
                values[name].append(_timed(partial(run, args, timeout=300)))
    for name, seconds in values.items():
        print(f"{name:11s} {' '.join(f'{s:6.2f}' for s in seconds)}  median {statistics.median(seconds):.2f} s")
    for name in peers:
        each = " ".join(f"{a / b:.2f}" for a, b in zip(values["clip"], values[name], strict=True))
        print(
            f"clip / {name}: {each}  of medians {statistics.median(values['clip']) / statistics.median(values[name]):.2f}"
        )
    ratio = statistics.median(values["clip"]) / statistics.median(values["re-encode"])
    print(f"promise: at most {PROMISE}: {'kept' if ratio <= PROMISE else 'BROKEN'}")
    return int(ratio > PROMISE)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 3))
