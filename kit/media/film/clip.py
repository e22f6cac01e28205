"""One scene as a film: camera, actors, lips, voices and music, drawn and encoded in one pass."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kit.media.ffmpeg import feed, run, source
from kit.media.film import acting, camera, script, sound
from kit.media.film.actors import Actor
from kit.media.film.facts import FPS, SOUND_ARGS, VIDEO_ARGS, ClipFacts
from kit.media.film.planes import Box, Frame, Plate, decode, plate, trimmed, without
from kit.media.illustration.layers import SceneLayers
from kit.media.specs import SceneSpec
from kit.speech.say import speak as speak_now
from kit.speech.shapes import Voice

Progress = Callable[[float], None]
_TIMEOUT = 600.0


def render_clip(
    scene: SceneSpec,
    layers: SceneLayers,
    voices: Mapping[str, Voice],
    out: Path,
    *,
    duration: float | None = None,
    progress: Progress | None = None,
    speak: script.Speak = speak_now,
) -> ClipFacts:
    """Render a scene to `out` (MP4: H.264 of the layers' size at 30 fps, AAC 48 kHz stereo at -14 LUFS) with its timeline.

    `duration` is the wished length in seconds; speech may stretch it to 20 s. `progress` is called with 0.0 to 1.0. `speak` may be a cache
    before `kit.speech.say.speak`. The same arguments always draw the same pictures. Raises MediaError when the lines do not fit, a layer
    cannot be read or encoding fails.
    """
    written = script.write(scene, voices, speak, duration, FPS)
    frames = round(written.duration * FPS)
    kind = camera.MOVES[scene.seed % len(camera.MOVES)]
    move = camera.plan(kind, layers.width, layers.height, layers.background_scale, written.duration)
    mood = sound.mood_of(scene)
    places = _places(layers)
    with tempfile.TemporaryDirectory(prefix="clip-", dir=out.parent) as name, ThreadPoolExecutor(1) as aside:
        folder = Path(name)
        heard = aside.submit(
            _record, written, mood, scene.seed, places, folder
        )  # while the pictures are drawn and encoded
        stage = _Stage(scene, layers, written, move)
        size = f"{layers.width}x{layers.height}"
        raw = [
            "-f",
            "rawvideo",
            "-pix_fmt",
            "yuv420p",
            "-s",
            size,
            "-r",
            str(FPS),
            "-color_range",
            "tv",
            "-colorspace",
            "bt709",
        ]
        seen, made = folder / "seen.mp4", folder / "clip.mp4"
        with feed([*raw, "-i", "pipe:0", "-vf", "setsar=1", *VIDEO_ARGS, "-y", str(seen)], timeout=_TIMEOUT) as write:
            told = 0.0
            for index in range(frames):
                write(stage.frame(index).data)
                if progress is not None and time.monotonic() - told > 0.25:
                    told = time.monotonic()
                    progress(index / frames)
        both = [*source(seen), *source(heard.result()), "-map", "0:v", "-map", "1:a", "-c", "copy"]
        run([*both, "-video_track_timescale", "15360", "-movflags", "+faststart", "-y", str(made)], timeout=_TIMEOUT)
        made.replace(out)
    if progress is not None:
        progress(1.0)
    score = {"mood": mood, "seed": scene.seed}
    return ClipFacts(written.duration, written.timeline(asdict(move), score))


def _record(written: script.Script, mood: str, seed: int, places: Mapping[str, float], folder: Path) -> Path:
    """Mix and encode the sound of a clip into `folder`."""
    track, encoded = folder / "sound.wav", folder / "sound.m4a"
    sound.write_wav(track, sound.mix(written, mood, seed, places))
    run([*source(track), *SOUND_ARGS, "-y", str(encoded)], timeout=_TIMEOUT)
    return encoded


def _places(layers: SceneLayers) -> dict[str, float]:
    """Where each character is heard: its place in the row of actors, from left (-1) to right (1)."""
    row = sorted(layers.actors, key=lambda actor: actor.patch_x)
    return {actor.character_id: (2 * index + 1) / len(row) - 1 for index, actor in enumerate(row)}


class _Stage:
    """Everything that a clip's frames are put together from, drawn ahead where it can be."""

    def __init__(self, scene: SceneSpec, layers: SceneLayers, written: script.Script, move: camera.Move) -> None:
        size = (layers.width, layers.height)
        self._frames = round(written.duration * FPS)
        self._frame = Frame(*size)
        self._camera = camera.Camera(plate(decode(layers.background, "RGB")), *size, move)
        front = None
        if layers.foreground is not None:
            front = trimmed(plate(decode(layers.foreground, "RGBA")), *size)
        actors = [Actor(layer, *size, front) for layer in layers.actors]
        self._front: tuple[Plate, ...] = (front,) if front else ()
        for hidden in (actor.hidden() for actor in actors):
            self._front = tuple(part for piece in self._front for part in without(piece, _within(piece, hidden)))
        self._played = []
        for actor, layer in zip(actors, layers.actors, strict=True):
            first = next(iter(layer.patches), None)
            emotion = first.emotion if first else "neutral"
            performance = acting.perform(layer.character_id, emotion, written, self._frames, FPS, scene.seed)
            self._played.append((actor, performance))

    def frame(self, index: int) -> NDArray[np.uint8]:
        """Frame `index` as rawvideo yuv420p, valid until the next call."""
        self._camera.shoot(self._frame, index / max(1, self._frames - 1))
        for piece in self._front:
            self._frame.put(piece)
        for actor, performance in self._played:
            state = performance.states[index]
            for piece in actor.pieces(state):
                self._frame.put(piece)
            face = actor.face(state, performance.faces[index])
            if face is not None:
                self._frame.put(face)
        return self._frame.data


def _within(layer: Plate, box: Box | None) -> Box | None:
    """A rectangle of the frame in the pixels of a plate."""
    return (box[0] - layer.x, box[1] - layer.y, box[2] - layer.x, box[3] - layer.y) if box else None
