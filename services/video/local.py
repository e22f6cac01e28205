"""The local film maker's work, as plain functions for a subprocess; what is heavy is imported inside.

Every function works in `folder`, notes its progress there and raises `Stopped` when the folder says that nobody wants the film any more.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from kit.media.specs import CharacterSpec, SceneSpec
from kit.telemetry import span
from services.video.foreign import HEIGHT, WIDTH, Film
from services.video.workdir import teller

AUDITION_SECONDS = 10.0


def clip(folder: Path, scene: SceneSpec, cast: Sequence[CharacterSpec], seconds: float, wish: str = "") -> Film:
    """Films one scene for about `seconds`. Voices and looks are chosen among the whole cast: each keeps its own in every scene.

    The picture is that of the scene's words, as on its storyboard; the place is heard as `wish`, the film's own words, says too.
    """
    from kit.media.film.clip import render_clip
    from kit.media.illustration import scene_layers
    from kit.speech.casting import cast_voices

    tell = teller(folder)
    with span("model.film.layers", scene=scene.id):
        layers = scene_layers(scene, cast=tuple(cast))
    tell(0.1)
    path = folder / "film.mp4"
    with span("model.film.clip", scene=scene.id, seconds=seconds):
        facts = render_clip(
            # One seed for the whole drama would move every camera alike; the layers keep it, for they must be the storyboard's.
            replace(
                scene, seed=zlib.crc32(f"{scene.seed}|{scene.id}".encode()), prompt=f"{scene.prompt} {wish}".strip()
            ),
            layers,
            cast_voices(cast, scene.language),
            path,
            duration=seconds,
            progress=lambda done: tell(0.1 + 0.9 * done),
        )
    return Film(path, _written(folder, facts.timeline), facts.duration, WIDTH, HEIGHT)


def audition(
    folder: Path,
    who: CharacterSpec,
    cast: Sequence[CharacterSpec],
    language: str,
    wish: str = "",
    seconds: float = AUDITION_SECONDS,
) -> Film:
    """Films one character who tells in its own voice who it is; look and voice are those it has in the drama.

    `wish` is what somebody wants to see instead of a quiet studio. The film is about `seconds` long.
    """
    from kit.media.film.audition import audition_scene
    from kit.media.film.clip import render_clip
    from kit.media.illustration import scene_layers
    from kit.speech.casting import cast_voices

    tell = teller(folder)
    scene = audition_scene(who, language)
    if wish.strip():
        scene = replace(scene, description=f"{who.name}. {wish}", prompt=wish)
    with span("model.film.layers", scene=scene.id):
        layers = scene_layers(scene, cast=tuple(cast))
    tell(0.1)
    path = folder / "film.mp4"
    voices = {who.id: cast_voices(cast, scene.language)[who.id]}
    with span("model.film.audition", character=who.id):
        facts = render_clip(scene, layers, voices, path, duration=seconds, progress=lambda done: tell(0.1 + 0.9 * done))
    return Film(path, _written(folder, facts.timeline), facts.duration, WIDTH, HEIGHT)


def episode(folder: Path, paths: Sequence[Path], timelines: Sequence[Path | None]) -> Film:
    """Joins an episode's clips, in order, and checks the film that comes out; its timeline is that of its clips, one after another."""
    from kit.media.film.assemble import assemble
    from kit.media.probe import probe

    path = folder / "film.mp4"
    with span("encoder.join", clips=len(paths)):
        facts = assemble(paths, path, progress=teller(folder))
    parts = [(probe(clip).duration, _read(told)) for clip, told in zip(paths, timelines, strict=True)]
    timeline = _written(folder, joined(parts)) if any(told for _, told in parts) else None
    return Film(path, timeline, facts.duration, WIDTH, HEIGHT)


def joined(parts: Sequence[tuple[float, Mapping[str, Any]]]) -> dict[str, object]:
    """Returns the timeline of films shown one after another, from each one's length in seconds and timeline (empty: unknown)."""
    utterances: list[dict[str, object]] = []
    start = 0.0
    for seconds, told in parts:
        utterances += [_later(said, start) for said in told.get("utterances", ())]
        start += seconds
    known = [told for _, told in parts if told]
    return {
        "version": max((int(told.get("version", 1)) for told in known), default=1),
        "exact": len(known) == len(parts) and all(told.get("exact", True) for told in known),
        "duration": round(start, 4),
        "language": next((str(told["language"]) for told in known if told.get("language")), "en"),
        "utterances": utterances,
        "camera": {},
        "music": {},
    }


def _later(said: Mapping[str, Any], seconds: float) -> dict[str, object]:
    """An utterance moved by `seconds`, with its words and phones."""

    def moved(entry: Mapping[str, Any]) -> dict[str, object]:
        return {**entry, **{at: round(entry[at] + seconds, 4) for at in ("start", "end") if at in entry}}

    parts = {name: [moved(entry) for entry in said.get(name, ())] for name in ("words", "phones")}
    return {**moved(said), **parts}


def _read(path: Path | None) -> Mapping[str, Any]:
    told = json.loads(path.read_text(encoding="utf-8")) if path is not None else {}
    return told if isinstance(told, dict) else {}


def _written(folder: Path, timeline: dict[str, object]) -> Path:
    path = folder / "timeline.json"
    path.write_text(json.dumps(timeline, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
    return path
