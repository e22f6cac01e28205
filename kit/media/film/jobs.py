"""Film work as plain functions of picklable arguments, for a process of its own.

Each writes into `workdir` and keeps speech and layers in `workdir/cache`, so that a repeated attempt only draws and encodes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

from kit.media.film.assemble import assemble
from kit.media.film.audition import audition_scene, render_audition
from kit.media.film.cache import Cache
from kit.media.film.clip import render_clip
from kit.media.film.facts import ClipFacts, ClipResult, EpisodeFacts
from kit.media.illustration import scene_layers
from kit.media.specs import CharacterSpec, SceneSpec
from kit.speech.casting import cast_voices, choose_voice
from kit.speech.say import speak
from kit.speech.shapes import Voice

Progress = Callable[[float], None]


def _named(kind: str, workdir: Path, *parts: object) -> Path:
    """A file name that only the same work gets: ids may hold anything, so they do not become part of a path."""
    key = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:20]
    return workdir / f"{kind}-{key}.mp4"


def _kept(out: Path, facts: ClipFacts) -> ClipResult:
    timeline = out.with_suffix(".json")
    timeline.write_text(json.dumps(facts.timeline, ensure_ascii=False), encoding="utf-8")
    return ClipResult(out, timeline, facts.duration)


def make_clip(
    scene: SceneSpec,
    duration: float | None,
    workdir: Path,
    *,
    voices: Mapping[str, Voice] | None = None,
    progress: Progress | None = None,
) -> ClipResult:
    """Paint, voice and render a scene as an MP4 with its timeline as JSON.

    `voices` are those of the whole drama by character id; left out, the scene's cast is voiced on its own, which gives a character the same
    voice in every scene unless two of a scene want one voice. Raises MediaError when the scene cannot be filmed.
    """
    cache = Cache(workdir / "cache")
    chosen = dict(voices) if voices is not None else cast_voices(scene.cast, scene.language)
    out = _named("clip", workdir, asdict(scene), duration, {k: asdict(v) for k, v in chosen.items()})
    layers = cache.layers(scene_layers, scene)
    facts = render_clip(
        scene, layers, chosen, out, duration=duration, progress=progress, speak=partial(cache.speech, speak)
    )
    return _kept(out, facts)


def make_audition(
    character: CharacterSpec,
    language: str,
    workdir: Path,
    *,
    voice: Voice | None = None,
    progress: Progress | None = None,
) -> ClipResult:
    """Paint, voice and render a character's audition. `voice` is its voice in the drama, when one has been chosen."""
    cache = Cache(workdir / "cache")
    chosen = voice or choose_voice(character, language)
    out = _named("audition", workdir, asdict(character), language, asdict(chosen))
    layers = cache.layers(scene_layers, audition_scene(character, language))
    said = partial(cache.speech, speak)
    return _kept(out, render_audition(character, layers, chosen, language, out, progress=progress, speak=said))


def make_episode(
    paths: Sequence[Path], workdir: Path, *, progress: Progress | None = None
) -> tuple[Path, EpisodeFacts]:
    """Assemble and check an episode of the clips at `paths`, in order; returns the file and its facts. Raises MediaError."""
    out = _named("episode", workdir, [str(p) for p in paths])
    return out, assemble(paths, out, progress=progress)
