"""From a scene's words to its layers, and from the layers to the storyboard."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from kit.media.illustration import mood, settings
from kit.media.illustration.actors import Actor, Frame, draw_actor, layer_of
from kit.media.illustration.layers import Grade, SceneLayers
from kit.media.illustration.looks import looks_for
from kit.media.illustration.mood import Air
from kit.media.illustration.raster import Bytes, encode_png, noise, over, render_svg
from kit.media.illustration.scenery.draw import HIGH, WIDE, Canvas
from kit.media.illustration.scenery.places import paint_back, paint_front
from kit.media.illustration.staging import emotions_of, stage
from kit.media.specs import CharacterSpec, SceneSpec

BACKGROUND_SCALE = 1.2
_BACK_DETAIL = 0.72  # the background is drawn smaller and enlarged: it is out of focus anyway
_FRONT_DETAIL = 0.5


@dataclass(frozen=True)
class _Parts:
    frame: Frame
    framing: str
    background: Bytes
    actors: list[Actor]
    foreground: Bytes
    grade: Grade


def scene_layers(
    scene: SceneSpec, *, cast: Sequence[CharacterSpec] = (), width: int = 1080, height: int = 1920
) -> SceneLayers:
    """Return the scene taken apart for the film maker, the same for the same scene and size. `cast` is the drama's whole cast: with it the
    actors look exactly as in portraits drawn with the same cast."""
    parts = _build(scene, cast, width, height)
    actors = []
    for actor in parts.actors:
        said = emotions_of(scene, actor.mark.character.id)
        actors.append(layer_of(actor, parts.frame, tuple(dict.fromkeys((*said, "neutral")))))
    return SceneLayers(
        width,
        height,
        encode_png(parts.background),
        BACKGROUND_SCALE,
        tuple(actors),
        encode_png(parts.foreground),
        parts.grade,
        parts.framing,
    )


def draw_storyboard(
    scene: SceneSpec, *, cast: Sequence[CharacterSpec] = (), seed: int = 0, width: int = 1080, height: int = 1920
) -> bytes:
    """Return the scene as one RGB PNG: exactly its layers put over each other. `seed` is added to the scene's own;
    `cast` as for `scene_layers`."""
    if seed:
        scene = replace(scene, seed=scene.seed + seed)
    parts = _build(scene, cast, width, height)
    full = parts.background
    x, y = (full.shape[1] - width) // 2, (full.shape[0] - height) // 2
    out = full[y : y + height, x : x + width].copy()
    for actor in parts.actors:
        over(out, actor.pixels, actor.x, actor.y)
    over(out, parts.foreground, 0, 0)
    return encode_png(out)


def _build(scene: SceneSpec, cast: Sequence[CharacterSpec], width: int, height: int) -> _Parts:
    place = settings.place_of(scene.description, scene.prompt, scene.seed)
    air = mood.air_of(
        f"{scene.description} {scene.prompt}", settings.usual_hour(place), lamps=place not in settings.UNLIT
    )
    frame = Frame.of(width, height)
    framing, marks = stage(scene, looks_for(scene.cast) | looks_for(cast))
    background = draw_background(place, air, frame, scene.seed)
    actors = [draw_actor(mark, frame, air.light) for mark in marks]
    grade = Grade(place, air.time, air.weather, air.light.key, air.near, air.accent)
    return _Parts(
        frame,
        framing,
        background,
        actors,
        draw_foreground(place, air, frame, scene.seed, framing if marks else "empty"),
        grade,
    )


def draw_background(place: str, air: Air, frame: Frame, seed: int) -> Bytes:
    """Return the place as RGB pixels, `BACKGROUND_SCALE` times the frame."""
    canvas = Canvas(air, random.Random(f"{place} {seed}"))
    paint_back(place, canvas)
    width, height = round(frame.width * BACKGROUND_SCALE), round(frame.height * BACKGROUND_SCALE)
    w, h = width / frame.scale, height / frame.scale
    view = ((WIDE - w) / 2, (HIGH - h) / 2, w, h)
    small = render_svg(
        "".join(canvas.marks), view, max(8, round(width * _BACK_DETAIL)), max(8, round(height * _BACK_DETAIL))
    )
    picture = np.array(Image.fromarray(small[..., :3]).resize((width, height), Image.Resampling.BICUBIC))
    grain = np.rint(noise((height, width), seed, 1.6)).astype(np.int16)
    return np.clip(picture + grain[..., None], 0, 255).astype(np.uint8)


def draw_foreground(place: str, air: Air, frame: Frame, seed: int, framing: str) -> Bytes:
    """Return what is in front of the actors, as RGBA pixels of the frame's size: things, weather, the fall of light to the edges."""
    canvas = Canvas(air, random.Random(f"front {place} {seed}"))
    paint_front(place, canvas, framing)
    w, h = frame.width / frame.scale, frame.height / frame.scale
    view = ((WIDE - w) / 2, (HIGH - h) / 2, w, h)
    small = render_svg(
        "".join(canvas.marks),
        view,
        max(8, round(frame.width * _FRONT_DETAIL)),
        max(8, round(frame.height * _FRONT_DETAIL)),
    )
    return np.array(Image.fromarray(small).resize((frame.width, frame.height), Image.Resampling.BICUBIC))
