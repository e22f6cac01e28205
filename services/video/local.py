"""The local film maker's work, as plain functions for a subprocess; what is heavy is imported inside.

Every function works in `folder`, notes its progress there and raises `Stopped` when the folder says that nobody wants the film any more.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from kit.media.specs import CharacterSpec, SceneSpec
from kit.telemetry import span
from services.video.foreign import HEIGHT, WIDTH, Film
from services.video.workdir import teller


def clip(folder: Path, scene: SceneSpec, cast: Sequence[CharacterSpec], seconds: float) -> Film:
    """Films one scene for about `seconds`. Voices are chosen among the whole cast, so that each keeps its own in every scene."""
    from kit.media.film.clip import render_clip
    from kit.media.illustration import scene_layers
    from kit.speech.casting import cast_voices

    tell = teller(folder)
    with span("model.film.layers", scene=scene.id):
        layers = scene_layers(scene)
    tell(0.1)
    path = folder / "film.mp4"
    with span("model.film.clip", scene=scene.id, seconds=seconds):
        facts = render_clip(
            scene,
            layers,
            cast_voices(cast, scene.language),
            path,
            duration=seconds,
            progress=lambda done: tell(0.1 + 0.9 * done),
        )
    return Film(path, _written(folder, facts.timeline), facts.duration, WIDTH, HEIGHT)


def _written(folder: Path, timeline: dict[str, object]) -> Path:
    path = folder / "timeline.json"
    path.write_text(json.dumps(timeline, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
    return path


def audition(
    folder: Path, who: CharacterSpec, cast: Sequence[CharacterSpec], language: str, style: str, seed: int
) -> Film:
    """Films one character who tells in its own voice who it is, about ten seconds."""
    from kit.media.film.jobs import make_audition

    tell = teller(folder)
    with span("model.film.audition", character=who.id):
        made = make_audition(who, language, folder, cast=tuple(cast), style=style, seed=seed, progress=tell)
    return Film(made.path, made.timeline_path, made.duration, WIDTH, HEIGHT)


def episode(folder: Path, paths: Sequence[Path]) -> Film:
    """Joins an episode's clips, in order, and checks the film that comes out."""
    from kit.media.film.jobs import make_episode

    tell = teller(folder)
    with span("encoder.join", clips=len(paths)):
        made = make_episode(tuple(paths), folder, progress=tell)
    return Film(made.path, made.timeline_path, made.duration, WIDTH, HEIGHT)
